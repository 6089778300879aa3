"""What is left of what customers pay: by customer, by plan, as a curve, and what if?

Loss makers come first, by money, then the rest by margin. The band says whether cost is a
bearable share of revenue: on target, watch or problem. --by curve adds margins up from the best
customer to the worst. --what-if says what another price or limit would have done over days
that are past, were everybody to have behaved the same.

Examples:
  costper margin
  costper margin --by plan --cost 'service = inference' --months 3
  costper margin --per active_users --arpu 30
  costper margin --months 6 --what-if 'price +10%'
  costper margin --months 6 --what-if 'plan pro price 99 per seat; price -5%'
  costper margin --months 3 --what-if 'plan free limit requests 100000 per month at 0.002'
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from decimal import Decimal

from costper.cli.answering import answer, answer_arguments
from costper.cli.context import Context
from costper.cli.figures import cell_text, header, money, percent
from costper.cli.options import amount, months
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.plural import plural

GROUPINGS = ("customer", "plan", "curve")
MARGIN = ("cost", "revenue", "margin", "margin_percent")
BAND = ("cost_of_revenue_percent", "band")
SEATS = ("seats", "cost_per_seat")
UNITS = ("units", "cost_per_unit")
AFTER = ("new_margin", "new_margin_percent", "change")
COLUMNS = {
    "customer": ("customer", "plan", *MARGIN, *BAND, *SEATS, *UNITS, *AFTER, "effect"),
    "plan": ("plan", "customers", "loss_makers", *MARGIN, "arpu", *BAND, *SEATS, *UNITS, *AFTER),
    "curve": ("customers", "customer", "margin", "cumulative_margin", "of_total_percent"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the grouping, the compared cost, a unit, changes and the days."""
    parser.add_argument("--by", choices=GROUPINGS, default="customer", help="one row of what")
    parser.add_argument(
        "--cost", metavar="CONDITION", default="", help="the cost that is compared with revenue"
    )
    parser.add_argument("--per", metavar="METRIC", default="", help="a cost per unit of a metric")
    parser.add_argument(
        "--arpu",
        metavar="AMOUNT",
        type=amount,
        help="what one unit of --per brings: a month, or each where units add up",
    )
    parser.add_argument(
        "--what-if",
        metavar="CHANGES",
        action="append",
        default=[],
        help="price +10%% · plan pro price 99 · limit requests 100000 per month; again, or by ;",
    )
    parser.add_argument("--months", metavar="N", type=months, help="the last whole settled months")
    answer_arguments(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.margins.answer import margins
    from costper.pipeline.margins.clients import MarginQuestion

    question = MarginQuestion(
        by=args.by,
        cost=args.cost,
        per=args.per,
        arpu=args.arpu,
        what_if="; ".join(args.what_if),
    )
    columns = COLUMNS[question.by]
    return answer(
        args, context, lambda frame: margins(frame, question), columns=columns, summary=summary
    )


def summary(found: Answer) -> Iterator[str]:
    """Say in a few lines what the rows come to."""
    total, currency = found.total, found.currency
    yield (
        f"{plural(_count(total['customers']), 'customer')}, "
        f"{plural(_count(total['loss_makers']), 'loss maker')}; the best "
        f"{_count(total['peak_customers']):,} leave {_money(total['peak_margin'], currency)}, all "
        f"together {_money(total['customers_margin'], currency)}"
    )
    if "arpu_is" in total and found.question["arpu"] is None:
        yield (
            f"cost per unit {cell_text('cost_per_unit', total['cost_per_unit'], currency)}: no "
            f"band without --arpu, what one such unit brings (ARPU "
            f"{_money(total['arpu'], currency)} is of a customer: {total['arpu_is']})"
        )
    elif "arpu_is" in total:
        yield (
            f"cost per unit {cell_text('cost_per_unit', total['cost_per_unit'], currency)} is "
            f"{_percent(total['cost_of_arpu_percent'])} of ARPU "
            f"{_money(total['arpu_of_days'], currency)} ({_given(total, currency)}): "
            f"{_word(total['band'])}; "
            f"watch from {_money(total['watch_from_cost'], currency)}, "
            f"problem above {_money(total['problem_above_cost'], currency)}"
        )
    elif total["band"]:
        percent_of = _percent(total["cost_of_revenue_percent"])
        yield f"cost is {percent_of} of revenue: {_word(total['band'])}"
    yield from _nobodys(total, currency)
    if "new_margin" in total:
        losses = plural(_count(total["new_loss_makers"]), "loss maker")
        yield (
            f"what if: margin {_money(total['new_margin'], currency)}, changed by "
            f"{_money(total['change'], currency)}; {losses} instead of "
            f"{_count(total['loss_makers']):,}; up at {_count(total['margins_up']):,}, "
            f"down at {_count(total['margins_down']):,}"
        )


def _nobodys(total: Row, currency: str) -> Iterator[str]:
    """Say which numbers of the total leave out what belongs to no customer."""
    theirs = total["customers_cost"]
    if isinstance(theirs, Decimal) and theirs != total["cost"]:
        yield (
            f"customers cost {_money(theirs, currency)} of {_money(total['cost'], currency)}: "
            "cost of revenue and what is per customer or seat are of it, cost and margin of all"
        )


def _given(total: Row, currency: str) -> str:
    """Say what was given, and of how many months it is where a unit brings it every month."""
    months = total["arpu_months"]
    if not isinstance(months, Decimal) or months == 1:
        return "as given, for each" if isinstance(months, Absent) else "as given, for one month"
    return f"{_money(total['arpu'], currency)} a month, {months.normalize():.4g} months"


def _count(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


def _money(cell: Cell, currency: str) -> str:
    return money(cell, currency) if isinstance(cell, Decimal) else _absent(cell)


def _percent(cell: Cell) -> str:
    return percent(cell) if isinstance(cell, Decimal) else _absent(cell)


def _absent(cell: Cell) -> str:
    return f"— ({header(cell.reason)})" if isinstance(cell, Absent) else str(cell)


def _word(cell: Cell) -> str:
    return header(str(cell)) or "no band"
