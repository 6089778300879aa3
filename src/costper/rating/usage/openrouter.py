"""openrouter: chat completions and responses of OpenRouter, with the cost it reports.

What it reads (a stream tells it in its last chunk, always):

    {"id": "gen-1", "model": "anthropic/claude-4.6-sonnet", "usage": {
        "prompt_tokens": 254, "completion_tokens": 5, "total_tokens": 259, "cost": 0.000837,
        "is_byok": false, "cost_details": {"upstream_inference_cost": 0.000837}}}

Counts are those of openai_chat. The provider cost is `usage.cost`, which holds what no token count
shows (searches, the fee); with a key of your own (`is_byok`) it is OpenRouter's fee only, and
`upstream_inference_cost`, which the model's provider bills you, is added. Digits are taken as
they are written, never through a float.
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
from costper.rating.usage.values import dollars, node, says


def line_of(usage: Node, doubts: Doubts, model: str, tier: Tier) -> Line:
    """Read a usage with its cost."""
    return replace(chat_line(usage, doubts, model, tier), provider_cost=cost_of(usage, doubts))


def cost_of(usage: Node, doubts: Doubts) -> Decimal | None:
    """Read what the call cost, whoever bills it."""
    cost = dollars(usage, "cost", doubts)
    if usage.get("is_byok") is not True:
        return cost
    upstream = dollars(node(usage.get("cost_details")), "upstream_inference_cost", doubts)
    return None if cost is None or upstream is None else EXACT.add(cost, upstream)


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a completion, or a response."""
    usage = node(body.get("usage"))
    if not says(usage, *openai_responses.TOKENS):
        return read_chat(body, doubts, line_of)
    reading = openai_responses.read(body, doubts)
    if not reading.lines:
        return reading
    first = replace(reading.lines[0], provider_cost=cost_of(usage, doubts))
    return replace(reading, lines=(first, *reading.lines[1:]))


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join a chunk of either interface."""
    if isinstance(chunk.get("response"), Mapping):
        openai_responses.join(joined, chunk, doubts)
    else:
        join_chat(joined, chunk, doubts)


OPENROUTER = Wire(name="openrouter", read=read, join=join)
