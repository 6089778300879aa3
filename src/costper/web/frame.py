"""What stands around every page: navigation, freshness, the visitor, and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from costper.web.nav import GROUPS, Group, Place
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days, presets
from costper.web.told import Row, Told, rows, text
from costper.web.url import segment

AROUND: Asks = {
    "whoami": Ask(path="/api/v1/whoami"),
    "sources": Ask(path="/api/v1/sources"),
}
"""What every page asks besides its own questions; neither is needed for it to be shown."""

BAD_STATUS = {"failing": "bad", "late": "warn"}


def around(page: Page | None, seen: Seen, answers: Answers) -> dict[str, object]:
    """Give what the layout needs."""
    own = [told for name, told in answers.items() if name not in AROUND and told.ok]
    return {
        "page": page,
        "seen": seen,
        "groups": _groups(answers.get("whoami")),
        "home": own_home(answers.get("whoami")) or "/",
        "told": answers,
        "can": _may(answers.get("whoami")),
        "fresh": _freshness(answers.get("sources"), seen.now),
        "presets": tuple(presets(seen.url)),
        "asked_days": asked_days(seen.url),
        "blank": _blank(own),
        "issues": tuple(_issues(own)),
        "notice": seen.notice,
        "problem": seen.problem,
    }


def own_home(who: Told | None) -> str:
    """Give the one page a customer's key opens; '' for who may see everything."""
    customer = text(who.first, "customer") if who is not None and who.ok else ""
    return f"/customers/{segment(customer)}" if customer else ""


def _groups(who: Told | None) -> tuple[Group, ...]:
    home = own_home(who)
    return (Group("", (Place("customers", "What you cost", home),)),) if home else GROUPS


def _may(told: Told | None) -> Mapping[str, bool]:
    """Say what the visitor may do; a server that does not say so lets the API refuse."""
    if told is None or not told.ok:
        return {"all": True, "write": True, "admin": True, "signed_in": False}
    row = told.first
    return {
        "all": not text(row, "customer"),
        "write": row.get("writes") is True,
        "admin": row.get("admin") is True,
        "signed_in": row.get("key") is True,
    }


def _freshness(told: Told | None, now: datetime) -> Mapping[str, object]:
    """Say in a line how fresh the sources are, and the worst that is true of one of them."""
    if told is None or not told.ok:
        return {"rows": 0, "worst": "", "late": 0, "synced": "", "now": now}
    states = [text(row, "status").lower() for row in told.rows]
    bad = [state for state in states if state in BAD_STATUS]
    worst = "bad" if "failing" in bad else "warn" if bad else "good"
    synced = max((text(row, "synced_at") for row in told.rows), default="")
    return {"rows": len(states), "worst": worst, "late": len(bad), "synced": synced, "now": now}


def _blank(told: list[Told]) -> bool:
    """Say whether nothing has come in yet, of all that the answers of a page are about."""
    dated = [one for one in told if "as_of" in one.body]
    held = (one.body["as_of"] or one.question.get("days_with_data") for one in dated)
    return bool(dated) and not any(held)


def _issues(told: list[Told]) -> Iterator[Row]:
    """Give each issue of the page's answers once."""
    seen: set[tuple[str, str]] = set()
    for one in told:
        for issue in rows(one.body, "issues"):
            mark = (text(issue, "code"), text(issue, "message"))
            if mark not in seen:
                seen.add(mark)
                yield issue
