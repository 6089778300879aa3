"""Writes the rows of an answer as CSV (RFC 4180), for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import StringIO

from costper.web.page import Ask, Asks
from costper.web.told import Row, Told, number, rows

MOST_ROWS = "10000"
"""The most rows an endpoint gives at once."""

FEWER = {"/api/v1/audit": "1000", "/api/v1/untagged": "1000"}
"""Where it is fewer."""

COUNTS = ("rows", "top")
"""Parameters that say how many rows there are at most, where no cursor leads to the others."""

PLACES = ("cursor", "before", "after")
"""Parameters that say where a page begins."""

BESIDES = "not_customers"
"""The cell of a total with the lines that are nobody's row."""

MONEY = frozenset(("cost", "impact", "monthly_saving", "now"))
"""Columns by which a row is known to hold amounts."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A text cell that begins so would be computed by a spreadsheet (OWASP, CSV injection).

The last are =, +, - and @ of full width, which some take for the others."""


def whole(asks: Asks, name: str) -> dict[str, Ask]:
    """Ask for all rows of an answer where a page asks for some of them."""
    return {key: _whole(ask) if key == name else ask for key, ask in asks.items()}


def _whole(ask: Ask) -> Ask:
    counts = [name for name in ("limit", *COUNTS) if name in ask.params]
    if not counts:
        return ask
    params = {key: value for key, value in ask.params.items() if key not in PLACES}
    most = FEWER.get(ask.path, MOST_ROWS)
    return replace(ask, params={**params, **dict.fromkeys(counts, most)})


def first_of(ask: Ask, rows: int) -> str:
    """Give what a file's name says when there may be more rows than the API gives: `first-1000`.

    >>> first_of(Ask(path="/users", params={"top": "50"}), 50), first_of(Ask(path="/users"), 50)
    ('first-50', '')
    """
    most = next((ask.params[name] for name in COUNTS if name in ask.params), "")
    return f"first-{most}" if most.isdecimal() and rows >= int(most) else ""


def listed(told: Told) -> tuple[Row, ...]:
    """Give the rows of an answer, and the lines its total has besides: the file adds up too.

    >>> told = Told(200, {"rows": [{"customer": "acme", "cost": "9"}], "total": {
    ...     "not_customers": [{"customer": "(unallocated)", "cost": "1"}]}})
    >>> [row["customer"] for row in listed(told)]
    ['acme', '(unallocated)']
    """
    return tuple(priced((*told.rows, *rows(told.total, BESIDES)), told.currency))


def priced(told: Iterable[Row], currency: str) -> Iterator[Row]:
    """Say of rows with money what it is in, last of all; one that names a currency keeps its own.

    >>> list(priced([{"cost": "9"}, {"title": "launch"}], "USD"))
    [{'cost': '9', 'currency': 'USD'}, {'title': 'launch'}]
    """
    for row in told:
        is_money = currency and "currency" not in row and not MONEY.isdisjoint(row)
        yield {**row, "currency": currency} if is_money else row


def marked(of: str, told: Iterable[Row], currency: str = "") -> Iterator[Row]:
    """Say of rows which of a page's tables they are of, and what their amounts are in.

    A row that names a currency keeps its own.

    >>> list(marked("rules", [{"rule": "shared"}], "EUR"))
    [{'table': 'rules', 'currency': 'EUR', 'rule': 'shared'}]
    """
    said = {"table": of, "currency": currency} if currency else {"table": of}
    return ({**said, **row} for row in told)


def csv_text(told: Sequence[Row], heads: Sequence[str] = ()) -> str:
    r"""Write rows under the names of their columns; what is not known is left empty.

    `heads` are the columns where there is no row that has any.

    >>> csv_text([{"name": "=1+1", "cost": "-2.50", "margin": {"value": None, "reason": "x"}}])
    "name,cost,margin\r\n'=1+1,-2.50,\r\n"
    """
    names = tuple(dict.fromkeys(name for row in told for name, cell in row.items() if _flat(cell)))
    out = StringIO()
    written = csv.writer(out)
    written.writerow(names or heads)
    written.writerows([_cell(row.get(name)) for name in names] for row in told)
    return out.getvalue()


def _flat(cell: object) -> bool:
    if isinstance(cell, Mapping):
        return "reason" in cell
    return not isinstance(cell, list | tuple)


def _cell(cell: object) -> str:
    if cell is None or isinstance(cell, list | tuple | Mapping):
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) and number(cell) is None else text
