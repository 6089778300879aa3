"""All that is known of each customer's economics: cost, revenue, seats, units, and what if."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from costper.economics.changes import parse_changes
from costper.economics.margin import Margin, margin
from costper.economics.where import Condition, keys_of, parse
from costper.model.outcome import Issue
from costper.pipeline.answer.cost import known_keys, mart_for
from costper.pipeline.answer.costs import NOTHING, Amount, Costs, Key, added, costs_by
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.ground import Payer
from costper.pipeline.answer.narrow import unknown_values
from costper.pipeline.answer.payers import UNKNOWN, Payers, payers
from costper.pipeline.answer.select import Bound, condition_sql, mart_key
from costper.pipeline.answer.units import is_payer
from costper.pipeline.answer.unpriced import (
    known,
    priced,
    unpriced_by,
    unpriced_in,
    unpriced_issues,
)
from costper.pipeline.answer.unsaid import plan_word, refuse_plan
from costper.pipeline.margins.accounts import Accounts, accounts
from costper.pipeline.margins.per_unit import Used, used
from costper.pipeline.margins.what_if import Imagined, imagined


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginQuestion:
    """What is asked: `by` customer, plan or curve.

    `cost` is a condition: the cost the bands compare with revenue; '' is that of costper.yaml,
    else all. `per` is
    the metric a unit cost divides by, `arpu` a declared revenue per unit of it, `what_if`
    changes of prices and limits.
    """

    by: str = "customer"
    cost: str = ""
    per: str = ""
    arpu: Decimal | None = None
    what_if: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One customer in one period; `after` is its revenue and cost had things been changed."""

    name: str
    payer: Payer
    costs: Costs
    compared: Amount
    revenue: Amount
    left: Margin
    seats: Amount
    units: Amount
    after: tuple[Amount, Amount] | None = None

    @property
    def pays(self) -> bool:
        """Say whether it brought any revenue."""
        return isinstance(self.revenue, Decimal) and self.revenue > 0

    @property
    def takes_part(self) -> bool:
        """Say whether it cost or paid anything: who only did before is a row, but not counted."""
        return self.costs.cost != 0 or self.revenue != 0

    @property
    def adding(self) -> Costs:
        """Give what it adds to sums: nothing where all it caused are calls nobody priced."""
        return self.costs if known(self.costs.cost) else NOTHING

    @property
    def left_after(self) -> Margin:
        """Give the margin had things been changed."""
        return self.left if self.after is None else margin(*self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """Every customer that costs or pays, and what is nobody's; `compared` is of everything."""

    all: tuple[Client, ...]
    nobody: Mapping[str, Costs]
    paying: Payers
    compared: Amount
    used: Used | None
    issues: tuple[Issue, ...] = ()
    unpriced: int = 0


def clients(frame: Frame, question: MarginQuestion) -> Clients:
    """Read what a question about margins needs.

    Raises:
        UserError: a condition, a metric or a change that cannot be read.
    """
    found = costs_by(frame, "customer_daily", ("customer",), (), Bound())
    chosen = question.cost or frame.books.settings.margins.cost
    condition = parse(chosen, known_keys(frame)) if chosen else None
    refuse_plan(frame, keys_of(condition))
    compared = found if condition is None else _selected(frame, condition)
    paying = payers(frame)
    terms = accounts(frame)
    after = _imagined(frame, question, terms)
    units = used(frame, question.per) if question.per else None
    lacking = unpriced_by(frame)
    unseen = lacking if condition is None else _unpriced(frame, condition)
    names = {name for name in (*lacking, *(name for (name,) in found)) if is_payer(name)}
    names |= {name for name, revenue in paying.current.items() if revenue}
    names |= {name for name, revenue in (after.revenue if after else {}).items() if revenue}

    def one(name: str) -> Client:
        costs = priced(found.get((name,), NOTHING), lacking.get(name, 0))
        revenue = paying.revenue(name)
        return Client(
            name=name,
            payer=paying.known.get(name, UNKNOWN),
            costs=costs,
            compared=priced(compared.get((name,), NOTHING), unseen.get(name, 0)).cost,
            revenue=revenue,
            left=margin(revenue, costs.cost),
            seats=terms.seats(name),
            units=units.of(name) if units else Decimal(0),
            after=after.after(name, revenue, costs.cost) if after else None,
        )

    return Clients(
        all=tuple(map(one, sorted(names))),
        nobody={name: costs for (name,), costs in found.items() if not is_payer(name)},
        paying=paying,
        compared=added(compared.values()).cost,
        used=units,
        issues=(
            *paying.issues(),
            *unpriced_issues(lacking),
            *(units.issues if units else ()),
            *(unknown_values(frame, condition) if condition is not None else ()),
            *(after.issues if after else ()),
        ),
        unpriced=sum(lacking.values()),
    )


def _selected(frame: Frame, condition: Condition) -> dict[Key, Costs]:
    """Sum by customer the cost that a condition selects."""
    table = mart_for(("customer",), condition)
    bound = Bound()
    where = condition_sql(condition, frame.books.settings.dimensions, table, bound)
    return costs_by(frame, table, (mart_key(table, "customer"),), (where,), bound)


def _unpriced(frame: Frame, condition: Condition) -> dict[str, int]:
    return unpriced_in(frame.books, frame.ground.unpriced, frame.period, condition)


def _imagined(frame: Frame, question: MarginQuestion, terms: Accounts) -> Imagined | None:
    if not question.what_if:
        return None
    changes = parse_changes(question.what_if)
    told = [replace(one, plan=plan_word(frame, one.plan)) for one in changes]
    return imagined(frame, told, terms)
