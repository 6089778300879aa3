"""What each letter and formula of an answer is: its words, its unit, what a rise of it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from costper.charts.unit import Unit
from costper.model.answer import Measure
from costper.web import written
from costper.web.explorer.state import State
from costper.web.told import Told, rows, text

MEASURES: tuple[Measure, ...] = ("money", "rate", "percent", "number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One value of a row. `label` says what a bucket's value is, `total` what the whole one's is.

    `adds` says whether groups add up to the total; `sense` what a rise means, see `written`.
    """

    name: str
    title: str
    label: str
    total: str
    unit: Unit
    is_formula: bool = False
    is_money: bool = False
    adds: bool = False
    sense: str = ""

    @property
    def words(self) -> str:
        """Say in words what it is; a formula by its unit, a letter by its title."""
        says = self.is_formula and len(self.total) > len("$ €")
        return self.total.replace("_", " ") if says else self.title

    @property
    def how(self) -> str:
        """Say what its total is, where its words do not."""
        told = self.title if self.is_formula else self.total
        return told if told != self.words and len(told) > 1 else ""

    def cell(self, value: object) -> Markup:
        """Write one of its values."""
        measure, currency = self.unit.measure, self.unit.currency
        if measure == "money":
            return written.money(value, currency)
        if measure == "rate":
            return written.rate(value, currency)
        return written.percent(value) if measure == "percent" else written.count(value)

    def change(self, value: object) -> Markup:
        """Write a change of it in percent."""
        return written.change(value, self.sense)


def columns_of(state: State, told: Told) -> tuple[Column, ...]:
    """Give the columns of an answer: letters first, then formulas."""
    return tuple(_columns(state, told))


def _columns(state: State, told: Told) -> Iterator[Column]:
    lines = {it.name: it for it in state.lines}
    formulas = {it.name: it for it in state.formulas}
    kinds = {it.kind for it in state.lines}
    for result in rows(told.question, "results"):
        name, measure = text(result, "name"), _measure(text(result, "measure"))
        line, formula = lines.get(name), formulas.get(name)
        label = text(result, "label")
        total = text(result, "total_label") or label
        unit = Unit(measure, told.currency if measure in {"money", "rate"} else "")
        if line is not None:
            title = line.title + (f" where {line.where}" if line.where else "")
            adds = text(result, "aggregation") == "sum"
            yield Column(
                name=name,
                title=title,
                label=label,
                total=total,
                unit=unit,
                is_money=line.kind != "metric",
                adds=adds,
            )
        else:
            yield Column(
                name=name,
                title=formula.title if formula else name,
                label=label,
                total=total,
                unit=unit,
                is_formula=True,
                sense=_sense(unit, kinds),
            )


def _measure(word: str) -> Measure:
    for it in MEASURES:
        if it == word:
            return it
    return "number"


def _sense(unit: Unit, kinds: set[str]) -> str:
    """A dearer unit is bad, a unit that brings more is good; where both mix, nobody can say."""
    if unit.measure != "rate" or {"cost", "revenue"} <= kinds:
        return ""
    return "good" if "revenue" in kinds else "bad"


def leading(columns: tuple[Column, ...]) -> Column | None:
    """Give the column everything turns on: the first formula, else the first letter."""
    formulas = (it for it in columns if it.is_formula)
    return next(formulas, columns[0] if columns else None)


def ranking(columns: tuple[Column, ...]) -> Column | None:
    """Give the column groups are ranked by: money that adds up, or what else does, or the lead."""
    money = (it for it in columns if it.is_money and it.adds)
    adding = (it for it in columns if it.adds)
    return next(money, None) or next(adding, None) or leading(columns)
