"""Savings: what the bill shows to be waste, each finding with money a month and its evidence."""

from __future__ import annotations

from collections.abc import Mapping

from costper.web.page import Act, Answers, Ask, Asks, Form, Page, Seen
from costper.web.period import asked_days
from costper.web.told import Told
from costper.web.url import own, segment

PATH = "/api/v1/savings"


def asks(seen: Seen) -> Asks:
    """Ask for what could be saved, and by LLM calls too."""
    days, cursor = asked_days(seen.url), seen.url.get("cursor")
    paging = {"cursor": cursor} if cursor else {}
    return {"savings": Ask(path=PATH, params={**days, "limit": "100", **paging})}


def show(_seen: Seen, told: Answers) -> Mapping[str, object]:
    """Show the findings as they are."""
    return {"rows": told["savings"].rows}


def _dismissal(form: Form, path: Mapping[str, str]) -> Ask:
    where = f"{PATH}/{segment(path['finding'])}/dismissal"
    if form.get("restore"):
        return Ask(path=where, method="DELETE")
    return Ask(path=where, body={"note": form.get("note", "")}, method="POST")


def _back(form: Form, _told: Told) -> str:
    return own(form.get("back", ""), "/savings")


def _done(form: Form, _told: Told) -> str:
    return "It counts again." if form.get("restore") else "It is not counted any more."


SAVINGS = Page(
    name="savings",
    path="/savings",
    title="Savings",
    template="savings.html",
    asks=asks,
    show=show,
    needs=("savings",),
    section="savings",
    csv="savings",
    once="A bill shows what is idle, orphaned or committed and not used, with its evidence.",
)
DISMISS = Act(
    name="dismiss",
    path="/savings/{finding}/dismissal",
    sends=_dismissal,
    then=_back,
    done=_done,
)
