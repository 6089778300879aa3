"""Tells what one customer's cost is made of, rule by rule, down to rows of the bills."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from costper.allocation.explain import Line, derivation
from costper.demo.findings import WINDOW, Finding, dollars, exactly
from costper.pipeline.explain import Explanation

ZERO = Decimal(0)


def traced(name: str, explanation: Explanation) -> tuple[Finding, Finding]:
    """Say which rules brought the cost, and the way back from the dearest bill row."""
    rules: dict[str, list[Line]] = defaultdict(list)
    for line in explanation.lines:
        rules[line.rule].append(line)
    dearest = sorted(rules.items(), key=lambda item: -_cost(item[1]))
    whole = exactly(sum(explanation.totals.values(), ZERO))
    down = Finding(
        title=f"{name}: {explanation.rows:,} bill rows in {explanation.parts:,} parts "
        f"add up to {whole}, to the last digit.",
        lines=tuple(text for rule, lines in dearest for text in _rule(rule, lines)),
        command=f"explain {explanation.dimension} {explanation.value} {WINDOW}",
    )
    return down, _back(dearest[1][1] if len(dearest) > 1 else dearest[0][1])


def _rule(rule: str, lines: Sequence[Line]) -> tuple[str, str]:
    """Write one rule: what it brought, and its largest bill row with how that was divided."""
    line = _largest(lines)
    where = f"{line.bill.file}:{line.bill.row_no}" if line.bill else line.source
    how = (
        derivation(line.bill, tuple(reversed(line.steps)), "all of it") if line.bill else "its sum"
    )
    return (
        f"{dollars(_cost(lines)):>9}  {rule} ({line.method}), {_rows(lines):,} bill rows",
        f"{'':>9}  such as {dollars(line.cost)} of {where}: {how}",
    )


def _back(lines: Sequence[Line]) -> Finding:
    """Point at one shared bill row, to be followed to everybody who has a part of it."""
    bill = _largest(lines).bill
    charge = bill.charge if bill else ""
    told = f"{bill.description}: {dollars(bill.cost)}" if bill else ""
    return Finding(
        title="The same from the other end: where did that shared row of the bill go?",
        lines=(told,),
        command=f"explain --charge {charge}",
    )


def _rows(lines: Sequence[Line]) -> int:
    return len({line.bill.charge for line in lines if line.bill})


def _largest(lines: Sequence[Line]) -> Line:
    return max(lines, key=lambda line: abs(line.cost))


def _cost(lines: Sequence[Line]) -> Decimal:
    return sum((line.cost for line in lines), ZERO)
