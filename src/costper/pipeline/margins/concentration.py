"""How few customers, teams, services or features carry how much of a cost or of a use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from costper.economics.concentration import Concentration, concentration, ordered
from costper.economics.verdict import percent
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.money import EXACT
from costper.model.money import total as total_of
from costper.model.outcome import Issue
from costper.pipeline.answer.costs import Amount, costs_by
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.payers import payers
from costper.pipeline.answer.select import Bound
from costper.pipeline.answer.units import is_payer
from costper.pipeline.answer.values import mart_column
from costper.pipeline.margins.per_unit import used_by

CUSTOMER = "customer"
COST = "cost"


@dataclass(slots=True)
class Members:
    """Who takes part, and who is set apart: by name, why and how much.

    Of `costs` only those take part who cost anything: others are known by the period before.
    """

    costs: bool
    amounts: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    apart: dict[str, tuple[str, Amount]] = field(default_factory=dict[str, tuple[str, Amount]])

    def count(self, name: str, amount: Amount, reason: str) -> None:
        """Take a member in, or set it apart: for a reason, a missing or a negative amount."""
        if isinstance(amount, Absent):
            self.apart[name] = (amount.reason, amount)
        elif reason or amount < 0:
            self.apart[name] = (reason or "negative", amount)
        elif not amount and self.costs:
            self.apart[name] = ("no_cost", amount)
        else:
            self.amounts[name] = amount


def concentrated(frame: Frame, of: str, metric: str = "") -> Answer:
    """Rank the members of a dimension by cost, or by a metric, with their cumulated shares.

    The total has the shares of the dearest 1, 5, 10 and 20 % (null where there are too few
    members), Gini, HHI and the Lorenz curve. Nobody's cost, customers of statuses that are no
    customers', and negative amounts are listed apart and counted nowhere.

    Raises:
        UnknownNameError: no such dimension or metric.
    """
    names = frame.books.settings.dimension_names
    if of not in names:
        raise UnknownNameError("dimension", of, names, where="of")
    amounts = used_by(frame, metric, of) if metric else _costs(frame, of)
    members = _members(frame, of, amounts, Members(costs=not metric))
    found = concentration(members.amounts)
    asked: dict[str, Cell] = {"noun": "concentration", "of": of, "metric": metric}
    rows = _rows(of, metric, members.amounts)
    total = _total(found, metric, members)
    return frame.answer(asked, rows, total, _issues(of, members))


def _costs(frame: Frame, of: str) -> dict[str, Amount]:
    table, column = (
        ("customer_daily", CUSTOMER)
        if of == CUSTOMER
        else ("dimension_daily", mart_column(frame, of))
    )
    found = costs_by(frame, table, (column,), (), Bound())
    return {name: costs.cost for (name,), costs in found.items()}


def _members(frame: Frame, of: str, amounts: Mapping[str, Amount], found: Members) -> Members:
    """Part who takes part from who does not."""
    known = payers(frame).known if of == CUSTOMER else {}
    apart = frozenset(frame.books.settings.margins.apart)
    for name, amount in amounts.items():
        status = known[name].status if name in known else ""
        reason = "" if is_payer(name) and name else "nobody"
        found.count(name, amount, reason or (status if status in apart else ""))
    return found


def _rows(of: str, metric: str, members: Mapping[str, Decimal]) -> tuple[Row, ...]:
    names = ordered(members)
    whole = total_of(list(members.values()))
    sums = accumulate((members[name] for name in names), EXACT.add)
    return tuple(
        {
            "rank": rank,
            of: name,
            "units" if metric else "cost": members[name],
            "share_percent": _share(members[name], whole),
            "members_percent": percent(Fraction(rank, len(names))),
            "cumulative_percent": _share(upto, whole),
        }
        for rank, (name, upto) in enumerate(zip(names, sums, strict=True), 1)
    )


def _share(part: Decimal, whole: Decimal) -> Cell:
    return percent(Fraction(part) / Fraction(whole)) if whole else Absent("zero_denominator")


def _total(found: Concentration, metric: str, members: Members) -> Row:
    return {
        "members": found.members,
        "units" if metric else "cost": found.total,
        **{f"top_{top.percent}_percent": top.share for top in found.tops},
        **{f"top_{top.percent}_members": top.members for top in found.tops},
        "gini_index": found.gini,
        "hhi_index": found.hhi,
        "lorenz": tuple(
            {"members_percent": share, "cumulative_percent": carried}
            for share, carried in found.lorenz
        ),
        "apart": tuple(
            {"member": name, "reason": reason, "units" if metric else "cost": amount}
            for name, (reason, amount) in sorted(members.apart.items())
        ),
    }


def _issues(of: str, members: Members) -> tuple[Issue, ...]:
    negative = [name for name, (reason, _) in members.apart.items() if reason == "negative"]
    if not negative:
        return ()
    return (
        Issue(
            code="negative_members",
            message=f"a {of} that has more credit than cost is set apart, such as {negative[0]}",
            severity="warning",
            where="concentration",
            hint="a longer period has fewer of them",
            count=len(negative),
        ),
    )
