"""The days a page is about: presets, and days of the reader's own choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from costper.web.url import Url

PRESETS = (("30d", "30"), ("90d", "90"), ("6m", "182"), ("12m", "365"))
DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to choose days: its words, its link, and whether it is the one in force."""

    name: str
    href: str
    chosen: bool


def asked_days(url: Url, default: str = "") -> dict[str, str]:
    """Give the parameters that say which days; `default` days where the address says none."""
    said = {name: url.get(name) for name in ("from", "to", "days") if url.get(name)}
    if not said and default:
        return {"days": default}
    return said


def same_days(question: Mapping[str, object]) -> dict[str, str]:
    """Give the very days an answer is about, as parameters of another question."""
    return {name: str(question[name]) for name in ("from", "to") if question.get(name)}


def presets(url: Url, default: str = "30") -> Iterator[Choice]:
    """Give the presets, each as a link to this page."""
    own = url.get("from") or url.get("to")
    days = "" if own else url.get("days", default)
    for name, count in PRESETS:
        href = str(url.having(days=count, from_=None, to=None, range=None, cursor=None))
        yield Choice(name, href, count == days)


def covered(question: Mapping[str, object]) -> str:
    r"""Say which days an answer is about, its last day included.

    >>> ascii(covered({"from": "2026-10-01", "to": "2026-11-01"}))
    "'1 \\u2013 31 October 2026'"
    >>> ascii(covered({"from": "2026-09-20", "to": "2026-10-20"}))
    "'20 September \\u2013 19 October 2026'"
    """
    try:
        first = date.fromisoformat(str(question.get("from", "")))
        last = date.fromisoformat(str(question.get("to", ""))) - timedelta(days=1)
    except ValueError:
        return ""
    if first >= last:
        return long_day(last)
    start = str(first.day)
    if (first.month, first.year) != (last.month, last.year):
        start += f" {first:%B}"
    if first.year != last.year:
        start += f" {first.year}"
    return f"{start} {DASH} {long_day(last)}"


def within(question: Mapping[str, object]) -> str:
    """Say how many days a total is of, so that nobody takes it for that of one day.

    >>> within({"from": "2026-10-02", "to": "2026-11-01"}), within({})
    ('in these 30 days', 'in these days')
    """
    try:
        first = date.fromisoformat(str(question.get("from", "")))
        days = (date.fromisoformat(str(question.get("to", ""))) - first).days
    except ValueError:
        return "in these days"
    return "on this day" if days == 1 else f"in these {days:,} days"


def whole_months(days: Mapping[str, str]) -> dict[str, str]:
    """Give the whole months that some days lie in.

    >>> whole_months({"from": "2026-08-10", "to": "2026-09-01"})
    {'from': '2026-08-01', 'to': '2026-09-01'}
    """
    try:
        first, last = date.fromisoformat(days["from"]), date.fromisoformat(last_day(days["to"]))
    except ValueError:
        return dict(days)
    after = last.replace(day=28) + timedelta(days=4)
    return {"from": f"{first.replace(day=1)}", "to": f"{after.replace(day=1)}"}


def long_day(day: date) -> str:
    """Write a day in words.

    >>> long_day(date(2026, 11, 2))
    '2 November 2026'
    """
    return f"{day.day} {day:%B %Y}"


def last_day(until: str) -> str:
    """Give the last day of a half-open span, as people say it.

    >>> last_day("2026-11-01")
    '2026-10-31'
    """
    try:
        return (date.fromisoformat(until) - timedelta(days=1)).isoformat()
    except ValueError:
        return until
