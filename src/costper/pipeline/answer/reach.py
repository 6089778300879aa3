"""How far the bills reach: what is after that is not yet there, and never a zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from costper.model.outcome import Issue
from costper.model.period import Period
from costper.store.books import Books
from costper.store.newest import last_days

WAITED_FOR = timedelta(days=35)
"""A bill this far behind the others is waited for; one further behind seems to have ended."""

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """`held` is the last day with data, `settled` the last one that has it of every live bill."""

    held: date | None
    settled: date | None


def bill_ends(books: object) -> dict[str, date]:
    """Give the last day that each declared bill covers by charges of a day or less.

    Bills of months only are left out, as is all that no control store tells.
    """
    if not isinstance(books, Books):
        return {}
    declared = {one.name for one in books.settings.sources if one.kind == "bill"}
    return {name: day for name, day in last_days(books.control).items() if name in declared}


def reach(last: date | None, ends: Mapping[str, date]) -> Reach:
    """Say how far the books reach whose last charge, spread over its days, is of `last`.

    >>> reach(date(2026, 11, 30), {"aws": date(2026, 11, 20), "gcp": date(2026, 11, 8)})
    Reach(held=datetime.date(2026, 11, 20), settled=datetime.date(2026, 11, 8))
    """
    if last is None or not ends:
        return Reach(last, last)
    held = min(last, max(ends.values()))
    return Reach(held, min(day for day in ends.values() if day >= held - WAITED_FOR))


def behind(ends: Mapping[str, date], period: Period) -> Iterator[Issue]:
    """Name the bills that end within some days while others go on.

    The rest is not yet there, or the bill has ended and nothing after it compares with before.
    """
    held = reach(max(ends.values(), default=None), ends).held
    for name, day in sorted(ends.items()):
        if held is None or day >= held:
            continue
        if not period.start - WAITED_FOR <= day < period.end - ONE_DAY:
            continue
        ended = day < held - WAITED_FOR
        yield Issue(
            code="bill_ended" if ended else "bill_behind",
            message=f"{name} ended on {day}, so it seems; others go on to {held}: a fall of cost "
            "since may only be that it is missing"
            if ended
            else f"{name} ends on {day}, others on {held}: what it costs after is not yet here",
            severity="warning",
            where=name,
            hint=f"run `costper sync {name}`; if it has ended, take it out of costper.yaml",
        )
