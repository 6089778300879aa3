"""Reads what one response of a provider says of its usage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from costper.model.call import Reading
from costper.model.outcome import Outcome
from costper.rating.usage.base import Node
from costper.rating.usage.joining import Joining
from costper.rating.usage.tap import Tap


def read_response(wire: str, body: Mapping[str, object]) -> Outcome[Reading]:
    """Read a response that was not streamed.

    `wire` is a name in WIRES; `body` the provider's JSON, or a client library's dump of it.
    Always one Reading, without lines where no usage is told; what is wrong with the body is an
    issue (`bad_count`, `part_over_whole`, `unknown_tier`, `uncounted` ...), never an exception.

    >>> usage = {"prompt_tokens": 8, "completion_tokens": 10}
    >>> found = read_response("openai_chat", {"id": "c-1", "model": "gpt-4o", "usage": usage})
    >>> found.items[0].lines[0].input_tokens, found.items[0].lines[0].output_tokens
    (8, 10)
    """
    joining = Joining(wire)
    # Typed callers give an object; what came over a wire may be anything.
    if isinstance(cast("object", body), Mapping):
        joining.take_body(body)
    else:
        joining.doubts.add("bad_body", "the body is no JSON object", severity="error")
    return joining.outcome()


def read_chunks(wire: str, chunks: Sequence[Mapping[str, object]]) -> Outcome[Reading]:
    """Read a streamed response from its chunks in their order, all or as many as came.

    Where the end is missing, the reading is not finished and its lines are estimated.
    """
    joining = Joining(wire)
    for chunk in listed(chunks):
        joining.take(chunk)
    return joining.outcome()


def listed(chunks: object) -> Sequence[object]:
    """Give chunks that are a list; none for anything else."""
    return cast("Sequence[Node]", chunks) if isinstance(chunks, list | tuple) else ()


def read_body(wire: str, content_type: str, body: bytes) -> Outcome[Reading]:
    """Read a response from its bytes: JSON, server-sent events, JSON lines, AWS event stream.

    `content_type` is the HTTP header; where it says nothing of use, the first bytes do.

    >>> read_body("ollama", "application/json", b"{").issues[0].code
    'bad_json'
    """
    tap = Tap(wire, content_type)
    tap.feed(body)
    return tap.finish()
