"""Say in SQL what a line of an AWS report costs: billed, amortised, at list price.

The amortised cost follows the formula AWS documents for its Cost Intelligence Dashboards:

| line item type | effective cost |
|---|---|
| SavingsPlanCoveredUsage | savings plan effective cost |
| SavingsPlanRecurringFee | commitment to date - used commitment, as a charge of its own |
| SavingsPlanNegation, SavingsPlanUpfrontFee | 0 |
| Refund of a savings plan purchase | 0 |
| DiscountedUsage | reservation effective cost |
| RIFee | unused upfront + unused recurring fee, as a charge of its own |
| Fee with a reservation ARN | 0 |
| anything else | unblended cost |

A report without a plan's columns keeps that plan's lines at their unblended cost, all of them,
so that the total still is the bill.
"""

from __future__ import annotations

from dataclasses import dataclass

from costper.model.money import MONEY_SQL
from costper.model.names import literal, quoted
from costper.sources.aws_cur.columns import ReportColumns
from costper.sources.headers import RawColumn
from costper.sources.projection import first, money, trimmed

ZERO = f"CAST(0 AS {MONEY_SQL})"
ADDEND = "DECIMAL(37,21)"
"""One digit less than money: the sum of two is exact money on every engine."""

HALF = "costper_half"
"""Column of staged rows; not NULL where the row stands for an unused commitment."""

SAVINGS_PLAN = (
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
)
RESERVATION = (
    "reservation_effective_cost",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring_fee",
)
UNUSED = {
    "SavingsPlanRecurringFee": (SAVINGS_PLAN[1], SAVINGS_PLAN[2], "-"),
    "RIFee": (RESERVATION[1], RESERVATION[2], "+"),
}
"""Lines that pay for a commitment, and how they tell what of it went unused."""

NET = {
    "line_item_unblended_cost": "line_item_net_unblended_cost",
    SAVINGS_PLAN[0]: "savings_plan_net_savings_plan_effective_cost",
    RESERVATION[0]: "reservation_net_effective_cost",
    RESERVATION[1]: "reservation_net_unused_amortized_upfront_fee_for_billing_period",
    RESERVATION[2]: "reservation_net_unused_recurring_fee",
}
RESERVATION_ARN = "reservation_reservation_a_r_n"
SAVINGS_PLAN_ARN = "savings_plan_savings_plan_a_r_n"


@dataclass(frozen=True, slots=True)
class Report:
    """What the cost formulas read: the columns, net of discounts or not, with halves or not.

    `halves` says that some staged rows stand for unused commitments.
    """

    columns: ReportColumns
    net: bool = False
    halves: bool = False

    def has(self, names: tuple[str, ...]) -> bool:
        """Say whether all the columns of a formula are there."""
        return all(self.columns.get(name) is not None for name in names)

    @property
    def line_type(self) -> str:
        """The line item type."""
        return trimmed(self.columns.get("line_item_line_item_type"))

    def is_half(self) -> str:
        """Give a condition: the row stands for an unused commitment."""
        return f"{quoted(HALF)} IS NOT NULL" if self.halves else "FALSE"

    def amount(self, name: str) -> str:
        """Read an amount, its net form where that is asked for and there."""
        return first(money(self.net_column(name)), money(self.columns.get(name)))

    def is_empty(self, name: str) -> str:
        """Give a condition: the cell of an amount is empty."""
        net, gross = trimmed(self.net_column(name)), trimmed(self.columns.get(name))
        return f"{first(net, gross)} IS NULL"

    def net_column(self, name: str) -> RawColumn | None:
        """Give the net form of a column where that is asked for and there."""
        return self.columns.get(NET.get(name, "")) if self.net else None


def billed_cost(report: Report) -> str:
    """What the invoice says; the half that is unused was billed with its fee."""
    return _whole(report, _cost(report))


def effective_cost(report: Report) -> str:
    """What the line costs once fees are spread over what they cover."""
    cost = _cost(report)
    branches: list[str] = []
    if report.has(SAVINGS_PLAN):
        branches += _savings_plan(report, cost)
    if report.has(RESERVATION):
        branches += _reservation(report, cost)
    return f"CASE {' '.join(branches)} ELSE {cost} END" if branches else cost


def list_cost(report: Report) -> str:
    """At the public on-demand price where the line has one, else what was billed."""
    public = f"nullif({money(report.columns.get('pricing_public_on_demand_cost'))}, {ZERO})"
    known = report.columns.get("pricing_public_on_demand_cost") is not None
    cost = money(report.columns.get("line_item_unblended_cost"))
    priced = f"coalesce({public}, {cost})" if known else cost
    usage = "'Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage'"
    return _whole(
        report,
        f"CASE WHEN {report.line_type} IN ({usage}) THEN {priced}"
        f" WHEN {report.line_type} = 'SavingsPlanNegation' THEN {ZERO} ELSE {cost} END",
    )


def contracted_cost(report: Report) -> str:
    """Before commitments, after negotiated prices: unblended, the list price where covered."""
    cost = money(report.columns.get("line_item_unblended_cost"))
    return _whole(
        report,
        f"CASE WHEN {report.line_type} = 'SavingsPlanNegation' THEN {ZERO}"
        f" WHEN {report.line_type} = 'DiscountedUsage' THEN {list_cost(report)}"
        f" ELSE {cost} END",
    )


