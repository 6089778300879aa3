"""Costs of both periods by one key, as columns of whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from costper.model.answer import Absent
from costper.model.money import EXACT, MONEY_SCALE, POSTING_SCALE, RATE_SCALE, amount
from costper.model.names import quoted
from costper.model.sheet import Whole, complete
from costper.pipeline.answer.costs import NOTHING, Amount, Costs, costs_by, within
from costper.pipeline.answer.frame import Frame, in_days
from costper.pipeline.answer.select import Bound, Select, record_sql
from costper.pipeline.answer.units import is_payer
from costper.pipeline.answer.whole import whole


@dataclass(frozen=True, slots=True)
class CostColumns:
    """Costs by name, in units of 10^-places; the same name stands at the same place in all."""

    places: int
    names: list[str]
    cost: list[Whole]
    previous: list[Whole]
    effective_cost: list[Whole]
    billed_cost: list[Whole]

    @property
    def payers(self) -> list[int]:
        """The places of customers, not of what stands for none."""
        return [at for at, name in enumerate(self.names) if is_payer(name)]

    def added(self, places: Iterable[int]) -> Costs:
        """Add up some names, exactly; a column with a missing part is missing."""
        chosen = list(places)
        known: dict[int, Amount] = {}
        for column in (self.cost, self.previous, self.effective_cost, self.billed_cost):
            if id(column) not in known:
                known[id(column)] = _added([column[at] for at in chosen], self.places)
        return Costs(
            known[id(self.cost)],
            known[id(self.previous)],
            known[id(self.effective_cost)],
            known[id(self.billed_cost)],
        )


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
    }
    select = Select(
        columns={"name": quoted(key), **sums},
        table=table,
        where=(*in_days(frame.span, bound), *home),
        group=("name",),
    )
    rows = frame.books.marts.query(select.text(), bound.values)
    columns = {name: whole(rows, name) for name in sums}
    if record == quoted("effective_cost"):
        columns["effective_cost"] = columns["cost"]
    for name in ("effective_cost", "billed_cost"):  # one column is read, ranked and written once
        if columns[name] == columns["cost"]:
            columns[name] = columns["cost"]
    names: list[Any] = rows.column("name").to_pylist()
    return _posted(CostColumns(MONEY_SCALE, names, **columns))


def _posted(found: CostColumns) -> CostColumns:
    """Count in posting units where nothing is finer: whole numbers that fit a machine word.

    What comes after takes half as long with them.
    """
    columns = (found.cost, found.previous, found.effective_cost, found.billed_cost)
    own = {id(column): column for column in columns}
    finer = 10 ** (found.places - POSTING_SCALE)
    if any(not complete(one) or any(map(int.__mod__, one, repeat(finer))) for one in own.values()):
        return found
    less: dict[int, list[Whole]] = {
        key: [*map(int.__floordiv__, one, repeat(finer))]
        for key, one in own.items()
        if complete(one)
    }
    return CostColumns(POSTING_SCALE, found.names, *(less[id(column)] for column in columns))


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
            (found.cost, found.previous, found.effective_cost, found.billed_cost),
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
