"""bedrock_converse: Amazon Bedrock's Converse and ConverseStream, for every model there.

What it reads (a stream tells it in its last event, `metadata`):

    {"stopReason": "end_turn", "serviceTier": {"type": "flex"}, "usage": {
        "inputTokens": 2, "outputTokens": 5, "totalTokens": 1329,
        "cacheReadInputTokens": 0, "cacheWriteInputTokens": 1322,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 1000}, {"ttl": "5m", "inputTokens": 322}]}}

| in a line | from |
|---|---|
| input | `inputTokens` + cache read + cache written: Bedrock counts them beside each other |
| cache read, write | `cacheReadInputTokens`, `cacheWriteInputTokens` (older: `...TokenCount`) |
| cache write, 1 h | `cacheDetails` with `ttl` 1h |
| output | `outputTokens`; how much of it was reasoning is not told |
| tier | `performanceConfig.latency: optimized` is fast, else `serviceTier.type` |

The body names neither model nor id: the model is in the URL (`wire_of` gives it) or in the event.
Streams are read from the binary event stream, its CRC-32 sums checked, or as boto3 gives them
(`{"metadata": {"usage": ...}}`).
"""

from __future__ import annotations

from costper.model.call import Line, Reading
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import check_total, checked, reading_of
from costper.rating.usage.tier import tier_of
from costper.rating.usage.values import count, first_count, node, nodes, says, text

TOKENS = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
KEPT = ("usage", "serviceTier", "performanceConfig")


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a response, or a stream's metadata."""
    usage = node(body.get("usage"))
    said = text(node(body.get("serviceTier")), "type", doubts)
    if node(body.get("performanceConfig")).get("latency") == "optimized":
        said = "optimized"
    if not says(usage, *TOKENS):
        return reading_of(body, (), doubts, tier_said=said)
    kept = first_count(doubts, (usage, "cacheReadInputTokens"), (usage, "cacheReadInputTokenCount"))
    written = first_count(
        doubts, (usage, "cacheWriteInputTokens"), (usage, "cacheWriteInputTokenCount")
    )
    hour = sum(
        count(detail, "inputTokens", doubts)
        for detail in nodes(usage.get("cacheDetails"))
        if detail.get("ttl") == "1h"
    )
    line = Line(
        tier=tier_of(said, doubts),
        input_tokens=count(usage, "inputTokens", doubts) + kept + max(written, hour),
        output_tokens=count(usage, "outputTokens", doubts),
        cache_read_tokens=kept,
        cache_write_tokens=max(written, hour),
        cache_write_1h_tokens=hour,
    )
    check_total(usage, "totalTokens", line.input_tokens + line.output_tokens, doubts)
    return reading_of(body, (checked(line, doubts),), doubts, tier_said=said)


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join an event; only the last one tells anything."""
    del doubts
    metadata = node(chunk.get("metadata"))
    joined.keep(metadata, KEPT)
    joined.finished |= says(node(metadata.get("usage")), *TOKENS)


BEDROCK_CONVERSE = Wire(name="bedrock_converse", read=read, join=join)
