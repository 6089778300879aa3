"""Says for any charge of the books which shares of it came to rest where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from costper.allocation.explain import ratio_of
from costper.allocation.focus import Cut, Share, cut_of
from costper.allocation.match import NO_RULE
from costper.model.category import kept_category
from costper.model.dimension import RESERVED, UNALLOCATED
from costper.pipeline.bill_rows import Shape
from costper.pipeline.chain import Chain, Day, Row
from costper.pipeline.explain import shape_of
from costper.store.books import Books

KEPT = 20_000
DAYS_KEPT = 40
"""A charge of a month is looked up on each of its days, then those after it again."""
Key = tuple[Any, ...]


class MonthShares:
    """The shares of one month's charges, looked up by their words."""

    def __init__(self, books: Books, month: date) -> None:
        """Read what words meant in the month's run."""
        self.shape: Shape = shape_of(books, month)
        self._chain = Chain(books, self.shape)
        self._to = {rule.name: rule.to for rule in self.shape.definition.rules}
        used = ("source", *self.shape.used)
        found = books.engine.query(
            "SELECT * FROM dimension_map WHERE month = $month", {"month": month}
        ).to_pylist()
        self._words = {tuple(row[name] for name in used): row for row in found}
        self._used = used
        self._known: dict[Key, Cut] = {}
        self._days: dict[date, Day] = {}

    def of(self, day: Mapping[str, Any]) -> Cut:
        """Give the shares of one day's part of a charge; they add up to 1.

        `day` has the words of the charge ('' for none) with `day` and `currency`.
        """
        words = self._words.get(tuple(day[name] for name in self._used))
        if words is None:
            return cut_of((Share(ratio=Fraction(1), dims={}, reason="not_allocated"),))
        leg = self._leg(day, words)
        key = tuple(leg[name] for name in self.shape.key)
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[key] = cut_of(self._shares(leg, words["rule"]))
        return self._known[key]

    def _leg(self, day: Mapping[str, Any], words: Row) -> Row:
        dims = {f"dim_{name}": words[f"dim_{name}"] for name in self.shape.definition.names}
        number = words["rule"]
        if number == NO_RULE and dims["dim_customer"] in RESERVED:
            dims["dim_customer"] = UNALLOCATED
        rules = self.shape.definition.rules
        plain = {name: day[name] for name in ("day", "currency", "source")}
        category = kept_category(day["charge_category"], day["commitment_discount_status"])
        plain["charge_category"] = category
        return {**plain, **dims, "stage": 1, "rule": rules[number].name if number >= 0 else ""}

    def _shares(self, leg: Row, number: int) -> list[Share]:
        rule = self.shape.definition.rules[number] if number >= 0 else None
        rests = rule is None or (rule.driver == "direct" and leg[f"dim_{rule.to}"] not in RESERVED)
        whole = Share(ratio=Fraction(1), dims={})
        pool = 0 if rests else self._day(leg).first_pool(leg)
        return self._divided(leg, pool, whole) if pool else self._rested(leg, whole)

    def _rested(self, leg: Row, share: Share) -> list[Share]:
        pool = self._day(leg).next_pool(leg)
        if pool:
            return self._divided(leg, pool, share)
        return [replace(share, reason=leg.get("reason", ""))]

    def _day(self, leg: Row) -> Day:
        day = leg["day"]
        if day not in self._days:
            if len(self._days) >= DAYS_KEPT:
                self._days.clear()
            self._days[day] = self._chain.read_day(day)
        return self._days[day]

    def _divided(self, leg: Row, number: int, share: Share) -> list[Share]:
        found: list[Share] = []
        for part in self._day(leg).parts(number):
            step = self._chain.step(part)
            to = self._to[step.rule]
            value = part[f"dim_{to}"]
            ratio = ratio_of(part["weight"], part["weight_total"])
            own = replace(
                share,
                ratio=share.ratio * ratio if share.steps else ratio,
                dims={**share.dims, to: value},
                steps=(*share.steps, step),
                resource=(to, value),
                reason=part["reason"],
            )
            found += self._rested(part, own) if part["moved"] else [own]
        return found
