"""The usage of chat completions, which most providers say in OpenAI's words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from costper.model.call import Line, Reading, Tier
from costper.rating.usage.base import Joined, Node
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import check_total, checked, reading_of
from costper.rating.usage.tier import tier_of
from costper.rating.usage.values import count, first_count, label, node, nodes, says, text

KEPT = ("id", "model", "object", "service_tier", "usage", "error")
TOKENS = ("prompt_tokens", "completion_tokens")

LineOf = Callable[[Node, Doubts, str, Tier], Line]
"""Turn a usage into a line, given its model and tier."""


def chat_line(usage: Node, doubts: Doubts, model: str, tier: Tier) -> Line:
    """Read a usage; its details are parts of its totals."""
    sent, made = node(usage.get("prompt_tokens_details")), details_of_output(usage)
    return Line(
        model=model,
        tier=tier,
        input_tokens=count(usage, "prompt_tokens", doubts),
        output_tokens=count(usage, "completion_tokens", doubts),
        cache_read_tokens=first_count(
            doubts,
            (sent, "cached_tokens"),
            (usage, "prompt_cache_hit_tokens"),
            (usage, "cache_read_input_tokens"),
        ),
        cache_write_tokens=first_count(
            doubts, (sent, "cache_write_tokens"), (usage, "cache_creation_input_tokens")
        ),
        reasoning_tokens=count(made, "reasoning_tokens", doubts),
        audio_input_tokens=count(sent, "audio_tokens", doubts),
        audio_output_tokens=count(made, "audio_tokens", doubts),
        image_input_tokens=count(sent, "image_tokens", doubts),
        image_output_tokens=count(made, "image_tokens", doubts),
        web_searches=count(node(usage.get("server_tool_use")), "web_search_requests", doubts),
    )


def details_of_output(usage: Node) -> Node:
    """Give what a usage says of its output's parts."""
    return node(usage.get("completion_tokens_details"))


def read_chat(body: Node, doubts: Doubts, line_of: LineOf = chat_line) -> Reading:
    """Read a completion; no line where its usage is null or names no tokens."""
    usage, said = node(body.get("usage")), text(body, "service_tier", doubts)
    if not says(usage, *TOKENS):
        return reading_of(body, (), doubts, tier_said=said)
    line = line_of(usage, doubts, text(body, "model", doubts), tier_of(said, doubts))
    check_total(usage, "total_tokens", line.input_tokens + line.output_tokens, doubts)
    return reading_of(body, (checked(line, doubts),), doubts, tier_said=said)


def join_chat(joined: Joined, chunk: Node, doubts: Doubts, *, usage_may_lack: bool = False) -> None:
    """Join a chunk: the last usage that is not null counts, never a sum.

    The end is the usage that comes with the last choice's finish_reason, or after it; with
    `usage_may_lack`, the last finish_reason of a stream that never had a key `usage`.
    """
    del doubts
    joined.keep(chunk, KEPT)
    for choice in nodes(chunk.get("choices")):
        index = label(choice.get("index"))
        if choice.get("finish_reason") is None:
            joined.open.add(index)
        else:
            joined.open.discard(index)
            joined.ending = True
    if "usage" in chunk:
        joined.body.setdefault("usage", None)
    ended = joined.ending and not joined.open
    told = says(node(chunk.get("usage")), *TOKENS)
    joined.finished |= ended and (told or (usage_may_lack and "usage" not in joined.body))


join_perhaps_without_usage = partial(join_chat, usage_may_lack=True)
