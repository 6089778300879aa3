"""Which hours cost far more than the hours before, and who called in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from costper.economics.calls import NO_COST, Amount, Used, added, share
from costper.economics.trend import ratio
from costper.model.answer import Absent, Answer, Measure, Row
from costper.model.instant import hour_text
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.awaited import awaited
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.parts import dearest
from costper.pipeline.llm.read import HOURLY, USER_HOURLY, Calls, ask, read_by, sum_sql
from costper.pipeline.llm.recent import RECENT_NOTE, recent
from costper.pipeline.llm.told import COST_NOTE, Said, days_of, told
from costper.watch.hours import LIMIT, MEMORY, Window, windows

HOUR = timedelta(hours=1)
MEMORY_DAYS = timedelta(days=MEMORY // 24)
MINIMUM = Decimal(1)
SHOWN = 20
WHO = 3
NO_SPREAD = Absent("no_spread")
MEASURES: Mapping[str, Measure] = {"z": "number", "times_usual": "number"}
NOTES = (
    f"an hour is told when its plain z against the {MEMORY} hours before is {LIMIT} or more",
    "it also costs twice their mean and --min more; hours that were told teach the next nothing",
    "what came at the same hour on two days of the week before is usual there, such as a night job",
    "hours next to each other, or one apart, are one window; expected is the mean of those before",
    "all parts are of a window's dear hours alone, as is its cost: a quiet one between is in none",
    "users are by call_cost, the estimate; features, tenants and models by cost of record",
    "where hours are compared by price, all of a window is by price",
    RECENT_NOTE,
    COST_NOTE,
)
NOUNS = ("feature", "tenant", "model")
BY_PRICE = Issue(
    code="compared_by_price",
    message="hours are compared by price (call_cost): of these days and the 14 before, some are "
    "not trued up by an invoice yet",
    severity="info",
    where="llm.calls.invoices",
)


def spikes(frame: Frame, chosen: Chosen, *, minimum: Decimal = MINIMUM) -> Answer:
    """Find the windows of dear hours, the greatest excess first, with who was in them."""
    calls = recent(frame, chosen)
    before = Period(calls.period.start - MEMORY_DAYS, calls.period.end)
    by_price = bool(awaited(replace(calls, period=before)))
    hours = _hours(replace(calls, period=before), by_price=by_price)
    first = (calls.period.start - before.start).days * 24
    begin = datetime.combine(before.start, datetime.min.time(), UTC)
    found = windows(hours, first, minimum)
    found.sort(key=lambda one: (one.expected - one.cost, one.start))
    rows = tuple(_row(calls, one, begin, by_price=by_price) for one in found[:SHOWN])
    days = days_of(calls)
    excess = sum((one.cost - one.expected for one in found), Decimal(0))
    total = {"windows": len(found), "cost": days.total.cost_of_record, "excess": excess}
    issues = (BY_PRICE,) if by_price else ()
    said = Said(notes=NOTES, measures=MEASURES, issues=issues)
    return told(calls, {"noun": "spike"}, rows, total, days, said)


def _hours(calls: Calls, *, by_price: bool) -> list[Decimal]:
    """Give the cost of every hour of the days, zero where nothing was called."""
    cost = "call_cost" if by_price else "cost"
    found = read_by(calls, HOURLY, {"hour": quoted("hour")}, names=(cost,))
    begin = datetime.combine(calls.period.start, datetime.min.time())
    last = calls.frame.now.replace(tzinfo=None)
    many = min(calls.period.days * 24, max(0, int((last - begin) / HOUR) + 1))
    used = (found.get((begin + HOUR * at,), Used()) for at in range(many))
    return [one.call_cost if by_price else one.cost for one in used]


def _row(calls: Calls, window: Window, begin: datetime, *, by_price: bool) -> Row:
    start, end = begin + HOUR * window.start, begin + HOUR * window.end
    inside, dear = _inside(calls, start, end), [begin + HOUR * at for at in window.dear]
    used = read_by(inside, HOURLY, {}, *_within(dear))[()]
    parts = {noun: tuple(_dearest(inside, noun, dear, by_price=by_price)) for noun in NOUNS}
    parts["user"] = tuple(_users(inside, dear))
    return {
        "start": hour_text(start),
        "hours": window.end - window.start,
        "cost": window.cost,
        "expected": window.expected,
        "excess": window.cost - window.expected,
        "times_usual": _times(window),
        "z": NO_SPREAD if window.z is None else window.z.quantize(Decimal("0.01")),
        "calls": used.calls,
        "unpriced_calls": used.unpriced_calls,
        **{f"top_{noun}": str(rows[0][noun]) if rows else "" for noun, rows in parts.items()},
        **{f"{noun}s": rows for noun, rows in parts.items()},
    }


def _times(window: Window) -> Amount:
    return ratio(window.cost, window.expected, 2) if window.expected else Absent("new")


def _inside(calls: Calls, start: datetime, end: datetime) -> Calls:
    last = (end - HOUR).date()
    return replace(calls, period=Period(start.date(), last + timedelta(days=1)))


def _within(hours: Sequence[datetime]) -> tuple[tuple[str], Bound]:
    bound = Bound()
    named = ", ".join(bound.bind(at.replace(tzinfo=None)) for at in hours)
    return (f"{quoted('hour')} IN ({named})",), bound


def _dearest(
    calls: Calls, noun: str, hours: Sequence[datetime], *, by_price: bool
) -> Iterator[Row]:
    read = read_by(calls, HOURLY, {noun: quoted(noun)}, *_within(hours))
    found = {key: used.by_price if by_price else used for key, used in read.items()}
    whole = added(found.values())
    for key in dearest(found)[:WHO]:
        used = found[key]
        yield {
            noun: told_as(key[0]),
            "cost": used.cost_of_record,
            "calls": used.calls,
            "share_percent": share(used.cost, whole.cost, NO_COST),
        }


def _users(calls: Calls, hours: Sequence[datetime]) -> Iterator[Row]:
    """Name who called most dearly; by feature or model the roll-up by hour does not know."""
    chosen = calls.chosen
    if chosen.feature or chosen.model or chosen.provider or chosen.prompt_version or chosen.team:
        return
    where, bound = _within(hours)
    select = Select(
        columns={
            "user": "user_id",
            "kind": "user_kind",
            **{name: sum_sql(name) for name in ("calls", "call_cost")},
        },
        table=USER_HOURLY,
        where=(*calls.where(USER_HOURLY, bound), *where),
        group=("user", "kind"),
    )
    rows = sorted(ask(calls.frame, select, bound), key=lambda row: (-row["call_cost"], row["user"]))
    for row in rows[:WHO]:
        yield {**row, "user": told_as(row["user"])}
