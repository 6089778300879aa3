"""Puts an answer about calls in its envelope, with what may be believed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from costper.economics.calls import SUMMED, Used, added
from costper.economics.coverage import coverage
from costper.model.answer import Answer, Cell, Measure, Row
from costper.model.money import EXACT
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.model.plural import plural
from costper.pipeline.answer.frame import ONE_DAY
from costper.pipeline.calls.fresh import as_of
from costper.pipeline.llm.awaited import awaited, awaited_issues
from costper.pipeline.llm.chosen import ALL
from costper.pipeline.llm.elsewhere import elsewhere
from costper.pipeline.llm.read import HOURLY, Calls, by_columns, read_by
from costper.pipeline.llm.zeroed import unspread, zeroed

USD = "USD"
"""What calls are priced in."""

ENVELOPE = ("calls", "unpriced_calls", "estimated_calls", "call_cost", "cost")
"""The sums an envelope says something of."""

MEASURES: Mapping[str, Measure] = {
    "calls": "number",
    "tokens_per_call": "number",
    "input_tokens_per_call": "number",
    "output_tokens_per_call": "number",
    "attempts_per_operation": "number",
}
COST_NOTE = (
    "cost is of record: by price or as the provider said, until an invoice trues it up; call_cost "
    "stays the estimate"
)
UNPRICED_HINT = "see `costper unpriced`: once they have a price, run `costper reprice --since DAY`"
SHARE_NOTE = "share_percent is of the cost of all calls asked for"
PER_CALL_NOTE = "cost_per_call is cost ÷ calls whose cost is known; unpriced calls are in neither"
TOKENS_NOTE = "tokens are input (cache reads and writes included) + output (reasoning included)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """What the roll-ups hold of the calls asked for; `nobody` is the cost without a customer."""

    by_day: Mapping[date, Used]
    by_kind: Mapping[str, Used]
    nobody: Decimal
    period: Period

    @property
    def total(self) -> Used:
        """Everything of the period."""
        return added(used for day, used in self.by_day.items() if self.period.holds(day))

    @property
    def many(self) -> int:
        """Count the days with calls."""
        return sum(self.period.holds(day) for day in self.by_day)

    @property
    def last(self) -> date | None:
        """The last day with calls."""
        return max(self.by_day, default=None)


def days_of(calls: Calls, names: Sequence[str] = SUMMED) -> Days:
    """Read the days of some calls; only some sums of them, where a question needs no more."""
    keys = {**by_columns("day", "user_kind"), "nobody": "customer = ''"}
    by_day: dict[date, list[Used]] = {}
    by_kind: dict[str, list[Used]] = {}
    nobody = Decimal(0)
    for (day, kind, alone), used in read_by(calls, HOURLY, keys, names=names).items():
        by_day.setdefault(day, []).append(used)
        by_kind.setdefault(kind, []).append(used)
        nobody = EXACT.add(nobody, used.cost) if alone else nobody
    return Days(
        by_day={day: added(some) for day, some in by_day.items()},
        by_kind={kind: added(some) for kind, some in by_kind.items()},
        nobody=nobody,
        period=calls.period,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said beside the rows; `notes` are what the columns mean, and stand in the total."""

    notes: Sequence[str] = ()
    measures: Mapping[str, Measure] = field(default_factory=dict[str, Measure])
    issues: tuple[Issue, ...] = ()
    currency: str = USD


def told(
    calls: Calls,
    question: Mapping[str, Cell],
    rows: Sequence[Row],
    total: Row,
    days: Days,
    said: Said,
) -> Answer:
    """Give the answer; its coverage is the share of the cost that names its customer."""
    frame, chosen = calls.frame, calls.chosen
    settled = frame.now.date() - timedelta(days=frame.books.settings.settle_days)
    whole = days.total
    unbilled = awaited(calls)
    asked: dict[str, Cell] = {
        **question,
        **chosen.words(),
        "from": calls.period.start,
        "to": calls.period.end,
        "days": calls.period.days,
        "days_with_data": days.many,
    }
    return Answer(
        question=asked,
        rows=rows,
        total={**total, "notes": tuple(said.notes)},
        currency=said.currency,
        as_of=as_of(frame.books.marts, frame.standing, frame.now),
        settled_through=settled if days.last is None else min(settled, days.last),
        estimated=whole.estimated_calls > 0
        or calls.period.end > settled + ONE_DAY
        or bool(unbilled),
        coverage=coverage(whole.cost, days.nobody),
        unallocated={"no_customer": days.nobody} if days.nobody else {},
        issues=(
            *call_issues(calls, whole),
            *zeroed(calls, whole),
            *unspread(calls),
            *awaited_issues(unbilled),
            *said.issues,
        ),
        measures={**MEASURES, **said.measures},
    )


def call_issues(calls: Calls, whole: Used) -> tuple[Issue, ...]:
    """Say what is missing in the amounts: calls nobody priced, usage nobody read to its end."""
    found: list[Issue] = []
    if not whole.calls:
        words = calls.chosen.words()
        named = ", ".join(f"{name} {word}" for name, word in words.items() if word != ALL)
        which = f" ({named})" if named else ""
        found.append(
            Issue(
                code="no_calls",
                message=f"the books hold no calls of these days{which}",
                severity="warning",
                hint=elsewhere(calls),
            )
        )
    if whole.unpriced_calls:
        found.append(
            Issue(
                code="unpriced_calls",
                message=f"{plural(whole.unpriced_calls, 'call')} unpriced: in no amount, never $0",
                severity="warning",
                where="llm",
                hint=UNPRICED_HINT,
                count=whole.unpriced_calls,
            )
        )
    if whole.estimated_calls:
        many = plural(whole.estimated_calls, "call")
        found.append(
            Issue(
                code="estimated_calls",
                message=f"{many} estimated: their usage was not read to its end",
                severity="info",
                where="llm",
                count=whole.estimated_calls,
            )
        )
    return tuple(found)


def usage_cells(used: Used) -> dict[str, Cell]:
    """Write what every list of calls says of its rows."""
    return {
        "calls": used.calls,
        "input_tokens": used.input_tokens,
        "output_tokens": used.output_tokens,
        "cost": used.cost_of_record,
        "call_cost": used.estimate,
        "cost_per_call": used.cost_per_call,
        "tokens_per_call": used.tokens_per_call,
        "error_percent": used.error_percent,
        "unpriced_calls": used.unpriced_calls,
    }
