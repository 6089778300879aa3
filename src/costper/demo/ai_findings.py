"""Turns answers about LLM calls into the findings of the demo, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from costper.demo.assistant import SEARCH, SUMMARISER
from costper.demo.findings import WINDOW, Finding, dollars, percent
from costper.economics.trend import ratio
from costper.model.answer import Absent, Answer, Cell, Row


def features(answer: Answer) -> Finding:
    """Say what each feature costs, and what a call of it."""
    rows = {str(row["feature"]): row for row in answer.rows}
    times = ratio(_number(rows[SEARCH], "calls"), _number(rows[SUMMARISER], "calls"), 0)
    dearer = _number(rows[SUMMARISER], "cost") > _number(rows[SEARCH], "cost")
    return Finding(
        title=f"{SUMMARISER.capitalize()} costs {'more' if dearer else 'less'} than {SEARCH} with "
        f"{_whole(times)} times fewer calls.",
        lines=tuple(
            f"{name:<16} {dollars(row['cost']):>9}  {_number(row, 'calls'):>7,} calls  "
            f"{dollars(row['cost_per_call'])} a call"
            for name, row in rows.items()
        ),
        command=f"feature {WINDOW}",
    )


def users(months: Sequence[tuple[date, Answer]]) -> Finding:
    """Say how users and what each costs grew, and how few make how much of it."""
    last = months[-1][1].total
    return Finding(
        title=f"5 % of the users make {percent(last['top_5_percent'])} of the cost of AI.",
        lines=tuple(
            f"{start:%B}: {_number(answer.total, 'users_count'):,} users at {_each(answer.total)}"
            for start, answer in months
        ),
        command=f"user {WINDOW}",
    )


def version(answer: Answer) -> Finding:
    """Name the prompt that made calls dearer most, and since when."""
    dearer = [row for row in answer.rows if row["verdict"] == "dearer"]
    row = max(dearer, key=lambda one: _number(one, "cost_change_percent"))
    first = row["first_day"]
    tokens = percent(row["tokens_change_percent"])
    odds = f"chance alone does that once in {_odds(row)}"
    since = f"{first.day} {first:%B}" if isinstance(first, date) else str(first)
    return Finding(
        title=f"Since {since} a call of {row['feature']} costs "
        f"{percent(row['cost_change_percent'])} more: prompt {row['prompt_version']}.",
        lines=(f"{tokens} more tokens a call than {row['previous']}; {odds}",),
        command=f"prompt-version {WINDOW}",
    )


def unpriced(answer: Answer) -> Finding:
    """Name the models without a price: their calls are in no amount."""
    rows = [row for row in answer.rows if row["kind"] == "unpriced_model"]
    names = ", ".join(str(row["name"]) for row in rows)
    calls = sum(_number(row, "calls") for row in rows)
    return Finding(
        title=f"{calls:,} calls have no price, and are in no amount above: {names}.",
        command="unknown",
    )


def _odds(row: Row) -> str:
    chance = _number(row, "p_value")
    return f"{int(1 / chance):,}" if chance else "a million"


def _each(total: Row) -> str:
    cost = total["cost"]
    if not isinstance(cost, Decimal):
        return dollars(cost)
    return dollars(ratio(cost, _number(total, "users_count"), 6))


def _number(row: Row, name: str) -> Decimal:
    cell = row[name]
    return Decimal(cell) if isinstance(cell, int | Decimal) else Decimal(0)


def _whole(cell: Cell) -> str:
    return "—" if isinstance(cell, Absent) else str(cell)
