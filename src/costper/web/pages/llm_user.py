"""One user: what their calls cost, when, of what, how busy they are, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping

from costper.web import called
from costper.web.called import asking, narrowed, narrowing
from costper.web.called_figures import plain
from costper.web.page import Answers, Asks, Page, Seen
from costper.web.told import text
from costper.web.url import segment


def asks(seen: Seen) -> Asks:
    """Ask for the user."""
    return {"user": asking(f"users/{segment(seen.path['id'])}", **narrowed(seen.url))}


def then(seen: Seen, told: Answers) -> Asks:
    """Ask for hours they were far busier than usual, up to now."""
    return {"bursts": asking("bursts", **called.up_to_now(seen, told["user"]))}


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw the days, and choose the bursts that are theirs."""
    answer = told["user"]
    user, bursts = text(answer.first, "user"), told.get("bursts")
    return {
        "row": answer.first,
        "drawn": plain(seen, answer, "this user"),
        "bursts": [it for it in bursts.rows if text(it, "user") == user]
        if bursts is not None and bursts.ok
        else [],
        "filters": called.filters(seen.url),
        "proof": called.proof(answer, user=user, **narrowing(seen.url)),
    }


LLM_USER = Page(
    name="llm-user",
    path="/llm/users/{id}",
    title="LLM user",
    template="llm_user.html",
    asks=asks,
    show=show,
    then=then,
    needs=("user",),
    section="llm-users",
)
