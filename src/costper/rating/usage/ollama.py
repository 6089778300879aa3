"""ollama: chat, generation and embeddings of Ollama's own API.

What it reads (a stream is one JSON object a line; the one with `done` tells it):

    {"model": "llama3", "done": true, "done_reason": "stop",
     "prompt_eval_count": 17, "eval_count": 66}

Input is `prompt_eval_count`, left out where the whole prompt was kept from before; output is
`eval_count`, left out in embeddings. There is no id and no bill: the price of a model of one's
own is declared by GPU-hour in a price overlay.
"""

from __future__ import annotations

from dataclasses import replace

from costper.model.call import Line, Reading
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import reading_of
from costper.rating.usage.values import count, says, text

TOKENS = ("prompt_eval_count", "eval_count")
KEPT = ("model", "done", *TOKENS, "error")


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a response; not finished where it says it is not done."""
    lines: tuple[Line, ...] = ()
    if says(body, *TOKENS):
        sent, made = (count(body, key, doubts) for key in TOKENS)
        lines = (Line(model=text(body, "model", doubts), input_tokens=sent, output_tokens=made),)
    reading = reading_of(body, lines, doubts)
    return replace(reading, finished=body.get("done") is not False)


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join a chunk."""
    del doubts
    joined.keep(chunk, KEPT)
    joined.finished |= chunk.get("done") is True


OLLAMA = Wire(name="ollama", read=read, join=join)