def unused_cost(report: Report, fee: str) -> str:
    """What a commitment cost that nothing used; `fee` is the line item type that tells.

    NULL where the line does not tell, or tells what cannot be read.
    """
    left, right, sign = UNUSED[fee]
    addends = [
        f"CASE WHEN {report.is_empty(name)} THEN CAST(0 AS {ADDEND})"
        f" ELSE CAST({report.amount(name)} AS {ADDEND}) END"
        for name in (left, right)
    ]
    both = f"CAST(({addends[0]}) {sign} ({addends[1]}) AS {MONEY_SQL})"
    return f"CASE WHEN NOT ({untold(report, fee)}) THEN {both} END"


def untold(report: Report, fee: str) -> str:
    """Give a condition: the line says nothing of what went unused."""
    left, right, _ = UNUSED[fee]
    return f"{report.is_empty(left)} AND {report.is_empty(right)}"


def category(report: Report) -> str:
    """Give the FOCUS charge category of a line; the unused half of a fee is Usage."""
    kind = report.line_type
    return (
        f"CASE WHEN {report.is_half()} THEN 'Usage'"
        f" WHEN {kind} = 'Tax' THEN 'Tax' WHEN {kind} = 'Credit' THEN 'Credit'"
        f" WHEN {kind} = 'Refund' OR {kind} LIKE '%Discount' THEN 'Adjustment'"
        f" WHEN {kind} LIKE '%Fee' THEN 'Purchase' WHEN {kind} IS NOT NULL THEN 'Usage' END"
    )


def commitment_status(report: Report) -> str:
    """Say whether a line used a commitment or shows one unused."""
    return (
        f"CASE WHEN {report.is_half()} THEN 'Unused' WHEN {report.line_type} IN"
        " ('SavingsPlanCoveredUsage', 'DiscountedUsage') THEN 'Used' END"
    )


def commitment_type(report: Report) -> str:
    """Name the kind of commitment a line belongs to, by its type, else by its ARN."""
    kind = report.line_type
    reserved = trimmed(report.columns.get(RESERVATION_ARN))
    return (
        f"CASE WHEN {kind} LIKE 'SavingsPlan%' THEN 'Savings Plan'"
        f" WHEN {kind} IN ('DiscountedUsage', 'RIFee') OR {reserved} IS NOT NULL"
        " THEN 'Reservation' END"
    )


def _cost(report: Report) -> str:
    gross = money(report.columns.get("line_item_unblended_cost"))
    net = report.net_column("line_item_unblended_cost")
    if net is None:
        return gross
    # A discount line is inside the net cost of the lines it discounts.
    folded = f"CASE WHEN {report.line_type} LIKE '%Discount' THEN {ZERO} ELSE {gross} END"
    return f"coalesce({money(net)}, {folded})"


def _whole(report: Report, expression: str) -> str:
    return (
        f"CASE WHEN {report.is_half()} THEN {ZERO} ELSE {expression} END"
        if (report.halves)
        else expression
    )


def _savings_plan(report: Report, cost: str) -> list[str]:
    kind = report.line_type
    product = trimmed(report.columns.get("line_item_product_code"))
    return [
        f"WHEN {kind} = 'SavingsPlanCoveredUsage' THEN {_told(report, SAVINGS_PLAN[0], cost)}",
        *_fee(report, "SavingsPlanRecurringFee", cost),
        f"WHEN {kind} IN ('SavingsPlanNegation', 'SavingsPlanUpfrontFee') THEN {ZERO}",
        f"WHEN {kind} = 'Refund' AND {product} = 'ComputeSavingsPlans' THEN {ZERO}",
    ]


def _reservation(report: Report, cost: str) -> list[str]:
    kind = report.line_type
    arn = trimmed(report.columns.get(RESERVATION_ARN))
    return [
        f"WHEN {kind} = 'DiscountedUsage' THEN coalesce({report.amount(RESERVATION[0])}, {cost})",
        *_fee(report, "RIFee", cost),
        f"WHEN {kind} = 'Fee' AND {arn} IS NOT NULL THEN {ZERO}",
    ]


def _told(report: Report, name: str, cost: str) -> str:
    """Read an amount of the formula, `cost` where its cell is empty; unreadable is NULL."""
    return f"CASE WHEN {report.is_empty(name)} THEN {cost} ELSE {report.amount(name)} END"


def _fee(report: Report, fee: str, cost: str) -> list[str]:
    """The fee itself is a purchase and costs nothing by itself; its unused half does."""
    kind = report.line_type
    unused = unused_cost(report, fee)
    return [
        f"WHEN {kind} = {literal(fee)} AND {report.is_half()} THEN {unused}",
        f"WHEN {kind} = {literal(fee)} AND {untold(report, fee)} THEN {cost}",
        f"WHEN {kind} = {literal(fee)} THEN CASE WHEN {unused} IS NOT NULL THEN {ZERO} END",
    ]
