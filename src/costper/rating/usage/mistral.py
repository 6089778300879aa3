"""mistral: chat, completion in the middle, agents and embeddings of Mistral.

What it reads (a stream tells it in its last chunk, always):

    {"id": "cmpl-1", "model": "mistral-large-latest",
     "usage": {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150,
               "prompt_tokens_details": {"cached_tokens": 64}, "prompt_audio_seconds": 0}}

Counts are those of openai_chat; `num_cached_tokens` stands in for `cached_tokens`. The chunks
may be wrapped in `data`, as Mistral's Python client gives them.

**No count holds** seconds of audio (`prompt_audio_seconds`) and pages read (`usage_info`): an
issue `uncounted`.
"""

from __future__ import annotations

from dataclasses import replace

from costper.model.call import Line, Reading, Tier
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.chat_shape import chat_line, join_chat, read_chat
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import uncounted
from costper.rating.usage.values import count, node


def line_of(usage: Node, doubts: Doubts, model: str, tier: Tier) -> Line:
    """Read a usage, its audio by the second noted."""
    line = chat_line(usage, doubts, model, tier)
    if count(usage, "prompt_audio_seconds", doubts):
        uncounted(doubts, "audio billed by duration")
    cached = line.cache_read_tokens or count(usage, "num_cached_tokens", doubts)
    return replace(line, cache_read_tokens=cached)


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a completion, or a list of embeddings."""
    if count(node(body.get("usage_info")), "pages_processed", doubts):
        uncounted(doubts, "pages read are billed by the page")
    return read_chat(body, doubts, line_of)


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join a chunk, out of its wrapper where it has one."""
    join_chat(joined, node(chunk.get("data")) or chunk, doubts)


MISTRAL = Wire(name="mistral", read=read, join=join)
