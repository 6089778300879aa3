"""Clean-up: what charges and LLM calls do not say, with the line that mends each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days
from costper.web.table import marked
from costper.web.told import Row, Told, amount, rows, text
from costper.web.url import segment
from costper.web.written import percents

UNTAGGED = "/api/v1/untagged"
CALLS = "/api/v1/llm"
MOST = "1000"
SOME = "10"
UNPRICED = "unpriced_model"
KINDS = {
    "no_user": "calls that name no user",
    "no_tenant": "calls that name no tenant",
    "no_customer": "calls of no customer",
    "no_feature": "calls that name no feature",
    "unmapped_tenant": "tenant of no customer",
    "unknown_account": "service account nobody declared",
}


def asks(seen: Seen) -> Asks:
    """Ask for every queue; of one dimension all groups, where the address says so."""
    dimension = seen.url.get("dimension")
    wide = {"dimension": dimension, "rows": MOST} if dimension else {"rows": SOME}
    return {
        "untagged": Ask(path=UNTAGGED, params={**asked_days(seen.url), **wide}),
        "unknown": Ask(path=f"{CALLS}/unknown", params={"limit": MOST}),
        "unpriced": Ask(path=f"{CALLS}/unpriced", params={"limit": MOST}),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Sort what is to be done: money nobody says anything of first, then calls, then prices."""
    dimensions = tuple(_dimensions(told["untagged"]))
    unknown = [it for it in _rows(told["unknown"]) if text(it, "kind") != UNPRICED]
    unpriced = _rows(told["unpriced"])
    counted = sum(len(rows(it, "groups")) + _more(it) for it in dimensions)
    return {
        "dimensions": [it for it in dimensions if rows(it, "groups")],
        "complete": [it for it in dimensions if not rows(it, "groups")],
        "unknown": [{**it, "words": _words(it)} for it in unknown],
        "unpriced": [{**it, "href": _model(it)} for it in unpriced],
        "counts": {"untagged": counted, "unknown": len(unknown), "unpriced": len(unpriced)},
        "oldest": max((_age(it) for it in (*unknown, *unpriced)), default=0),
        "only": seen.url.get("dimension"),
    }


def table(seen: Seen, told: Answers) -> Sequence[Row]:
    """Give all queues as one table: charges, calls, then models."""
    untagged = (
        {"dimension": text(it, "dimension"), **group}
        for it in _dimensions(told["untagged"])
        for group in rows(it, "groups")
    )
    if seen.url.get("dimension"):
        return tuple(marked("untagged", untagged, told["untagged"].currency))
    calls = (it for it in _rows(told["unknown"]) if text(it, "kind") != UNPRICED)
    return (
        *marked("untagged", untagged, told["untagged"].currency),
        *marked("unknown", calls, told["unknown"].currency),
        *marked("unpriced", _rows(told["unpriced"])),
    )


def _rows(told: Told) -> Sequence[Row]:
    return told.rows if told.ok else ()


def _dimensions(told: Told) -> Iterator[Row]:
    """Give the dimensions, those that most is missing of first."""
    found = sorted(_rows(told), key=lambda it: -abs(_missing(it)))
    for row in found:
        groups = [{**it, "value": _value(it)} for it in rows(row, "groups")]
        yield {**row, "groups": groups, "missing_cost": str(_missing(row))}


def _missing(row: Row) -> Decimal:
    """Give what nobody has an answer for: a rule that divides cost says whose it is."""
    missing = amount(row, "untagged_cost") or Decimal(0)
    divided = amount(row, "divided_cost") or Decimal(0)
    return missing - divided if text(row, "dimension") == "customer" else missing


def _model(row: Row) -> str:
    return f"/llm/models/{segment(text(row, 'model'))}"


def _value(group: Row) -> str:
    """Say what most of the account says, where it says anything."""
    likely = text(group, "likely")
    share = percents(f"{text(group, 'likely_percent')} %")
    return f"{likely} ({share} of the account)" if likely else ""


def _more(row: Row) -> int:
    return int(amount(row, "more_groups") or 0)


def _age(row: Row) -> int:
    return int(amount(row, "age_days") or 0)


def _words(row: Row) -> str:
    kind = text(row, "kind")
    return KINDS.get(kind, kind.replace("_", " "))


CLEAN_UP = Page(
    name="clean-up",
    path="/clean-up",
    title="Clean-up",
    template="clean_up.html",
    asks=asks,
    show=show,
    needs=("untagged",),
    section="clean-up",
    csv="untagged",
    once="What bills and calls do not say stands here, with the line that mends it.",
    table=table,
)
