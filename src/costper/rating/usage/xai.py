"""xai: chat completions and responses of xAI, over HTTP or as its gRPC client gives them.

What it reads (a stream tells it in every chunk, as it stands then: the last one counts):

    {"id": "1", "model": "grok-4.5", "usage": {
        "prompt_tokens": 213, "completion_tokens": 3, "reasoning_tokens": 36, "total_tokens": 252,
        "cached_prompt_text_tokens": 128, "cost_in_usd_ticks": "4680000"}}

| in a line | from |
|---|---|
| input, output | `prompt_tokens`; `completion_tokens` + the reasoning, which xAI counts beside it |
| cache read | `cached_tokens`, in gRPC `cached_prompt_text_tokens` |
| provider cost | `cost_in_usd_ticks`, of which 10,000,000,000 are one US dollar |

Whether the reasoning is in the output already is decided by `total_tokens`: where prompt and
completion come to it, it is (some gateways, and responses); else it is added. Where the sources
of a live search are not in a provider cost, they are an issue `uncounted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from costper.model.call import Line, Reading, Tier
from costper.model.money import EXACT
from costper.rating.usage import openai_responses
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.chat_shape import chat_line, join_chat, read_chat
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import uncounted
from costper.rating.usage.values import count, first_count, node, says

TICK_PLACES = 10
"""A tick is 10^-10 US dollars."""


def line_of(usage: Node, doubts: Doubts, model: str, tier: Tier) -> Line:
    """Read a usage with its reasoning within the output."""
    line = chat_line(usage, doubts, model, tier)
    sent, made = node(usage.get("prompt_tokens_details")), line.output_tokens
    thought = first_count(
        doubts,
        (node(usage.get("completion_tokens_details")), "reasoning_tokens"),
        (usage, "reasoning_tokens"),
    )
    if not says(usage, "total_tokens") or made + line.input_tokens != count(
        usage, "total_tokens", doubts
    ):
        made += thought
    cached = first_count(doubts, (sent, "cached_tokens"), (usage, "cached_prompt_text_tokens"))
    image = first_count(doubts, (sent, "image_tokens"), (usage, "prompt_image_tokens"))
    line = replace(line, cache_read_tokens=cached, image_input_tokens=image)
    return costed(replace(line, output_tokens=made, reasoning_tokens=thought), usage, doubts)


def costed(line: Line, usage: Node, doubts: Doubts) -> Line:
    """Add the cost xAI says, or note what it would have held."""
    if says(usage, "cost_in_usd_ticks"):
        ticks = Decimal(count(usage, "cost_in_usd_ticks", doubts))
        if not doubts.has("bad_count"):
            return replace(line, provider_cost=EXACT.scaleb(ticks, -TICK_PLACES))
    elif count(usage, "num_sources_used", doubts):
        uncounted(doubts, "sources of a live search are billed each")
    return line


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a completion, or a response."""
    usage = node(body.get("usage"))
    if not says(usage, *openai_responses.TOKENS):
        return read_chat(body, doubts, line_of)
    reading = openai_responses.read(body, doubts)
    if not reading.lines:
        return reading
    first = costed(reading.lines[0], usage, doubts)
    return replace(reading, lines=(first, *reading.lines[1:]))


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join a chunk of either interface."""
    if isinstance(chunk.get("response"), Mapping):
        openai_responses.join(joined, chunk, doubts)
    else:
        join_chat(joined, chunk, doubts)


XAI = Wire(name="xai", read=read, join=join)
