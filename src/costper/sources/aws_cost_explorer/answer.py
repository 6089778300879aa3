"""What Cost Explorer answered, with amounts as exact decimals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from costper.errors import SourceError
from costper.model.money import total
from costper.sources.aws_cost_explorer.axis import Axis

Page = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Amounts:
    """One cell's billed and effective amount, in one currency."""

    billed: Decimal = Decimal(0)
    effective: Decimal = Decimal(0)

    def less(self, other: Amounts) -> Amounts:
        """Take another cell's amounts away, exactly."""
        return Amounts(
            total((self.billed, other.billed.copy_negate())),
            total((self.effective, other.effective.copy_negate())),
        )

    def within(self, tolerance: Decimal) -> bool:
        """Say whether neither amount is further from zero than the tolerance."""
        return max(abs(self.billed), abs(self.effective)) <= tolerance


def summed(amounts: Iterable[Amounts]) -> Amounts:
    """Add cells up, exactly."""
    many = list(amounts)
    return Amounts(total([a.billed for a in many]), total([a.effective for a in many]))


@dataclass(frozen=True, slots=True)
class Cell:
    """What one day (or month, by its first day) cost in one group.

    `values` are those of the question's axes, in its order; empty when nothing was grouped.
    """

    day: date
    values: tuple[str, ...]
    amounts: Amounts
    estimated: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """All pages of one question. `names` gives accounts (and the like) their long names.

    `currencies` are those of amounts that are not zero; `idle` are the units zeros come in,
    which need not be the bill's.
    """

    cells: tuple[Cell, ...] = ()
    currencies: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()
    names: Mapping[str, str] | None = None

    def by_day(self) -> dict[date, Amounts]:
        """Add up each day."""
        return by_day((cell.day, cell.amounts) for cell in self.cells)


def by_day(cells: Iterable[tuple[date, Amounts]]) -> dict[date, Amounts]:
    """Add cells up day by day."""
    found: dict[date, list[Amounts]] = {}
    for day, amounts in cells:
        found.setdefault(day, []).append(amounts)
    return {day: summed(many) for day, many in found.items()}


def from_pages(pages: Iterable[Page], axes: Sequence[Axis], metrics: tuple[str, str]) -> Answer:
    """Read the pages of one GetCostAndUsage question.

    `metrics` are the names of the billed and of the effective metric. A grouped answer has its
    amounts in Groups and nothing in Total; an ungrouped one the other way round.
    """
    cells: list[Cell] = []
    units: set[tuple[str, bool]] = set()
    names: dict[str, str] = {}
    for page in pages:
        for attributes in page.get("DimensionValueAttributes", ()):
            names[attributes["Value"]] = attributes.get("Attributes", {}).get("description", "")
        for slice_ in page["ResultsByTime"]:
            day = date.fromisoformat(slice_["TimePeriod"]["Start"][:10])
            for keys, found in groups_of(slice_, grouped=bool(axes)):
                values = tuple(axis.value(key) for axis, key in zip(axes, keys, strict=True))
                amounts = Amounts(*(Decimal(found[name]["Amount"]) for name in metrics))
                cells.append(Cell(day, values, amounts, bool(slice_["Estimated"])))
                units |= {(found[m]["Unit"], bool(Decimal(found[m]["Amount"]))) for m in metrics}
    currencies = frozenset(unit for unit, spent in units if spent)
    idle = frozenset(unit for unit, spent in units if not spent)
    return Answer(tuple(cells), currencies, idle, names)


def groups_of(slice_: Page, *, grouped: bool) -> Iterable[tuple[Sequence[str], Mapping[str, Any]]]:
    """Give the keys and metrics of each group of one time slice."""
    if grouped:
        return [(group["Keys"], group["Metrics"]) for group in slice_["Groups"]]
    return [((), slice_["Total"])] if slice_.get("Total") else []


def one_currency(answers: Sequence[Answer]) -> str:
    """Give the currency all answers are in; two currencies cannot be one bill."""
    found = frozenset[str]().union(*(answer.currencies for answer in answers))
    if len(found) > 1:
        raise SourceError(
            f"Cost Explorer answered in {' and '.join(sorted(found))}",
            hint="read each currency's accounts as a source of its own (profile: …)",
        )
    idle = frozenset[str]().union(*(answer.idle for answer in answers))
    return min(found or idle, default="")
