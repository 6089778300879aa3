"""cohere: chat and embeddings of Cohere, version 2 and before.

What it reads (a stream tells it in `message-end`, before version 2 in `stream-end`):

    {"id": "c-1", "finish_reason": "COMPLETE", "usage": {
        "billed_units": {"input_tokens": 1, "output_tokens": 9},
        "tokens": {"input_tokens": 496, "output_tokens": 11}}}

`billed_units` is what is billed: `tokens` holds Cohere's own prompt around yours as well, and
only stands in, marked estimated, where nothing is said of billing. Embeddings and version 1 tell
the same under `meta`. The body names no model: the event must.

**No count holds** search units (rerank) and classifications: an issue `uncounted`.
"""

from __future__ import annotations

from dataclasses import replace

from costper.model.call import Line, Reading
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import checked, reading_of, uncounted
from costper.rating.usage.values import count, node, says, text

TOKENS = ("input_tokens", "output_tokens")
UNITS = {"search_units": "searches", "classifications": "classifications"}
KEPT = ("id", "generation_id", "usage", "meta")


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a response by what it bills."""
    told = node(body.get("usage")) or node(body.get("meta"))
    billed, all_of_it = node(told.get("billed_units")), node(told.get("tokens"))
    for unit, word in UNITS.items():
        if says(billed, unit):
            uncounted(doubts, f"{word} are billed each")
    usage = billed if says(billed, *TOKENS) else all_of_it
    if not says(usage, *TOKENS):
        return reading_of(body, (), doubts)
    sent, made = (count(usage, key, doubts) for key in TOKENS)
    line = Line(
        model=text(body, "model", doubts),
        input_tokens=sent,
        output_tokens=made,
        estimated=usage is all_of_it,
    )
    reading = reading_of(body, (checked(line, doubts),), doubts)
    return replace(reading, response_id=reading.response_id or text(body, "generation_id", doubts))


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join an event: the first names the response, the last its usage."""
    del doubts
    kind = chunk.get("type") or chunk.get("event_type")
    joined.keep(chunk, ("id", "generation_id"))
    if kind == "message-end":
        joined.keep(node(chunk.get("delta")), KEPT)
        joined.finished = True
    elif kind == "stream-end":
        joined.keep(node(chunk.get("response")), KEPT)
        joined.finished = True


COHERE = Wire(name="cohere", read=read, join=join)
