"""What letters come to, worked out day by day in plain Python: slow, short and obviously right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

Side = Literal["sum", "average", "last", "max", "min"]
Words = Mapping[str, str]


@dataclass
class Plain:
    """Costs and metrics as flat lists; every question walks over all of them."""

    costs: list[tuple[date, Words, Fraction]] = field(default_factory=list)
    metrics: dict[str, list[tuple[date, Words, Fraction]]] = field(default_factory=dict)
    how: dict[str, Side] = field(default_factory=dict)

    def days(self, name: str) -> frozenset[date]:
        """Give the days a letter has data on at all."""
        rows = self.costs if name == "cost" else self.metrics.get(name, [])
        return frozenset(day for day, _, _ in rows)

    def value(
        self,
        name: str,
        days: Sequence[date],
        group: Words,
        how: Side | None = None,
        keep: Callable[[Words], bool] = lambda _words: True,
    ) -> Fraction | None:
        """Roll a letter up; None without data."""
        rows = self.costs if name == "cost" else self.metrics.get(name, [])
        inside = frozenset(days)
        daily: dict[date, list[Fraction]] = {}
        if name == "cost":
            daily = {day: [] for day in self.days("cost") & inside}
        for day, words, value in rows:
            mine = all(words[key] == word for key, word in group.items())
            if day in inside and mine and keep(words):
                daily.setdefault(day, []).append(value)
        space: Side = "sum" if name == "cost" else self.how[name]
        combine = {"max": max, "min": min}.get(space, sum)
        totals = [combine(values) if values else Fraction(0) for _, values in sorted(daily.items())]
        if not totals:
            return None
        return rolled(how or ("sum" if name == "cost" else self.how[name]), totals)

    def ratio(self, metric: str, days: Sequence[date], group: Words) -> Fraction | None:
        """Divide cost by a metric; over a summed one only days both have count."""
        if self.how[metric] == "sum":
            both = self.days("cost") & self.days(metric)
            days = [day for day in days if day in both]
        cost, units = self.value("cost", days, group), self.value(metric, days, group)
        return None if cost is None or not units else cost / units


def rolled(how: Side, totals: Sequence[Fraction | int]) -> Fraction:
    """Roll up the totals of days, in order."""
    match how:
        case "sum":
            return Fraction(sum(totals))
        case "average":
            return Fraction(sum(totals)) / len(totals)
        case "last":
            return Fraction(totals[-1])
        case "max":
            return Fraction(max(totals))
        case "min":
            return Fraction(min(totals))
