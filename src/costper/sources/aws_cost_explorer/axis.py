"""What Cost Explorer can cut by: a dimension, a tag key or a cost category.

A cut by group and a cut by filter are two spellings of one thing; an axis knows both, so that a
value read from an answer can be asked for exactly in the next question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Expression = dict[str, object]
AxisKind = Literal["DIMENSION", "TAG", "COST_CATEGORY"]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis; `key` is the dimension, the tag key or the name of the cost category."""

    kind: AxisKind
    key: str

    @property
    def group(self) -> dict[str, str]:
        """The GroupBy entry that cuts by this axis."""
        return {"Type": self.kind, "Key": self.key}

    def value(self, group_key: str) -> str:
        """Read the value out of a group key: `team$search` is "search", `team$` is no value."""
        if self.kind == "DIMENSION":
            return group_key
        return group_key.removeprefix(f"{self.key}$")

    def condition(self, value: str) -> Expression:
        """Give the filter for exactly the money this axis' group `value` holds.

        The group without a value cannot be asked for by an empty value, only by ABSENT.
        """
        found: Expression = {"Key": self.key}
        found |= {"Values": [value]} if self.can_equal(value) else {"MatchOptions": ["ABSENT"]}
        field = {"DIMENSION": "Dimensions", "TAG": "Tags", "COST_CATEGORY": "CostCategories"}
        return {field[self.kind]: found}

    def can_equal(self, value: str) -> bool:
        """Say whether a filter may ask for the value by name."""
        return self.kind == "DIMENSION" or bool(value)


ACCOUNT = Axis("DIMENSION", "LINKED_ACCOUNT")
SERVICE = Axis("DIMENSION", "SERVICE")
RECORD_TYPE = Axis("DIMENSION", "RECORD_TYPE")

Fixed = Mapping[Axis, str]
"""The axes already decided, each with its value."""


def condition_of(fixed: Fixed) -> Expression | None:
    """Join the conditions of all fixed axes; None when nothing is fixed.

    And takes at least two: one condition stands alone.
    """
    conditions = [axis.condition(value) for axis, value in fixed.items()]
    if len(conditions) > 1:
        return {"And": conditions}
    return conditions[0] if conditions else None
