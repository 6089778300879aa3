"""Turns answers from the books into the findings of the demo, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from costper.demo.company import LAST_MONTH
from costper.demo.proof import Proof
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.call import CALLS
from costper.model.money import plain
from costper.model.money import total as total_of

WINDOW = f"--from {LAST_MONTH.start} --to {LAST_MONTH.end}"
MINUS = "\N{MINUS SIGN}"
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the books say: a headline, what proves it, and the command that repeats it.

    `command` is what stands after `costper`.
    """

    title: str
    lines: tuple[str, ...] = ()
    command: str

    def text(self, program: str) -> Iterator[str]:
        """Write it, line by line; `program` is how costper is called here."""
        yield self.title
        yield from (f"    {line}" for line in self.lines)
        yield f"    $ {program} {self.command}"


def spend(customers: Answer, sources: Answer) -> Finding:
    """Say what the company spends on clouds and on calls, and what its customers leave."""
    total = customers.total
    calls = [row["cost"] for row in sources.rows if row["source"] == CALLS]
    bills = [row["cost"] for row in sources.rows if row["source"] != CALLS]
    spent = f"{dollars(_added(bills))} on AWS and {dollars(_added(calls))} on AI"
    return Finding(
        title=f"Lumen Desk spent {spent} in October and earned {dollars(total['revenue'])}: "
        f"a margin of {percent(total['margin_percent'])}.",
        lines=(f"{total['customers']} customers cost {dollars(total['customers_cost'])} of it.",),
        command=f"customer {WINDOW}",
    )


def _added(costs: Sequence[Cell]) -> Cell:
    """Add up; unknown where one of them is."""
    known = [cost for cost in costs if isinstance(cost, Decimal)]
    return total_of(known) if len(known) == len(costs) else Absent("not_added_up")


def loss_makers(customers: Answer) -> Finding:
    """Name the customers that cost more than they pay, worst first."""
    losing = [row for row in customers.rows if _loses(row)]
    width = max((len(str(row["name"])) for row in losing), default=0)
    lines = tuple(
        f"{row['name']!s:<{width}}  costs {dollars(row['cost']):>9}  "
        f"pays {dollars(row['revenue']):>9}  margin {percent(row['margin_percent'])}"
        for row in losing
    )
    return Finding(
        title=f"{len(losing)} customers cost more than they pay.",
        lines=lines,
        command=f"customer {WINDOW}",
    )


def waste(answer: Answer) -> Finding:
    """Say what non-production costs while nobody works, and what a schedule saves."""
    row = answer.rows[0]
    saving = dollars(row["monthly_saving"])
    how = "estimated" if _amount(row["estimated_cost"]) else "measured hour by hour"
    return Finding(
        title=f"{str(row['environment']).capitalize()} costs {dollars(row['idle_cost'])} on "
        f"nights and weekends, of {dollars(row['cost'])}.",
        lines=(f"{how}; running {row['schedule']} only saves {saving} a month",),
        command=f"waste {WINDOW}",
    )


def anomaly(answer: Answer) -> Finding:
    """Name the worst unusual day, and who caused it."""
    services = [row for row in answer.rows if row["scope"] == "service"]
    row = services[0]
    parts = cast("Sequence[Row]", row["contributors"])
    causes = ", ".join(f"team {part['team']} {dollars(part['deviation'])}" for part in parts)
    return Finding(
        title=f"On {_day(row['day'])} {row['name']} cost {dollars(row['cost'])}: "
        f"{dollars(row['deviation'])} more than expected ({row['severity']}).",
        lines=(f"expected {dollars(row['expected'])}; {causes}",),
        command=f"anomalies {WINDOW}",
    )


def coverage(customers: Answer) -> Finding:
    """Say how much of the cost found its owner, and why the rest did not."""
    share = Absent("no_cost") if customers.coverage is None else customers.coverage.scaleb(2)
    return Finding(
        title=f"{percent(share)} of the cost is allocated.",
        lines=tuple(
            f"unallocated, {reason}: {dollars(cost)}"
            for reason, cost in sorted(customers.unallocated.items())
        ),
        command=f"customer {WINDOW} --json",
    )


def conserved(proofs: Sequence[Proof]) -> Finding:
    """Show that nothing was lost on the way and nothing made up, to the last digit."""
    whole = all(proof.holds for proof in proofs)
    return Finding(
        title="Every cent is accounted for." if whole else "THE BOOKS DO NOT ADD UP.",
        lines=tuple(
            f"{proof.column}: {exactly(proof.allocated)} allocated + "
            f"{exactly(proof.unallocated)} unallocated {'=' if proof.holds else '≠'} "
            f"{exactly(proof.charged)} charged"
            for proof in proofs
        ),
        command="check",
    )


def dollars(cell: Cell) -> str:
    """Write an amount in cents.

    >>> dollars(Decimal("1234.565")), dollars(Absent("no_rate"))
    ('$1,234.57', '—')
    """
    if not isinstance(cell, Decimal):
        return "—"
    rounded = cell.quantize(CENT, ROUND_HALF_UP)
    return f"{MINUS if rounded < 0 else ''}${abs(rounded):,.2f}"


def percent(cell: Cell) -> str:
    """Write a percentage with one decimal."""
    if not isinstance(cell, Decimal):
        return "—"
    rounded = cell.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,} %"


def exactly(cell: Cell) -> str:
    """Write an amount with all its digits."""
    return f"${plain(cell)}" if isinstance(cell, Decimal) else "—"


def _loses(row: Row) -> bool:
    margin = row["margin"]
    return isinstance(margin, Decimal) and margin < 0


def _amount(cell: Cell) -> Decimal:
    return cell if isinstance(cell, Decimal) else Decimal(0)


def _day(cell: Cell) -> str:
    return f"{cell.day} {cell:%B}" if isinstance(cell, date) else str(cell)
