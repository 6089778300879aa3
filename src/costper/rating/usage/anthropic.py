"""anthropic: Claude's Messages API, direct, on Vertex, Azure or Bedrock.

What it reads (a stream tells it in `message_start` and, cumulative, in `message_delta`):

    {"id": "msg_1", "type": "message", "model": "claude-sonnet-5", "usage": {
        "input_tokens": 3, "cache_read_input_tokens": 1111, "cache_creation_input_tokens": 90,
        "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 40},
        "output_tokens": 406, "output_tokens_details": {"thinking_tokens": 33},
        "server_tool_use": {"web_search_requests": 1}, "service_tier": "batch"}}

| in a line | from |
|---|---|
| input | `input_tokens` + cache read + cache written: Anthropic counts them beside each other |
| cache read | `cache_read_input_tokens` |
| cache write | `cache_creation_input_tokens`; what `cache_creation` says no time of is 5 minutes' |
| cache write, 1 h | `ephemeral_1h_input_tokens` |
| output, reasoning | `output_tokens`, of it `thinking_tokens` |
| searches | `server_tool_use.web_search_requests` (fetches cost tokens only) |
| tier | `speed: fast`, else `service_tier`: standard, batch, priority |

**Streams.** Of each field the last value that is not null counts: a `message_delta` may carry all
fields or `output_tokens` alone. Cut before it, output is taken as emitted bytes / 4, estimated.

**Iterations.** Where `usage.iterations` is given, each is a line with its own model and its own
input as context; the part is its type: `message`, `compaction` (not in the top-level sums),
`advisor_message`, `fallback_message`. Thinking and searches are told for the whole response: they
go to its `message` lines, in order. Top-level tokens that no iteration lists are a last line,
part `remainder`.

**Server tools without iterations.** The input is then a sum over several requests. The line's
context is their mean (input / (answers of server tools + 1)), the least that the largest can be: a
long-context price is never chosen because of the sum alone.

`inference_geo: us` has a price of its own that no tier tells: an issue `uncounted`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from costper.model.call import COUNTS, Line, Reading, Tier
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import checked, reading_of, uncounted
from costper.rating.usage.tier import tier_of
from costper.rating.usage.values import count, label, node, nodes, says, text

TOKENS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
LISTED = frozenset({"message", "fallback_message"})
"""Types of iterations whose tokens are in the top-level sums."""

MOST_ITERATIONS = 1_000
TOOL_RESULT = "tool_result"
"""How the type of a block ends in which a server's tool answered: another request followed."""

KEPT = ("id", "model", "usage", "error")
DELTAS = ("text", "thinking", "partial_json")


def usage_line(usage: Node, doubts: Doubts, model: str, tier: Tier) -> Line:
    """Read a usage, or one of its iterations."""
    kept = node(usage.get("cache_creation"))
    hour = count(kept, "ephemeral_1h_input_tokens", doubts)
    timed = hour + count(kept, "ephemeral_5m_input_tokens", doubts)
    written = count(usage, "cache_creation_input_tokens", doubts)
    if timed > written and says(usage, "cache_creation_input_tokens"):
        doubts.add("total_disagrees", "cache_creation lists more than was written in all")
    written, read_back = max(written, timed), count(usage, "cache_read_input_tokens", doubts)
    return Line(
        model=text(usage, "model", doubts) or model,
        tier=tier,
        input_tokens=count(usage, "input_tokens", doubts) + written + read_back,
        output_tokens=count(usage, "output_tokens", doubts),
        cache_read_tokens=read_back,
        cache_write_tokens=written,
        cache_write_1h_tokens=hour,
        reasoning_tokens=count(node(usage.get("output_tokens_details")), "thinking_tokens", doubts),
        web_searches=count(node(usage.get("server_tool_use")), "web_search_requests", doubts),
    )


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a message, or a batch's line around one."""
    wrapped = node(node(body.get("result")).get("message"))
    message = wrapped or body
    usage = node(message.get("usage"))
    said = text(usage, "service_tier", doubts)
    if usage.get("speed") == "fast":
        said = "fast"
    if not says(usage, *TOKENS):
        return reading_of(message, (), doubts, tier_said=said)
    if usage.get("inference_geo") == "us":
        uncounted(doubts, "inference_geo us may cost more than the list price")
    whole = usage_line(usage, doubts, text(message, "model", doubts), tier_of(said, doubts))
    found = iterations(usage, whole, doubts) or (looped(whole, message, usage, doubts),)
    lines = tuple(checked(line, doubts) for line in found)
    return reading_of(message, lines, doubts, tier_said=said)


