"""From what LLM calls cost back to each call: counts times prices, adding up to the number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from costper.web import called
from costper.web.called import Filter, asking, narrowed
from costper.web.page import Answers, Asks, Page, Seen
from costper.web.told import Row, text

LISTED = 25
ORDERS = (("dearest", "Dearest first"), ("latest", "Latest first"))


def asks(seen: Seen) -> Asks:
    """Ask for a page of the lines that a number is made of."""
    user = {"user": seen.url.get("user")} if seen.url.get("user") else {}
    order = {"order": seen.url.get("order")} if seen.url.get("order") else {}
    return {
        "lines": asking(
            "explain",
            **narrowed(seen.url),
            **user,
            **order,
            rows=str(LISTED),
            after=str(_after(seen)),
        )
    }


def _after(seen: Seen) -> int:
    said = seen.url.get("after")
    return int(said) if said.isdecimal() and len(said) < len(str(10**9)) else 0


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Part the calls from what sums up all others."""
    answer = told["lines"]
    lines = [it for it in answer.rows if text(it, "kind") == "line"]
    return {
        "lines": lines,
        "rest": [it for it in answer.rows if text(it, "kind") != "line"],
        "orders": tuple(_orders(seen)),
        "filters": (*_user(seen), *called.filters(seen.url)),
        "elsewhere": called.other_days(seen.url, answer),
        "pages": _pages(seen, lines, answer.total),
    }


def _user(seen: Seen) -> tuple[Filter, ...]:
    user = seen.url.get("user")
    return (Filter("user", user, str(seen.url.having(user=None, after=None))),) if user else ()


def _orders(seen: Seen) -> Iterator[Mapping[str, object]]:
    chosen = seen.url.get("order", ORDERS[0][0])
    for name, words in ORDERS:
        href = str(seen.url.having(order=name, after=None))
        yield {"name": words, "href": href, "chosen": name == chosen}


def _pages(seen: Seen, lines: Sequence[Row], total: Row) -> Mapping[str, str]:
    """Give the pages before and after this one, '' where there is none."""
    at, count = _after(seen), text(total, "lines")
    more = count.isdecimal() and at + len(lines) < int(count) and bool(lines)
    before = str(seen.url.having(after=str(at - LISTED) if at > LISTED else None))
    return {
        "before": before if at else "",
        "after": str(seen.url.having(after=str(at + LISTED))) if more else "",
    }


LLM_EXPLAIN = Page(
    name="llm-explain",
    path="/llm/explain",
    title="The calls behind a number",
    template="llm_explain.html",
    asks=asks,
    show=show,
    needs=("lines",),
    once=called.SEND,
    section="llm-endpoints",
    csv="lines",
)
