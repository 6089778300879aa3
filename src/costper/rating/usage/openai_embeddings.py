"""openai_embeddings: embeddings of OpenAI, Azure and everything that speaks like them.

What it reads:

    {"object": "list", "model": "text-embedding-3-small",
     "usage": {"prompt_tokens": 4, "total_tokens": 4}}

There is input only (`prompt_tokens`, else `total_tokens`), and no id: an event of it needs an
`externalRequestId` of its own to be counted once.
"""

from __future__ import annotations

from costper.model.call import Line, Reading
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import reading_of
from costper.rating.usage.values import first_count, node, says, text

KEPT = ("id", "object", "model", "usage", "error")


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a list of embeddings."""
    usage = node(body.get("usage"))
    if not says(usage, "prompt_tokens", "total_tokens"):
        return reading_of(body, (), doubts)
    sent = first_count(doubts, (usage, "prompt_tokens"), (usage, "total_tokens"))
    line = Line(model=text(body, "model", doubts), input_tokens=sent)
    return reading_of(body, (line,), doubts)


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Take the one chunk there is."""
    del doubts
    joined.keep(chunk, KEPT)
    joined.finished = True


OPENAI_EMBEDDINGS = Wire(name="openai_embeddings", read=read, join=join)
