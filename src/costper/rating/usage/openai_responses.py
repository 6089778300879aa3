"""openai_responses: OpenAI's Responses API, streamed, in the background or at once.

What it reads (a stream tells it in `response.completed`, `.incomplete` or `.failed`):

    {"id": "resp_1", "object": "response", "status": "completed", "model": "gpt-5-2025-08-07",
     "service_tier": "flex", "tool_usage": {"web_search": {"num_requests": 2}},
     "usage": {"input_tokens": 53, "input_tokens_details": {"cached_tokens": 0},
               "output_tokens": 469, "output_tokens_details": {"reasoning_tokens": 448}}}

| in a line | from |
|---|---|
| input, output | `input_tokens`, `output_tokens`; all details are parts of these |
| cache read, write | `cached_tokens`, `cache_write_tokens` |
| reasoning | `output_tokens_details.reasoning_tokens` |
| searches | `tool_usage.web_search.num_requests`, else the `web_search_call`s that searched |
| tier | `service_tier` of the response |

Images drawn by the image tool (`tool_usage.image_gen`) are a line of their own, part `image_gen`,
with the model the tool was declared with. A response still running in the background has no usage
yet: not finished, no line; read it again when retrieved.

**No count holds** file searches, code containers, or cache writes kept 12 hours (counted as
writes of the ordinary price): each is an issue `uncounted`.
"""

from __future__ import annotations

from dataclasses import replace

from costper.model.call import Line, Reading, Tier
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import check_total, checked, reading_of, uncounted
from costper.rating.usage.tier import tier_of
from costper.rating.usage.values import count, label, node, nodes, says, text

TOKENS = ("input_tokens", "output_tokens")
KEPT = (
    *("id", "object", "model", "service_tier", "status", "usage", "error"),
    *("tool_usage", "tools", "output"),
)
ENDS = frozenset(
    f"response.{end}" for end in ("completed", "incomplete", "failed", "cancelled", "done")
)
RUNNING = frozenset({"queued", "in_progress"})
UNCOUNTED_TOOLS = {"file_search_call": "a file search", "code_interpreter_call": "a code container"}


def responses_line(usage: Node, doubts: Doubts, model: str, tier: Tier) -> Line:
    """Read a usage in the words of the Responses API."""
    sent = node(usage.get("input_tokens_details"))
    made = node(usage.get("output_tokens_details"))
    if count(node(sent.get("cache_write_tokens_details")), "ttl_12h_tokens", doubts):
        uncounted(doubts, "cache writes kept for 12 hours count as ordinary ones")
    return Line(
        model=model,
        tier=tier,
        input_tokens=count(usage, "input_tokens", doubts),
        output_tokens=count(usage, "output_tokens", doubts),
        cache_read_tokens=count(sent, "cached_tokens", doubts),
        cache_write_tokens=count(sent, "cache_write_tokens", doubts),
        reasoning_tokens=count(made, "reasoning_tokens", doubts),
        audio_input_tokens=count(sent, "audio_tokens", doubts),
        audio_output_tokens=count(made, "audio_tokens", doubts),
        image_input_tokens=count(sent, "image_tokens", doubts),
        image_output_tokens=count(made, "image_tokens", doubts),
    )


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a response; not finished while it runs in the background."""
    usage, said = node(body.get("usage")), text(body, "service_tier", doubts)
    tier = tier_of(said, doubts)
    lines: tuple[Line, ...] = ()
    if says(usage, *TOKENS):
        line = responses_line(usage, doubts, text(body, "model", doubts), tier)
        check_total(usage, "total_tokens", line.input_tokens + line.output_tokens, doubts)
        line = replace(line, web_searches=searches(body, doubts))
        lines = (checked(line, doubts), *drawn(body, doubts, tier))
    reading = reading_of(body, lines, doubts, tier_said=said)
    return replace(reading, finished=text(body, "status", doubts) not in RUNNING)


def searches(body: Node, doubts: Doubts) -> int:
    """Count web searches: opening a page or finding in it is none."""
    told = node(node(body.get("tool_usage")).get("web_search"))
    made = 0
    for item in nodes(body.get("output")):
        kind = label(item.get("type"))
        if kind == "web_search_call":
            made += node(item.get("action")).get("type", "search") == "search"
        elif kind in UNCOUNTED_TOOLS:
            uncounted(doubts, f"{UNCOUNTED_TOOLS[kind]} has a fee of its own")
    return count(told, "num_requests", doubts) if says(told, "num_requests") else made


def drawn(body: Node, doubts: Doubts, tier: Tier) -> tuple[Line, ...]:
    """Read what the image tool used, which is another model's."""
    usage = node(node(body.get("tool_usage")).get("image_gen"))
    if not (count(usage, "input_tokens", doubts) or count(usage, "output_tokens", doubts)):
        return ()
    models = [
        text(tool, "model", doubts)
        for tool in nodes(body.get("tools"))
        if tool.get("type") == "image_generation"
    ]
    line = image_line(usage, doubts, next(iter(models), ""), tier)
    return (checked(replace(line, part="image_gen"), doubts),)


def image_line(usage: Node, doubts: Doubts, model: str, tier: Tier) -> Line:
    """Read what an image model used: it drew all of its output, unless details say otherwise."""
    line = responses_line(usage, doubts, model, tier)
    if says(node(usage.get("output_tokens_details")), "image_tokens"):
        return line
    return replace(line, image_output_tokens=line.output_tokens)


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join an event: each names the response as it stands then."""
    del doubts
    response = node(chunk.get("response"))
    kind = label(chunk.get("type"))
    joined.keep(response, KEPT)
    joined.finished |= kind in ENDS
    if not kind and chunk.get("object") == "response":
        joined.keep(chunk, KEPT)
        joined.finished |= label(chunk.get("status")) not in RUNNING


OPENAI_RESPONSES = Wire(name="openai_responses", read=read, join=join)