def looped(line: Line, message: Node, usage: Node, doubts: Doubts) -> Line:
    """Give the line its context: where server tools were used, its input is a sum of requests."""
    told = node(usage.get("server_tool_use"))
    uses = sum(count(told, key, doubts) for key in told if label(key).endswith("requests"))
    seen = sum(map(answered, nodes(message.get("content"))))
    turns = max(uses, seen) + 1
    return line if turns == 1 else replace(line, context_tokens=-(-line.input_tokens // turns))


def iterations(usage: Node, whole: Line, doubts: Doubts) -> tuple[Line, ...]:
    """Read each iteration, hand out what is told for the whole, and add what none lists."""
    listed = nodes(usage.get("iterations"))
    if len(listed) > MOST_ITERATIONS:
        doubts.add("too_many", f"{len(listed)} iterations: only {MOST_ITERATIONS} are told apart")
    found: list[Line] = []
    for one in listed[:MOST_ITERATIONS]:
        line = usage_line(one, doubts, whole.model, whole.tier)
        found.append(replace(line, part=text(one, "type", doubts)))
    if not found:
        return ()
    left = shared_out(found, whole)
    unlisted = left.input_tokens or left.output_tokens or left.web_searches
    return (*found, left) if unlisted else tuple(found)


def shared_out(lines: list[Line], whole: Line) -> Line:
    """Give thinking and searches to the message lines in order; what no line lists is left."""
    thought, searched = whole.reasoning_tokens, whole.web_searches
    sums = dict.fromkeys(COUNTS, 0)
    for place, line in enumerate(lines):
        if line.part not in LISTED:
            continue
        mine = min(thought, line.output_tokens) if not line.reasoning_tokens else 0
        thought -= mine
        lines[place] = replace(
            line,
            reasoning_tokens=line.reasoning_tokens + mine,
            web_searches=line.web_searches or searched,
        )
        searched = 0
        for name in COUNTS:
            sums[name] += getattr(lines[place], name)
    left = {name: max(getattr(whole, name) - sums[name], 0) for name in COUNTS}
    return Line(model=whole.model, tier=whole.tier, part="remainder", **left)


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join an event: fields of usage that are null change nothing."""
    del doubts
    kind = chunk.get("type")
    if kind == "message_start":
        joined.keep(node(chunk.get("message")), KEPT)
    elif kind == "message_delta":
        joined.keep(chunk, ("usage",))
        joined.emitted = 0
        joined.finished |= says(node(chunk.get("delta")), "stop_reason")
    elif kind == "content_block_start":
        begin(joined, node(chunk.get("content_block")))
    elif kind == "content_block_delta":
        joined.emitted += emitted(node(chunk.get("delta")))
    elif kind == "message_stop":
        joined.finished = True


def begin(joined: Joined, block: Node) -> None:
    """Remember that a server's tool answered."""
    if answered(block):
        content = cast("list[Node]", joined.body.setdefault("content", []))
        if len(content) < MOST_ITERATIONS:
            content.append({"type": block.get("type")})


def answered(block: Node) -> bool:
    """Tell whether a block is the answer of a server's tool."""
    return label(block.get("type")).endswith(TOOL_RESULT)


def emitted(delta: Node) -> int:
    """Count the bytes of output in a delta."""
    said = (delta.get(key) for key in DELTAS)
    return sum(len(word.encode("utf-8", "replace")) for word in said if isinstance(word, str))


ANTHROPIC = Wire(name="anthropic", read=read, join=join)
