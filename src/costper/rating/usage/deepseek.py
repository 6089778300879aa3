"""deepseek: chat completions of DeepSeek.

What it reads (a stream tells it in its last chunk):

    {"id": "1", "model": "deepseek-reasoner", "usage": {
        "prompt_tokens": 1012, "completion_tokens": 789, "total_tokens": 1801,
        "prompt_cache_hit_tokens": 1000, "prompt_cache_miss_tokens": 12,
        "completion_tokens_details": {"reasoning_tokens": 415}}}

Counts are those of openai_chat. Cache reads are `prompt_cache_hit_tokens`, which with
`prompt_cache_miss_tokens` make up `prompt_tokens`; writing to the cache costs nothing extra.
"""

from __future__ import annotations

from dataclasses import replace

from costper.model.call import Line, Reading, Tier
from costper.rating.usage.base import Node, Wire
from costper.rating.usage.chat_shape import chat_line, join_chat, read_chat
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.values import count, says


def line_of(usage: Node, doubts: Doubts, model: str, tier: Tier) -> Line:
    """Read a usage by DeepSeek's own words for the cache."""
    line = chat_line(usage, doubts, model, tier)
    if not says(usage, "prompt_cache_hit_tokens"):
        return line
    return replace(line, cache_read_tokens=count(usage, "prompt_cache_hit_tokens", doubts))


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a completion."""
    return read_chat(body, doubts, line_of)


DEEPSEEK = Wire(name="deepseek", read=read, join=join_chat)
