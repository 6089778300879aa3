"""Which whole calendar months a sync asks for."""

from __future__ import annotations

from datetime import date

from costper.errors import UserError
from costper.model.period import Period, month_of
from costper.sources.aws_cost_explorer.settings import HISTORY_MONTHS


def months_to_read(today: date, months: int, wanted: Period | None, where: str = "") -> Period:
    """Give the days to ask for: from the first of a month up to, not including, today.

    A wanted period is widened to whole months, because a month is replaced as a whole. Today
    is left out: it is not over, and each sync would change it. Older than Cost Explorer's
    daily history is a UserError.

    >>> months_to_read(date(2026, 11, 20), 2, None)
    Period(start=datetime.date(2026, 10, 1), end=datetime.date(2026, 11, 20))
    >>> months_to_read(date(2026, 11, 20), 2, Period(date(2026, 8, 9), date(2026, 8, 10)))
    Period(start=datetime.date(2026, 8, 1), end=datetime.date(2026, 9, 1))
    """
    oldest = months_before(today, HISTORY_MONTHS)
    if wanted is None or not wanted.days:
        return Period(months_before(today, months - 1), today)
    if wanted.start < oldest:
        raise UserError(
            f"Cost Explorer keeps days since {oldest}, {wanted.start} was asked for",
            where=where,
            hint=f"ask --from {oldest} at the earliest; older months come from Data Exports",
        )
    last = date.fromordinal(wanted.end.toordinal() - 1)
    end = min(month_of(last).end, today)
    return Period(min(month_of(wanted.start).start, end), end)


def months_before(day: date, months: int) -> date:
    """Give the first day of the month that many months before a day's own.

    >>> months_before(date(2026, 1, 31), 13)
    datetime.date(2024, 12, 1)
    """
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)
