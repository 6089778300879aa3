"""What the same calls would have cost otherwise, and whom a limit would have touched."""

from __future__ import annotations

from collections.abc import Mapping

from costper.web import called
from costper.web.called import asking, narrowed
from costper.web.page import Answers, Asks, Page, Seen
from costper.web.period import presets
from costper.web.told import Row, rows, text

LEVERS = {
    "model": "Another model",
    "batch": "As batches",
    "caching": "From a cache",
    "routing": "Routed elsewhere",
}
LIMITED = ("user", "tenant", "customer")
USUAL = "14"
"""Days of observed calls where none are chosen."""


def asks(seen: Seen) -> Asks:
    """Ask for levers and limits, each over its own usual days unless some are chosen."""
    which, of = narrowed(seen.url), seen.url.get("of", LIMITED[0])
    mine = {"limits": seen.url.get("limits")} if seen.url.get("limits") else {}
    grain = {"grain": seen.url.get("grain")} if seen.url.get("grain") else {}
    return {
        "savings": asking("savings", **which),
        "limits": asking("limits", **which, of=of, **mine, **grain),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Group levers, the greatest saving first, each with its assumptions."""
    savings, limits = told["savings"], told["limits"]
    levers = rows(savings.total, "levers")
    grain = "day" if "day" in text(limits.question, "noun").split() else "month"
    return {
        "levers": [
            {"name": LEVERS.get(text(it, "lever"), text(it, "lever")), "sum": it, "rows": found}
            for it in levers
            for found in (_of(savings.rows, text(it, "lever")),)
            if found
        ],
        "skipped": rows(savings.total, "skipped"),
        "limit": _telling(limits.rows) if limits.ok else None,
        "limited": tuple(
            {"name": it, "href": str(seen.url.having(of=it)), "chosen": it == _whom(seen)}
            for it in LIMITED
        ),
        "whom": _whom(seen),
        "grain": grain,
        "filters": called.filters(seen.url),
        "presets": tuple(presets(seen.url, USUAL)),
        "elsewhere": called.other_days(seen.url, savings),
    }


def _whom(seen: Seen) -> str:
    return seen.url.get("of", LIMITED[0])


def _of(found: tuple[Row, ...], lever: str) -> list[Row]:
    return [it for it in found if text(it, "lever") == lever]


def _telling(limits: tuple[Row, ...]) -> Row | None:
    """Give the limit that says most in a sentence: the middle one of those tried."""
    return limits[(len(limits) - 1) // 2] if limits else None


LLM_SAVINGS = Page(
    name="llm-savings",
    path="/llm/savings",
    title="LLM savings",
    template="llm_savings.html",
    asks=asks,
    show=show,
    needs=("savings",),
    section="llm-savings",
    csv="savings",
    once=called.SEND,
)
