"""One LLM call as it is told: what `POST /api/v1/events` takes, and what the spool keeps."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

LONGEST_ID = 256
LONGEST_WORD = 512
LONGEST_VERSION = 1024
MOST_TOKENS = 10**10
"""More than any call has; sums of a thousand million of them still fit in 64 bits."""

MOST_LINES = 1_000
"""Lines one call is billed in."""

Id = Annotated[str, msgspec.Meta(max_length=LONGEST_ID)]
Word = Annotated[str, msgspec.Meta(max_length=LONGEST_WORD)]
Version = Annotated[str, msgspec.Meta(max_length=LONGEST_VERSION)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MOST_TOKENS)]


class Line(
    msgspec.Struct,
    rename="camel",
    omit_defaults=True,
    gc=False,
    frozen=True,
    forbid_unknown_fields=True,
):
    """One billable line of a call that bills several, in the words of the event."""

    model: Word = ""
    service_tier: Word = ""
    input_tokens: Count = 0
    output_tokens: Count = 0
    cache_read_tokens: Count = 0
    cache_write_tokens: Count = 0
    cache_write_1h_tokens: Count = msgspec.field(default=0, name="cacheWrite1hTokens")
    reasoning_tokens: Count = 0
    audio_input_tokens: Count = 0
    audio_output_tokens: Count = 0
    image_input_tokens: Count = 0
    image_output_tokens: Count = 0
    web_searches: Count = 0
    context_tokens: Count | None = None
    provider_cost: str | float | None = None
    part: Word = ""
    estimated: bool = False


class Event(
    msgspec.Struct,
    rename="camel",
    omit_defaults=True,
    kw_only=True,
    forbid_unknown_fields=True,
    gc=False,
):
    """One attempt of one LLM call.

    `external_request_id` makes it idempotent: the same id again changes nothing. Tokens follow
    model/call: input with cache, output with reasoning. `timestamp` is when the call began: ISO
    8601 text, or seconds, milliseconds or nanoseconds since 1970; the arrival where left out.
    `provider_cost` is in USD, a decimal text where exactness matters. `lines` stand instead of
    the counts where a call bills several models. `response` (or `response_chunks`, for a stream)
    is the provider's own body in the format named by `wire`; what it says of usage wins over
    the counts beside it, and it is never stored.
    """

    external_request_id: Id = ""
    provider: Word = ""
    model: Word = ""
    service_tier: Word = ""
    endpoint_tag: Word = ""
    prompt_version: Version = ""
    user_id: Id = ""
    anon_id: Id = ""
    ip_hash: Id = ""
    service_account: Id = ""
    tenant_id: Id = ""
    customer_id: Id = ""
    team: Word = ""
    environment: Word = ""
    data_mode: Word = ""
    session_id: Id = ""
    operation_id: Id = ""
    attempt: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    status: Word = ""
    outcome: Word = ""
    timestamp: str | int | float | None = None
    latency_ms: Annotated[float, msgspec.Meta(ge=0, le=10**9)] | None = None
    input_tokens: Count = 0
    output_tokens: Count = 0
    cache_read_tokens: Count = 0
    cache_write_tokens: Count = 0
    cache_write_1h_tokens: Count = msgspec.field(default=0, name="cacheWrite1hTokens")
    reasoning_tokens: Count = 0
    audio_input_tokens: Count = 0
    audio_output_tokens: Count = 0
    image_input_tokens: Count = 0
    image_output_tokens: Count = 0
    web_searches: Count = 0
    provider_cost: str | float | None = None
    estimated: bool = False
    lines: Annotated[tuple[Line, ...], msgspec.Meta(max_length=MOST_LINES)] = ()
    wire: Word = ""
    response: dict[str, Any] | None = None
    response_chunks: list[dict[str, Any]] | None = None
