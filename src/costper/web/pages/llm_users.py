"""Users of LLM features: how few cost how much, who they are, how busy, and who is out of line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from costper.charts import lorenz
from costper.charts.lorenz import Lorenz, Note
from costper.web import called
from costper.web.called import asking, narrowed, narrowing
from costper.web.drawn import drawn
from costper.web.page import Answers, Asks, Page, Seen
from costper.web.told import NO_ROW, Row, Told, amount, rows, text

TOP = "50"
BUSIEST = "1000"
TOPS = ("1", "5", "10")
NARROWEST, BESIDE = 280, 480


def asks(seen: Seen) -> Asks:
    """Ask who costs most, and what habits people have."""
    which = narrowed(seen.url)
    kind = {"kind": seen.url.get("kind")} if seen.url.get("kind") else {}
    return {
        "users": asking("users", **which, **kind, top=seen.url.get("top", TOP)),
        "cohorts": asking("cohorts", **which),
    }


def then(seen: Seen, told: Answers) -> Asks:
    """Ask how busy users were in these very days, and who was out of line up to now."""
    which, users = narrowing(seen.url), told["users"]
    return {
        "rates": asking("rates", **which, **called.days_of(users), top=BUSIEST),
        "bursts": asking("bursts", **which, **called.up_to_now(seen, users)),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw the Lorenz curve, and put each user's hours beside their cost."""
    users, rates = told["users"], told.get("rates")
    busy = {text(it, "user"): it for it in rates.rows} if rates is not None and rates.ok else {}
    bursts = told.get("bursts")
    return {
        "rows": [{**it, "busy": busy.get(text(it, "user"), NO_ROW)} for it in users.rows],
        "tops": tuple(_tops(users.total)),
        "curve": _curve(users, seen.width),
        "bursts": bursts.rows if bursts is not None and bursts.ok else (),
        "kind": text(users.question, "kind") or "user",
        "filters": called.filters(seen.url),
        "elsewhere": called.other_days(seen.url, users),
        "more": _more(seen, users),
    }


def _tops(total: Row) -> Sequence[Mapping[str, object]]:
    """Give the shares of cost of the dearest few in a hundred, where there are enough users."""
    return [
        {"percent": it, "share": total.get(f"top_{it}_percent"), "members": members}
        for it in TOPS
        if amount(total, f"top_{it}_percent") is not None
        for members in (total.get(f"top_{it}_members"),)
    ]


def _more(seen: Seen, users: Told) -> str:
    """Give the page with more users, where there are more than it lists."""
    known, listed = amount(users.total, "users_count") or Decimal(0), len(users.rows)
    return str(seen.url.having(top="500")) if listed < known and listed < int(BUSIEST) / 2 else ""


def _curve(users: Told, width: int) -> object:
    points = tuple(
        (x / 100, y / 100)
        for it in rows(users.total, "lorenz")
        if (x := amount(it, "members_percent")) is not None
        and (y := amount(it, "cumulative_percent")) is not None
    )
    if not points:
        return None
    share = amount(users.total, "top_5_percent")
    note = () if share is None else (Note(Decimal("0.95"), f"the dearest 5%: {share:.0f}%"),)
    return drawn(
        lorenz.draw(
            Lorenz(
                id="lorenz",
                title="How unequal users cost",
                description="Cheapest users first: so many of them carry so much of the cost",
                points=points,
                notes=note,
                across="Cheapest",
                width=max(min(width, BESIDE), NARROWEST),
                height=280,
            )
        )
    )


LLM_USERS = Page(
    name="llm-users",
    path="/llm/users",
    title="LLM users",
    template="llm_users.html",
    asks=asks,
    show=show,
    then=then,
    needs=("users",),
    section="llm-users",
    csv="users",
    once=called.SEND,
)
