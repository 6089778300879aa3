"""What to know before believing an answer: unsettled days, zones, gaps, groups that do not meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from costper.economics.calendar import ONE_DAY, bucket_of
from costper.economics.where import keys_of
from costper.model.answer import Absent
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.pipeline.answer.frame import Readable, missing_rate_issue
from costper.pipeline.answer.reach import behind
from costper.pipeline.answer.unpriced import unpriced_in, unpriced_issues
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.facts import PLAN, Facts
from costper.pipeline.query.gaps import gap_issues
from costper.pipeline.query.resolve import Resolved
from costper.pipeline.query.unknown import unknown_values

MATCHED_ENOUGH = Decimal("0.95")
HOUR = 3600
OF_CALLS = ("ai_cost", "ai_calls")


def issues_of(
    books: Readable,
    asked: Asked,
    letters: Sequence[Resolved],
    facts: Facts,
    lacking: Sequence[Issue],
) -> tuple[Issue, ...]:
    """Give every reason for doubt, the gravest first; `lacking` tells of missing segments."""
    return (
        *_missing_rates(asked, letters, facts),
        *_unsettled(asked, letters),
        *_crowded(asked, letters),
        *_unmatched(asked),
        *_zones(asked, letters),
        *gap_issues(asked, letters),
        *lacking,
        *_filled(asked, letters),
        *_spread(asked, letters),
        *_behind(asked, letters, facts),
        *_unpriced(books, asked, letters, facts),
        *_limited(asked, letters),
        *_plans(letters),
        *_incomplete(asked),
        *unknown_values(books, letters, facts),
    )


def _missing_rates(asked: Asked, letters: Sequence[Resolved], facts: Facts) -> Iterator[Issue]:
    for currency, days in asked.standing.missing.items():
        yield missing_rate_issue(currency, days)
    if any(one.kind == "revenue" for one in letters):
        for currency, since in sorted(facts.payers_since.items()):
            first = max(asked.period.start, since)
            if asked.period.holds(first) and facts.rates.on(currency, first) is None:
                yield missing_rate_issue(currency)


def _behind(asked: Asked, letters: Sequence[Resolved], facts: Facts) -> Iterator[Issue]:
    if any(one.kind == "cost" for one in letters):
        yield from behind(facts.ends, asked.period)


def _unpriced(
    books: Readable, asked: Asked, letters: Sequence[Resolved], facts: Facts
) -> Iterator[Issue]:
    """Say which letters hold calls that nobody priced, or count them beside such a cost."""
    told: dict[tuple[tuple[str, int], ...], list[str]] = {}
    for one in letters:
        if one.kind == "cost" or (one.metric is not None and one.metric.name in OF_CALLS):
            found = unpriced_in(books, facts.unpriced, asked.period, one.condition)
            if found:
                told.setdefault(tuple(found.items()), []).append(one.name)
    for lacking, names in told.items():
        yield from unpriced_issues(dict(lacking), ", ".join(names))


def _unsettled(asked: Asked, letters: Sequence[Resolved]) -> Iterator[Issue]:
    for one in letters:
        if one.settled is not None and asked.period.end > one.settled + ONE_DAY:
            yield Issue(
                code="not_settled",
                message=f"{one.name} is settled through {one.settled}: later days may still change",
                where=one.name,
                severity="warning",
                hint=_final(one, one.settled),
            )
        elif one.settled is None and one.kind != "revenue":
            yield Issue(
                code="no_data",
                message=f"the books hold no data of {one.name} ({one.letter.of or one.kind})",
                where=one.name,
                severity="warning",
                hint="run `costper sync`, and `costper allocate apply` for costs",
            )


def _final(one: Resolved, settled: date) -> str:
    """Say which days have final numbers: of weeks and months of their own whole ones."""
    if one.grain == "day":
        return f"ask to {settled + ONE_DAY} for final numbers"
    whole = bucket_of(settled, one.grain)
    return (
        f"ask for whole {one.grain}s, such as --from {whole.start} --to {whole.end}, "
        "for final numbers"
    )


def _crowded(asked: Asked, letters: Sequence[Resolved]) -> Iterator[Issue]:
    first, end = asked.period.start.toordinal(), asked.period.end.toordinal()
    for one in letters:
        days = sorted(day for day in one.crowded if first <= day < end)
        if days:
            yield Issue(
                code="not_additive",
                message=f"several values of {one.letter.of} stand together and do not add up",
                where=f"{one.name}, {date.fromordinal(days[0])}",
                severity="warning",
                hint="give each its own dimension, or one row only: see `costper metrics`",
                count=len(days),
            )


def _unmatched(asked: Asked) -> Iterator[Issue]:
    known = {name: share for name, share in asked.matched.items() if not isinstance(share, Absent)}
    low = {name: share for name, share in known.items() if share < MATCHED_ENOUGH}
    if not low:
        return
    said = ", ".join(f"{share * 100:.1f} % of {name}" for name, share in low.items())
    apart = [
        f"{' / '.join(key)} ({status.replace('_', ' ')})"
        for key, status in asked.statuses.items()
        if status not in {"matched", "gone"}
    ]
    more = f" and {len(apart) - 5} more" if len(apart) > 5 else ""  # noqa: PLR2004 - as in hints
    yield Issue(
        code="unmatched_groups",
        message=f"only {said} is in groups that all have: {', '.join(apart[:5])}{more}",
        where="by",
        severity="warning",
        hint="give both sides the same words, or add aliases to the dimension",
        count=len(apart),
    )


def _zones(asked: Asked, letters: Sequence[Resolved]) -> Iterator[Issue]:
    zones = sorted({one.zone for one in letters})
    if len(zones) < 2:  # noqa: PLR2004 - a pair
        return
    hours = max(_apart(zones, asked.period), default=0)
    if hours:
        said = ", ".join(f"{one.name} {one.zone}" for one in letters)
        yield Issue(
            code="days_misaligned",
            message=f"days misaligned by up to {hours:g} h: {said}",
            severity="warning",
            hint="days of different zones are joined by their date",
        )


def _apart(zones: Sequence[str], period: Period) -> Iterator[Decimal]:
    """Give how far apart the zones are, in hours, every few days of the period and on its last."""
    known = [ZoneInfo(zone) for zone in zones]
    step = max(1, period.days // 60)
    days = [*range(0, period.days, step), period.days - 1]
    for day in days:
        noon = datetime.combine(period.start + timedelta(days=day), time(12), UTC)
        offsets = [noon.astimezone(zone).utcoffset() or timedelta() for zone in known]
        seconds = int((max(offsets) - min(offsets)).total_seconds())
        yield Decimal(seconds) / HOUR


def _filled(asked: Asked, letters: Sequence[Resolved]) -> Iterator[Issue]:
    days = asked.filled(())
    if days:
        rules = ", ".join(
            f"{one.name} {one.metric.gaps}" for one in letters if one.metric and one.fills
        )
        yield Issue(
            code="filled",
            message=f"{days} days without data are filled by gap rules ({rules})",
            severity="info",
            hint="`filled` counts them in each row; they are never stored",
            count=days,
        )


def _spread(asked: Asked, letters: Sequence[Resolved]) -> Iterator[Issue]:
    for one in letters:
        lacking = [key for key in asked.question.by if key not in one.keys]
        if lacking:
            words = ", ".join(lacking)
            yield Issue(
                code="not_broken_down",
                message=f"{one.name} is not broken down by {words}: every {words} has all of it",
                where=one.name,
                severity="info",
            )


def _limited(asked: Asked, letters: Sequence[Resolved]) -> Iterator[Issue]:
    """Say where a formula joins a letter limited to some words with a metric that is not."""
    limits = {one.name: keys_of(one.condition) for one in letters}
    wholes = [one for one in letters if one.metric is not None]
    pairs = {
        (one.name, other.name)
        for name in asked.formulas
        for one in letters
        for other in wholes
        if {one.name, other.name} <= asked.reads[name]
    }
    for name, other in sorted(pairs):
        said = asked.resolved(other).held.said
        open_keys = [key for key in sorted(limits[name] - limits[other]) if key in said]
        if open_keys:
            words = ", ".join(open_keys)
            yield Issue(
                code="limited_apart",
                message=f"{name} is limited by {words} and {other} is not, though it could be",
                where=other,
                severity="info",
                hint=f"limit both alike: {other} where {asked.resolved(name).letter.where}",
            )


def _plans(letters: Sequence[Resolved]) -> Iterator[Issue]:
    """Say which plan is meant: that of the day, where a margin takes the one at the end."""
    named = [
        one.name
        for one in letters
        if one.kind != "metric" and PLAN in {*one.keys, *keys_of(one.condition)}
    ]
    if named:
        yield Issue(
            code="plan_of_the_day",
            message=f"{', '.join(named)}: by the plan each customer had that day",
            severity="info",
            hint="`costper margin` takes the plan at the end of the period",
        )


def _left_out(asked: Asked, compared: Period) -> Issue:
    days = asked.left_out.days
    which = f"from {asked.left_out.start} on: {days} {'day' if days == 1 else 'days'}"
    return Issue(
        code="days_left_out",
        message=f"{compared.start:%Y-%m} has {compared.days} days, so that as many are compared; "
        f"left out is {which}",
        severity="info",
        where="compare",
        hint="without compare, or with --compare previous, all days are shown",
        count=days,
    )


def _incomplete(asked: Asked) -> Iterator[Issue]:
    if asked.compared is None:
        return
    if asked.left_out.days:
        yield _left_out(asked, asked.compared)
    image = asked.values.windows.image
    if image is not None and not image.whole:
        days = asked.compared.days
        message = f"{asked.period.days} days have only {days} to be compared with"
        yield Issue(code="previous_incomplete", message=message, severity="warning")
        return
    for name in asked.letters:
        one = asked.resolved(name)
        first = one.held.first
        if one.kind != "revenue" and first is not None and asked.compared.start < first:
            yield Issue(
                code="previous_incomplete",
                message=f"{name} begins on {first}, after {asked.compared.start}",
                where=name,
                severity="warning",
                hint="what is compared with before is null: ask for fewer days, such as "
                "--range 'last month', or write pctChange(x, 1 MONTH)",
            )
