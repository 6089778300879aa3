"""LLM calls: what one response bills, in the words every provider's usage is turned into.

`input_tokens` is the total with cache reads, cache writes and tool prompts; `output_tokens` the
total with reasoning. Providers that count otherwise are converted where they are read. Names
follow OpenTelemetry's GenAI conventions (gen_ai.usage.*).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

CALLS = "calls"
"""The source whose charges and measurements calls become; no other source may have its name."""

Tier = Literal["standard", "batch", "flex", "priority", "fast"]
TIERS: tuple[Tier, ...] = ("standard", "batch", "flex", "priority", "fast")
"""How fast a call was served, as the response says; `default` and `auto` are standard."""

DataMode = Literal["real", "test", "demo"]
DATA_MODES: tuple[DataMode, ...] = ("real", "test", "demo")

UserKind = Literal["user", "service_account", "anonymous", "unknown"]
USER_KINDS: tuple[UserKind, ...] = ("user", "service_account", "anonymous", "unknown")
"""Who caused a call: a person, a declared service account, nobody known, nobody said."""

PriceStatus = Literal["priced", "provider", "unpriced"]
"""Priced by the catalogue, as the provider reported it, or by nobody: never $0."""

COUNTS: tuple[str, ...] = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "reasoning_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
    "web_searches",
)
"""What a line counts, in the order its columns stand everywhere.

`cache_read`, `cache_write`, `audio_input` and `image_input` are parts of input; `reasoning`,
`audio_output` and `image_output` (what was drawn) parts of output; `cache_write_1h` is the part of
`cache_write` kept for an hour.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One billable line of a response: one model at one tier.

    `model` is as the response says, '' where only the request does. `context_tokens` is the input
    of its largest single request, which chooses the long-context price; None where it is all of
    `input_tokens`. `provider_cost` is in USD. `part` is the provider's word for what the line is
    of (message, compaction, advisor_message). `estimated` marks usage that was not read to its
    end.
    """

    model: str = ""
    tier: Tier = "standard"
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    reasoning_tokens: int = 0
    audio_input_tokens: int = 0
    audio_output_tokens: int = 0
    image_input_tokens: int = 0
    image_output_tokens: int = 0
    web_searches: int = 0
    context_tokens: int | None = None
    provider_cost: Decimal | None = None
    part: str = ""
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a response says of its usage; no lines where it says nothing (an error, a cut stream).

    `tier_said` is the provider's own word for the tier, '' where it says none. `finished` is
    false for a stream without its end.
    """

    lines: tuple[Line, ...] = ()
    response_id: str = ""
    tier_said: str = ""
    finished: bool = True
