"""groq: chat completions of Groq, its compound systems with their several models.

What it reads (a stream tells it in its last chunk, under `x_groq`):

    {"id": "chatcmpl-1", "model": "groq/compound", "service_tier": "on_demand",
     "usage": {"prompt_tokens": 900, "completion_tokens": 120, "total_tokens": 1020},
     "usage_breakdown": {"models": [
        {"model": "llama-3.3-70b", "usage": {"prompt_tokens": 600, "completion_tokens": 80}},
        {"model": "gpt-oss-120b", "usage": {"prompt_tokens": 300, "completion_tokens": 40}}]}}

Counts are those of openai_chat. Where `usage_breakdown` lists models, each is a line of its own,
part `breakdown`, billed at its own price instead of the compound's.

**No count holds** the fees of the tools a compound system used (`executed_tools`): an issue
`uncounted`.
"""

from __future__ import annotations

from dataclasses import replace

from costper.model.call import Line, Reading
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.chat_shape import chat_line, join_chat, read_chat
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import checked, uncounted
from costper.rating.usage.values import node, nodes, text

MOST_MODELS = 100


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a completion, model by model where it says so."""
    if any(nodes(node(choice.get("message")).get("executed_tools")) for choice in choices(body)):
        uncounted(doubts, "tools of a compound system have fees of their own")
    reading = read_chat(body, doubts)
    if not reading.lines:
        return reading
    whole = reading.lines[0]
    found = [
        broken_down(entry, whole, doubts)
        for entry in nodes(node(body.get("usage_breakdown")).get("models"))[:MOST_MODELS]
    ]
    said = sum(line.input_tokens + line.output_tokens for line in found)
    if not found or said == whole.input_tokens + whole.output_tokens:
        return replace(reading, lines=tuple(found) or reading.lines)
    doubts.add("total_disagrees", "usage_breakdown is not all of usage: the whole is billed")
    return reading


def choices(body: Node) -> list[Node]:
    """Give the choices of a completion."""
    return nodes(body.get("choices"))


def broken_down(entry: Node, whole: Line, doubts: Doubts) -> Line:
    """Read one model's share."""
    model = text(entry, "model", doubts) or whole.model
    line = chat_line(node(entry.get("usage")), doubts, model, whole.tier)
    return replace(checked(line, doubts), part="breakdown")


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join a chunk: the last one's usage is Groq's own."""
    told = node(chunk.get("x_groq"))
    usage = chunk.get("usage") or told.get("usage")
    breakdown = chunk.get("usage_breakdown") or told.get("usage_breakdown")
    join_chat(joined, {**chunk, "usage": usage, "error": told.get("error")}, doubts)
    joined.keep({"usage_breakdown": breakdown}, ("usage_breakdown",))


GROQ = Wire(name="groq", read=read, join=join)
