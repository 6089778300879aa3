"""Settles a body column by column where every event of it is as nearly all are.

What it gives is as `quick` would have settled it; of any other body it gives None.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, repeat
from operator import add, gt
from typing import Any, cast

from costper.events.instant import ANY_SKEW_US, SINCE_US
from costper.events.quick import Said, Words, instant

Columns = dict[str, Sequence[Any]]
"""What events say by the names of their fields; a field in which none says anything is left out."""

WORDS = (
    "provider", "service_tier", "environment", "data_mode", "status", "team", "model",
    "endpoint_tag", "prompt_version", "outcome",
)  # fmt: skip
"""The fields of `Said`, in its order."""

NEEDS_CARE = frozenset(("provider_cost", "lines", "response", "response_chunks"))
DROPPED = frozenset((*WORDS, "wire"))
WHOLES = (
    (("cache_read_tokens", "cache_write_tokens", "image_input_tokens", "audio_input_tokens"),
     "input_tokens"),
    (("cache_write_1h_tokens",), "cache_write_tokens"),
    (("reasoning_tokens", "audio_output_tokens", "image_output_tokens"), "output_tokens"),
)  # fmt: skip
"""Counts that are parts of another one: together they are no larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Events by their columns, all but the words: `kinds` says by event which of `words` it has."""

    columns: Columns
    kinds: Sequence[int]
    words: Sequence[Said]


def settled(said: Columns, known: Words, now_us: int) -> Settled | None:
    """Settle events at once; None where one of them is to be looked at by itself."""
    ids = said.get("external_request_id", ())
    if not NEEDS_CARE.isdisjoint(said) or not ids or not all(ids) or not _parts_fit(said):
        return None
    kinds, words = _kinds(said, len(ids))
    kept = [known.get(one) for one in words]
    times = _times(said.get("timestamp"), len(ids), now_us)
    if None in kept or times is None:
        return None
    columns = {name: values for name, values in said.items() if name not in DROPPED}
    columns["timestamp"] = times
    return Settled(columns=columns, kinds=kinds, words=cast("list[Said]", kept))


def _parts_fit(said: Columns) -> bool:
    for parts, whole in WHOLES:
        there = [said[name] for name in parts if name in said]
        if not there:
            continue
        if whole not in said:
            return False
        together = there[0]
        for more in there[1:]:
            together = list(map(add, together, more))
        if any(map(gt, together, said[whole])):
            return False
    return True


def _kinds(said: Columns, number: int) -> tuple[list[int], list[Said]]:
    """Number the different words, and give by event which it has."""
    there = [name for name in WORDS if name in said]
    if not there:
        return [0] * number, [cast("Said", ("",) * len(WORDS))]
    numbers: defaultdict[tuple[str, ...], int] = defaultdict(count().__next__)
    told = zip(*(said[name] for name in there), strict=True)
    kinds = list(map(numbers.__getitem__, told))
    words = [dict(zip(there, one, strict=True)) for one in numbers]
    return kinds, [cast("Said", tuple(map(one.get, WORDS, repeat("")))) for one in words]


def _times(
    said: Sequence[str | float | None] | None, number: int, now_us: int
) -> Sequence[int] | None:
    """Give when calls began in microseconds; None where one is no instant, or too far off."""
    if said is None:
        return [now_us] * number
    found = [now_us if one is None else instant(one) for one in said]
    return found if min(found) >= SINCE_US and max(found) <= now_us + ANY_SKEW_US else None
