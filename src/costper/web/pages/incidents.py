"""Incidents: what cost far more or less than the days before promised, dearest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days
from costper.web.told import Row, amount, items, text
from costper.web.url import Url, segment

PATH = "/api/v1/incidents"
ROWS = "100"
NARROWED = ("scope", "severity", "all")
SEVERITIES = ("", "critical", "warning")
USUAL = ("service", "team", "customer", "environment")
PLACES = {"service": "/services", "team": "/teams", "customer": "/customers"} | {
    "environment": "/environments"
}
KINDS = {
    "spike": "spike",
    "drop": "drop",
    "new_spend": "new cost",
    "was_constant": "never differed before",
    "drift": "slow drift",
}
VERDICTS = {"expected": "called expected", "real": "called real"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to narrow the list: its words, its link, and whether it is in force."""

    name: str
    href: str
    chosen: bool


def asks(seen: Seen) -> Asks:
    """Ask for one page of incidents, narrowed as the address says."""
    said = {it: seen.url.get(it) for it in (*NARROWED, "cursor") if seen.url.get(it)}
    params = {**asked_days(seen.url), **said, "limit": ROWS}
    return {"incidents": Ask(path=PATH, params=params)}


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Write each incident in words, with the ways to narrow the list."""
    answer = told["incidents"]
    watched = [str(it) for it in items(answer.question, "scopes")]
    scopes = ("", *dict.fromkeys((*USUAL, *watched)))
    return {
        "rows": [told_as(row) for row in answer.rows],
        "by_scope": tuple(_choices(seen.url, "scope", scopes)),
        "by_severity": tuple(_choices(seen.url, "severity", SEVERITIES)),
        "everything": seen.url.get("all") == "true",
        "young": unjudged(answer.total),
    }


def unjudged(total: Row) -> str:
    """Say how much could not be judged yet; '' where all was.

    >>> unjudged({"days_known": 19, "days_needed": 30, "not_judged_yet": 4, "judged_names": 0})
    'Not judged yet: 19 of 30 days with data, of which the first 29 only teach what is usual.'
    >>> unjudged({"days_known": 30, "days_needed": 30, "not_judged_yet": 1, "judged_names": 9})
    'Not judged yet: 1 of 10 names, which began less than 30 days ago.'
    """
    known, needed = amount(total, "days_known"), amount(total, "days_needed")
    if known is not None and needed is not None and known < needed:
        first = f"{known} of {needed} days with data"
        return f"Not judged yet: {first}, of which the first {needed - 1} only teach what is usual."
    young, judged = amount(total, "not_judged_yet") or 0, amount(total, "judged_names") or 0
    if not young:
        return ""
    began = f"which began less than {needed} days ago"
    return f"Not judged yet: {young} of {young + judged} names, {began}."


def told_as(row: Row) -> Row:
    """Add to an incident its words and where its name has a page."""
    return {
        **row,
        "place": place_of(text(row, "scope"), text(row, "name")),
        "words": KINDS.get(text(row, "kind"), text(row, "kind")),
        "said": VERDICTS.get(text(row, "verdict"), ""),
        "level": "bad" if text(row, "severity") == "critical" else "warn",
    }


def place_of(scope: str, name: str) -> str:
    """Give the page of whom it happened to; '' where there is none, as of what nobody owns."""
    return f"{PLACES[scope]}/{segment(name)}" if scope in PLACES and name[:1] != "(" else ""


def _choices(url: Url, name: str, values: tuple[str, ...]) -> Iterator[Choice]:
    chosen = url.get(name)
    for value in values:
        href = str(url.having(**{name: value}, cursor=None))
        yield Choice(value.capitalize() or "All", href, value == chosen)


INCIDENTS = Page(
    name="incidents",
    path="/incidents",
    title="Incidents",
    template="incidents.html",
    asks=asks,
    show=show,
    needs=("incidents",),
    section="incidents",
    csv="incidents",
    once="With a month of costs, a day that costs far more or less than the others stands out.",
)
