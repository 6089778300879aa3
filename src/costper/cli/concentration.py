"""How few cost how much: top shares, Gini and HHI of customers, teams, services or features?

The dearest come first, each with its share and with what all up to it carry together. Nobody's
cost and customers that are none, such as internal ones, are set apart. --metric ranks by a use
instead of the cost.

Examples:
  costper concentration
  costper concentration --of service --days 90
  costper concentration --of customer --metric requests
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from decimal import Decimal

from costper.cli.answering import answer, answer_arguments
from costper.cli.context import Context
from costper.cli.figures import header, money, number, percent
from costper.model.answer import Absent, Answer, Cell
from costper.model.plural import plural

TOPS = (1, 5, 10, 20)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept what is ranked, by what, and the days."""
    parser.add_argument(
        "--of", metavar="DIM", default="customer", help="a dimension: customer, team, service, …"
    )
    parser.add_argument("--metric", default="", help="rank by a metric instead of the cost")
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.margins.concentration import concentrated

    of, metric = str(args.of), str(args.metric)
    value = "units" if metric else "cost"
    columns = ("rank", of, value, "share_percent", "members_percent", "cumulative_percent")
    return answer(
        args,
        context,
        lambda frame: concentrated(frame, of, metric),
        columns=columns,
        summary=summary,
    )


def summary(found: Answer) -> Iterator[str]:
    """Say what the ranking comes to."""
    total = found.total
    what = "use" if "units" in total else "cost"
    for top in TOPS:
        share, members = total[f"top_{top}_percent"], total[f"top_{top}_members"]
        if isinstance(share, Decimal) and isinstance(members, int):
            of = plural(members, str(found.question["of"]))
            yield f"the dearest {top} % ({of}) carry {percent(share)} of the {what}"
    yield f"Gini {_index(total['gini_index'])} · HHI {_index(total['hhi_index'])}"
    apart = total["apart"]
    for one in apart if isinstance(apart, tuple) else ():
        if isinstance(one, dict):
            yield f"apart: {one['member']} ({header(str(one['reason']))}) {_amount(one, found)}"


def _index(cell: Cell) -> str:
    return number(cell) if isinstance(cell, Decimal) else _absent(cell)


def _amount(row: dict[str, Cell], found: Answer) -> str:
    cell = row.get("cost", row.get("units"))
    if not isinstance(cell, Decimal):
        return _absent(cell)
    return money(cell, found.currency) if "cost" in row else number(cell)


def _absent(cell: Cell) -> str:
    return f"— ({header(cell.reason)})" if isinstance(cell, Absent) else "—"
