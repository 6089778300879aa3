"""Events: deploys, launches and price changes, by day; telling of one and taking one back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from costper.web.page import Act, Answers, Ask, Asks, Form, Page, Seen
from costper.web.pages.incidents import place_of
from costper.web.told import Row, Told, rows, text
from costper.web.url import is_of_web, own, segment

PATH = "/api/v1/annotations"
ROWS = "100"
CATEGORIES = ("deploy", "launch", "price_change", "incident", "other")
CONCERNED = ("service", "team", "customer", "environment")
ASKED = ("from", "to", "category", "cursor")


@dataclass(frozen=True, slots=True)
class OneDay:
    """What happened on one day (UTC), the newest first."""

    day: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of event to list alone."""

    name: str
    href: str
    chosen: bool


def asks(seen: Seen) -> Asks:
    """Ask for one page of events, the newest first."""
    said = {name: seen.url.get(name) for name in ASKED if seen.url.get(name)}
    return {"events": Ask(path=PATH, params={**said, "limit": ROWS})}


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Put events under their days."""
    chosen = seen.url.get("category")
    kinds = [
        Choice(_words(it), str(seen.url.having(category=it, cursor=None)), it == chosen)
        for it in ("", *CATEGORIES)
    ]
    return {
        "days": tuple(_by_day(told["events"])),
        "kinds": kinds,
        "categories": [(it, _words(it)) for it in CATEGORIES],
        "concerned": CONCERNED,
        "now": f"{seen.now:%Y-%m-%dT%H:%M}",
        "sent": seen.sent,
        "wrong": "" if seen.problem is None else str(seen.problem.get("parameter") or ""),
    }


def _words(category: str) -> str:
    return category.replace("_", " ").capitalize() or "All"


def _by_day(told: Told) -> Iterator[OneDay]:
    for day, found in groupby(told.rows, lambda it: text(it, "at")[:10]):
        yield OneDay(day, tuple(_event(it) for it in found))


def _event(row: Row) -> Row:
    """Add the time of day, where its link leads, and the pages of whom it concerns."""
    scope = [
        (
            text(it, "dimension"),
            text(it, "value"),
            place_of(text(it, "dimension"), text(it, "value")),
        )
        for it in rows(row, "scope")
    ]
    url = text(row, "url")
    return {
        **row,
        "time": text(row, "at")[11:16],
        "ended": text(row, "until"),
        "link": url if is_of_web(url) else "",
        "concerns": scope,
        "kind": _words(text(row, "category")),
    }


def _tells(form: Form, _path: Mapping[str, str]) -> Ask:
    said = {
        name: form.get(name, "").strip() for name in ("at", "until", "title", "category", "url")
    }
    body: dict[str, object] = {name: value for name, value in said.items() if value}
    dimension, value = form.get("dimension", ""), form.get("value", "").strip()
    if dimension and value:
        body["scope"] = {dimension: value}
    return Ask(path=PATH, body={"title": "", **body}, method="POST")


def _takes_back(_form: Form, path: Mapping[str, str]) -> Ask:
    return Ask(path=f"{PATH}/{segment(path['id'])}", method="DELETE")


def _back(form: Form, _told: Told) -> str:
    return own(form.get("back", ""), "/events")


EVENTS = Page(
    name="events",
    path="/events",
    title="Events",
    template="events.html",
    asks=asks,
    show=show,
    needs=("events",),
    section="events",
    csv="events",
    heads=("id", "at", "until", "title", "category", "url", "actor", "made"),
)
EVENT_ACTS: tuple[Act, ...] = (
    Act(
        name="tell-event",
        path="/events",
        sends=_tells,
        then=_back,
        done=lambda _form, told: f"Told of {text(told.first, 'title')}",
    ),
    Act(
        name="delete-event",
        path="/events/{id}/delete",
        sends=_takes_back,
        then=_back,
        done=lambda _form, told: f"Taken back: {text(told.first, 'title')}; the log keeps it",
    ),
)
