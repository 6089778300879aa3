"""Writes an answer in the one shape `--json` and every API reply have.

Amounts are decimal strings with all their digits, days are ISO, and a number that does not
exist is `{"value": null, "reason": …}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache

from costper.model.answer import Absent, Answer, Cell, Measure, Row, Scalar
from costper.model.money import plain
from costper.model.outcome import Issue

QUANTITIES = ("hours", "quantity", "requests", "score", "seats", "units", "weight")
"""Last words of the names of columns that hold no money."""

PLACES: Mapping[Measure, int] = {"money": 2, "rate": 2, "price": 2, "percent": 1, "number": 0}
ALL_NAMED: Mapping[str, Measure] = {}
NO_PLACES: Mapping[str, int] = {}
Json = str | int | bool | list["Json"] | dict[str, "Json"] | None


def envelope(answer: Answer) -> dict[str, Json]:
    """Give the answer as values every JSON writer takes."""
    places = {name: PLACES[measure] for name, measure in answer.measures.items()}
    return {
        "question": row_json(answer.question),
        "rows": [row_json(row, places) for row in answer.rows],
        "total": row_json(answer.total, places),
        "currency": answer.currency,
        "as_of": answer.as_of,
        "settled_through": _scalar(answer.settled_through),
        "estimated": answer.estimated,
        "coverage": None if answer.coverage is None else plain(answer.coverage, 0),
        "unallocated": {reason: _scalar(cost) for reason, cost in answer.unallocated.items()},
        "issues": [issue_json(issue) for issue in answer.issues],
    }


def row_json(row: Row, places: Mapping[str, int] = NO_PLACES) -> dict[str, Json]:
    """Give one row; `places` are the decimals of columns whose names do not say them.

    >>> row_json({"customer": "acme", "cost": Decimal("8000"), "margin": Absent("no_revenue")})
    {'customer': 'acme', 'cost': '8000.00', 'margin': {'value': None, 'reason': 'no_revenue'}}
    """
    return {
        name: cell_json(cell, places[name] if name in places else places_of(name))
        for name, cell in row.items()
    }


@cache
def places_of(name: str) -> int:
    """Say how many decimals a column has at least: cents, unless its name says otherwise.

    >>> places_of("cost"), places_of("margin_percent"), places_of("requests")
    (2, 1, 0)
    """
    last = name.rpartition("_")[2]
    return 1 if last == "percent" else 0 if last in QUANTITIES else 2


def cell_json(cell: Cell, places: int = 2) -> Json:
    """Give one cell: a value, a list of values, or a list of rows."""
    if type(cell) is Decimal:  # most cells are, and a list of customers has many
        return plain(cell, places)
    if cell is None or isinstance(cell, str | int):  # bool is an int
        return cell
    if not isinstance(cell, Sequence):
        return _scalar(cell, places)
    return [row_json(it) if isinstance(it, Mapping) else _scalar(it, places) for it in cell]


def issue_json(issue: Issue) -> dict[str, Json]:
    """Give one issue: its code, where it is, what it is and what to do."""
    return {
        "code": issue.code,
        "severity": issue.severity,
        "where": issue.where,
        "message": issue.message,
        "hint": issue.hint,
        "count": issue.count,
    }


def _scalar(value: Scalar, places: int = 2) -> Json:
    if isinstance(value, Absent):
        return {"value": None, "reason": value.reason}
    if isinstance(value, Decimal):
        return plain(value, places)
    if isinstance(value, date):
        return value.isoformat()
    return value
