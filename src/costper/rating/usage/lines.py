"""Billable lines, held against themselves: parts within their whole, sums as the provider's."""

from __future__ import annotations

from dataclasses import replace

from costper.model.call import Line, Reading
from costper.rating.usage.base import Node
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.values import count, text

PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("input_tokens", ("cache_read_tokens", "cache_write_tokens")),
    ("input_tokens", ("audio_input_tokens", "image_input_tokens")),
    ("output_tokens", ("reasoning_tokens",)),
    ("output_tokens", ("audio_output_tokens", "image_output_tokens")),
)
"""Parts that are beside each other within their whole; audio may be read from a cache as well."""


def checked(line: Line, doubts: Doubts) -> Line:
    """Give the line as it is, and note where its parts are more than their whole."""
    for whole, parts in PARTS:
        found = [getattr(line, part) for part in parts]
        if sum(found) > getattr(line, whole):
            named = " + ".join(part for part, said in zip(parts, found, strict=True) if said)
            doubts.add(
                "part_over_whole",
                f"{named} is more than {whole}: kept as the provider said",
                hint="a gateway may count the cache beside the input instead of within it",
            )
    return line


def cached_audio_apart(line: Line, heard: int) -> tuple[Line, ...]:
    """Give audio read from a cache a line of its own, as it has a price of its own.

    `line` counts such audio as cache reads only. A single line cannot say which of its cache
    reads are audio; two can, and their sums are what the provider said.
    """
    heard = min(heard, line.cache_read_tokens, line.input_tokens)
    if not heard:
        return (line,)
    context = line.input_tokens if line.context_tokens is None else line.context_tokens
    rest = replace(
        line,
        input_tokens=line.input_tokens - heard,
        cache_read_tokens=line.cache_read_tokens - heard,
        context_tokens=context,
    )
    apart = Line(
        model=line.model,
        tier=line.tier,
        input_tokens=heard,
        cache_read_tokens=heard,
        audio_input_tokens=heard,
        context_tokens=context,
        part="cached_audio",
    )
    return rest, apart


def check_total(said: Node, key: str, read: int, doubts: Doubts) -> None:
    """Note where the provider's own total is not input + output as read here."""
    if said.get(key) is None:
        return
    total = count(said, key, doubts)
    if total != read:
        doubts.add(
            "total_disagrees",
            f"{key} says {total}, input and output come to {read}",
            hint="the parts are billed; tell costper's maintainers what the provider counts apart",
        )


def uncounted(doubts: Doubts, message: str) -> None:
    """Note something billed that no count of a line holds."""
    doubts.add(
        "uncounted",
        message,
        hint="it is not in this call's cost: send providerCost, or land the provider's invoice",
    )


def reading_of(
    body: Node, lines: tuple[Line, ...], doubts: Doubts, *, tier_said: str = "", key: str = "id"
) -> Reading:
    """Put lines together with the response's id."""
    return Reading(lines=lines, response_id=text(body, key, doubts), tier_said=tier_said)
