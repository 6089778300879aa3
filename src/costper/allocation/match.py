"""Says which rule takes a charge: conditions on words, the first match wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from costper.model.allocation import Match, Rule
from costper.model.dimension import RESERVED, normal

NO_RULE = -1
WILDCARDS = {"*": ".*", "?": "."}

Look = Callable[[str], str]
"""Gives the value of a dimension or field, in normal form; (untagged) where there is none."""


@lru_cache(maxsize=65536)
def fits(pattern: str, value: str) -> bool:
    """Say whether a value is what a pattern means; `*` is any text, `?` any one character.

    >>> fits("shared-*", "shared-db"), fits("a[b]", "ab")
    (True, False)
    """
    parts = (WILDCARDS.get(letter, re.escape(letter)) for letter in normal(pattern))
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None


def holds(match: Match, look: Look) -> bool:
    """Say whether one condition is true."""
    value = look(match.key)
    if match.present is not None:
        return (value not in RESERVED) == match.present
    return any(fits(pattern, value) for pattern in match.values) != match.negated


def all_hold(conditions: Iterable[Match], look: Look) -> bool:
    """Say whether every condition is true; no condition is true of everything."""
    return all(holds(match, look) for match in conditions)


def first_match(rules: Sequence[tuple[int, Rule]], look: Look) -> int:
    """Give the number of the first rule that takes a charge, NO_RULE if none does."""
    return next((number for number, rule in rules if all_hold(rule.match, look)), NO_RULE)


def keys_of(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Name what the rules' matches look at, each once."""
    return tuple(dict.fromkeys(match.key for rule in rules for match in rule.match))
