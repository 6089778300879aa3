"""Operands made of plain numbers: one value per letter, group and day-numbered bucket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from costper.economics.formula.arithmetic import Amount
from costper.economics.formula.tree import SpanUnit
from costper.model.answer import Absent

BUCKETS = {"DAY": 1, "WEEK": 7, "MONTH": 30, "QUARTER": 90, "YEAR": 360}
"""A calendar with months of thirty days, so that a law can count them."""

TOTAL = "*"
NO_DATA = Absent("no_data")
NO_BASE = Absent("no_base")


@dataclass(frozen=True, slots=True)
class At:
    """A bucket and a group; TOTAL is every group together."""

    bucket: int
    group: str = TOTAL


@dataclass(slots=True)
class Numbers:
    """Letter -> (bucket, group) -> value; a total is the sum of what is there."""

    facts: Mapping[str, Mapping[tuple[int, str], Decimal]]
    first: int = 0
    asked: list[tuple[str, At]] = field(default_factory=list)

    def value(self, name: str, at: At) -> Amount:
        self.asked.append((name, at))
        found = [
            value
            for (bucket, group), value in self.facts[name].items()
            if bucket == at.bucket and at.group in {group, TOTAL}
        ]
        return sum(found, Decimal(0)) if found else NO_DATA

    def before(self, at: At, count: int, unit: SpanUnit) -> At | Absent:
        bucket = at.bucket - count * BUCKETS[unit]
        return NO_BASE if bucket < self.first else At(bucket, at.group)

    def last(self, at: At, count: int) -> Sequence[At] | Absent:
        start = at.bucket - count + 1
        if start < self.first:
            return NO_BASE
        return [At(bucket, at.group) for bucket in range(start, at.bucket + 1)]

    def first_to(self, at: At) -> Sequence[At]:
        return [At(bucket, at.group) for bucket in range(self.first, at.bucket + 1)]

    def whole(self, at: At) -> At:
        return At(at.bucket)


def series(**letters: Sequence[int | str | Decimal | None]) -> Numbers:
    """Give each letter one value a bucket, from bucket 0 on; None is a bucket without a row."""
    return Numbers(
        {
            name: {
                (bucket, ""): Decimal(value)
                for bucket, value in enumerate(values)
                if value is not None
            }
            for name, values in letters.items()
        }
    )
