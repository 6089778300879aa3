"""Costs of both periods by one key, as columns of whole numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from costper.model.answer import Absent
from costper.model.money import EXACT, MONEY_SCALE, POSTING_SCALE, RATE_SCALE, amount
from costper.model.names import quoted
from costper.model.sheet import Whole, complete
from costper.pipeline.answer.costs import NOTHING, Amount, Costs, ahead_of, costs_by, within
from costper.pipeline.answer.frame import Frame, in_days
from costper.pipeline.answer.select import Bound, Select, record_sql
from costper.pipeline.answer.units import is_payer
from costper.pipeline.answer.whole import whole

_POSTED = pa.decimal128(38, POSTING_SCALE)


@dataclass(frozen=True, slots=True)
class CostColumns:
    """Costs by name, in units of 10^-places; the same name stands at the same place in all."""

    places: int
    names: list[str]
    cost: list[Whole]
    previous: list[Whole]
    effective_cost: list[Whole]
    billed_cost: list[Whole]
    ahead: list[Whole]

    @property
    def columns(self) -> tuple[list[Whole], ...]:
        """The amounts, in the order they have in Costs."""
        return (self.cost, self.previous, self.effective_cost, self.billed_cost, self.ahead)

    def parted(self) -> tuple[CostColumns, CostColumns]:
        """Give customers, and what stands for none."""
        others = [at for at, name in enumerate(self.names) if not is_payer(name)]
        if not others:
            return self, self.taken(others)
        own = sorted(set(range(len(self.names))).difference(others))
        return self.taken(own), self.taken(others)

    def taken(self, places: Sequence[int], costless: Sequence[str] = ()) -> CostColumns:
        """Give some names in this order, then some that cost nothing.

        A column that is also another stays so, and is written once.
        """
        columns = self.columns
        nothing = [0] * len(costless)
        own = {id(one): [*map(one.__getitem__, places), *nothing] for one in columns}
        names = [*map(self.names.__getitem__, places), *costless]
        return CostColumns(self.places, names, *(own[id(one)] for one in columns))

    def without(self, lacking: Collection[str], reason: Absent) -> CostColumns:
        """Take the cost of some names for not known, where it is zero.

        A column that is also another stays so, and is written once.
        """
        places = [
            at for at, name in enumerate(self.names) if name in lacking and self.cost[at] == 0
        ]
        if not places:
            return self
        own: dict[int, list[Whole]] = {}
        for column in (self.cost, self.effective_cost, self.billed_cost):
            hidden = own.setdefault(id(column), [*column])
            for at in places:
                hidden[at] = reason
        return replace(
            self,
            cost=own[id(self.cost)],
            effective_cost=own[id(self.effective_cost)],
            billed_cost=own[id(self.billed_cost)],
        )

    def added(self) -> Costs:
        """Add up all names, exactly; a column with a missing part is missing."""
        columns = self.columns
        known = {id(column): _added(column, self.places) for column in columns}
        return Costs(*(known[id(column)] for column in columns))


def _added(column: Sequence[Whole], places: int) -> Amount:
    if complete(column):
        return amount(sum(column), places)
    return next(one for one in column if isinstance(one, Absent))


def cost_columns(frame: Frame, table: str, key: str) -> CostColumns:
    """Sum a mart by one of its columns over both periods of the frame."""
    if frame.currencies <= {frame.rates.home}:
        return _at_home(frame, table, key, all_home=True)
    found = _at_home(frame, table, key, all_home=False)
    bound = Bound()
    abroad = f"currency <> {bound.bind(frame.rates.home)}"
    return _with(found, costs_by(frame, table, (key,), (abroad,), bound))


def _at_home(frame: Frame, table: str, key: str, *, all_home: bool) -> CostColumns:
    """Sum what is in the home currency: the engine adds it up."""
    bound = Bound()
    record = record_sql(frame.books.settings, bound)
    start = bound.bind(frame.period.start)
    home = () if all_home else (f"currency = {bound.bind(frame.rates.home)}",)
    sums = {
        "cost": within(record, start),
        "previous": f"sum(CASE WHEN day < {start} THEN {record} ELSE 0 END)",
        "effective_cost": within("effective_cost", start),
        "billed_cost": within("billed_cost", start),
        **ahead_of(frame, record, bound),
    }
    select = Select(
        columns={"name": quoted(key), **sums},
        table=table,
        where=(*in_days(frame.span, bound), *home),
        group=("name",),
    )
    rows, places = _posted(frame.books.marts.query(select.text(), bound.values), [*sums])
    columns = {name: whole(rows, name) for name in sums}
    if record == quoted("effective_cost"):
        columns["effective_cost"] = columns["cost"]
    for name in ("effective_cost", "billed_cost"):  # one column is read, ranked and written once
        if columns[name] == columns["cost"]:
            columns[name] = columns["cost"]
    names: list[Any] = rows.column("name").to_pylist()
    columns.setdefault("ahead", [0] * len(names))
    return CostColumns(places, names, **columns)


def _posted(rows: pa.Table, sums: Sequence[str]) -> tuple[pa.Table, int]:
    """Count in posting units where nothing is finer: whole numbers that fit a machine word.

    What comes after takes half as long with them.
    """
    try:
        cut = [rows.column(name).cast(_POSTED) for name in sums]
    except pa.ArrowInvalid:  # digits would be lost
        return rows, MONEY_SCALE
    return pa.table([rows.column("name"), *cut], names=["name", *sums]), POSTING_SCALE


def _with(found: CostColumns, abroad: dict[tuple[str, ...], Costs]) -> CostColumns:
    """Add converted costs, which have more decimal places."""
    places = {name: place for place, name in enumerate(found.names)}
    names = [*found.names, *(name for (name,) in abroad if name not in places)]
    more = [abroad.get((name,), NOTHING) for name in names]
    scale, wider = found.places + RATE_SCALE, 10**RATE_SCALE
    columns = [
        [
            _plus(known if isinstance(known, Absent) else known * wider, converted, scale)
            for known, converted in zip(
                [*home, *([0] * (len(names) - len(home)))], own, strict=True
            )
        ]
        for home, own in zip(
            found.columns,
            zip(*more, strict=True),
            strict=True,
        )
    ]
    return CostColumns(scale, names, *columns)


def _plus(known: Whole, converted: Amount, scale: int) -> Whole:
    if isinstance(known, Absent):
        return known
    return (
        converted if isinstance(converted, Absent) else known + int(EXACT.scaleb(converted, scale))
    )
