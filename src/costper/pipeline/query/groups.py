"""The groups of all letters, joined: which meet, which stand alone, and how much that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from costper.economics.currency import MISSING_RATE
from costper.economics.formula.arithmetic import CONTEXT, ZERO, Amount
from costper.economics.rollup import added
from costper.model.answer import Absent
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.read import TOTAL, Key
from costper.pipeline.query.resolve import Resolved
from costper.pipeline.query.values import Where
from costper.pipeline.query.windows import WHOLE

NOWHERE = "(none)"
"""The word of a key that no letter with this group has."""


def grouped(asked: Asked, letters: Sequence[Resolved]) -> Asked:
    """Join the groups of all letters, and say how much of each letter every other one has."""
    by = asked.question.by
    if not by:
        return asked
    whole = [one for one in letters if len(one.keys) == len(by)]
    sides = (False, True) if asked.compared else (False,)
    keys: set[Key] = set()
    for one in whole:
        keys |= {key for then in sides for key in asked.values.present(one.name, then=then)}
    for one in letters:
        if 0 < len(one.keys) < len(by):
            keys |= _unjoined(asked, one, keys)
    keys.discard(TOTAL)
    first = next((one for one in whole if one.kind != "metric"), whole[0])
    ordered = sorted(keys, key=lambda key: (-_size(asked, first.name, key), key))
    keyed = [one for one in letters if one.keys]
    statuses = {key: _status(asked, keyed, key) for key in ordered} if len(keyed) > 1 else {}
    matched = {one.name: _matched(asked, one, statuses) for one in keyed} if statuses else {}
    return replace(asked, groups=tuple(ordered), statuses=statuses, matched=matched)


def _unjoined(asked: Asked, one: Resolved, keys: set[Key]) -> set[Key]:
    """Give the groups of a letter with fewer keys that no group of the others meets."""
    met = {asked.values.own_key(one, key) for key in keys}
    by = asked.question.by
    found: set[Key] = set()
    for key in asked.values.present(one.name, then=False):
        if key and key not in met:
            words = dict(zip(one.keys, key, strict=True))
            found.add(tuple(words.get(name, NOWHERE) for name in by))
    return found


def _size(asked: Asked, name: str, key: Key) -> Decimal:
    found = asked.values.value(name, Where(key, WHOLE))
    return ZERO if isinstance(found, Absent) else abs(found)


def _status(asked: Asked, letters: Sequence[Resolved], key: Key) -> str:
    """Say which side a group is missing on."""
    values = asked.values
    has = {
        one.name: values.own_key(one, key) in values.present(one.name, then=False)
        for one in letters
    }
    if all(has.values()):
        return "matched"
    if not any(has.values()):
        return "gone"
    kinds = {one.kind for one in letters if has[one.name]}
    if len({one.kind for one in letters}) == 1:
        return "partly"
    if "metric" not in kinds:
        return "cost_only" if "cost" in kinds else "revenue_only"
    return "units_only" if kinds == {"metric"} else "partly"


def _matched(asked: Asked, one: Resolved, statuses: Mapping[Key, str]) -> Amount:
    """Give the share of a letter's gross sum that lies in groups every letter has.

    Without a rate for some of it nobody knows the share.
    """
    all_of_it = asked.values.value(one.name, Where(TOTAL, WHOLE))
    if all_of_it == MISSING_RATE:
        return MISSING_RATE
    sizes: dict[Key, Decimal] = {}
    kept: set[Key] = set()
    for key, status in statuses.items():
        own = asked.values.own_key(one, key)
        sizes[own] = _size(asked, one.name, key)
        if status == "matched":
            kept.add(own)
    whole = added(sizes.values())
    return CONTEXT.divide(added(sizes[key] for key in kept), whole) if whole else Decimal(1)
