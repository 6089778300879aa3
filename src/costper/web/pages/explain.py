"""From a number back to the rows of the bill: the rule that carried each, adding up to it."""

from __future__ import annotations

from collections.abc import Mapping

from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days
from costper.web.told import text

PATH = "/api/v1/costs/explain"
NOUNS = ("customer", "team", "service", "environment", "charge")
ROWS = "200"


def asks(seen: Seen) -> Asks:
    """Ask for the rows behind one number, or where one row went."""
    noun = _noun(seen)
    if not noun:
        return {}
    params = {noun: seen.url.get(noun)}
    if noun != "charge":
        params |= {**asked_days(seen.url), "rows": seen.url.get("rows", ROWS)}
    return {"explained": Ask(path=PATH, params=params)}


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Say what is explained, and what its links lead to."""
    answer = told.get("explained")
    return {
        "noun": _noun(seen),
        "value": seen.url.get(_noun(seen)) if _noun(seen) else "",
        "answer": answer,
        "nouns": NOUNS[:-1],
        "whole": answer is not None and text(answer.question, "bill_rows") == str(len(answer.rows)),
    }


def _noun(seen: Seen) -> str:
    return next((noun for noun in NOUNS if seen.url.get(noun)), "")


EXPLAIN = Page(
    name="explain",
    path="/explain",
    title="Explain",
    template="explain.html",
    asks=asks,
    show=show,
    needs=("explained",),
    section="",
    csv="explained",
)
