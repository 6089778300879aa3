"""Estimates the tokens of a call whose provider said nothing of its usage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from costper.track.bodies import Node

BYTES_PER_TOKEN = 4
"""Rough for English, low for most else; the same as the server's readers take."""

SENT = ("messages", "input", "system", "instructions", "prompt", "tools")
MADE = ("content", "text", "delta", "arguments", "refusal", "reasoning_content", "output_text")
PICTURES = frozenset({"url", "data", "image_url", "file_data", "b64_json", "input_audio"})
INNER = ("choices", "message", "delta", "content", "tool_calls", "function", "output")
DEEPEST = 20


def sent_tokens(request: Node) -> int:
    """Estimate the tokens of a request by its text; pictures count nothing."""
    return _tokens(sum(_texts(request.get(key), 0) for key in SENT))


def made_tokens(nodes: Sequence[Node]) -> int:
    """Estimate the tokens of a response, or of the chunks of a stream, by their text."""
    return _tokens(sum(_made(node, 0) for node in nodes if not _repeats(node)))


def _tokens(size: int) -> int:
    return -(-size // BYTES_PER_TOKEN)


def _repeats(node: Node) -> bool:
    """Tell an event that only says again what its deltas said."""
    kind = node.get("type")
    return isinstance(kind, str) and "." in kind and not kind.endswith(".delta")


def _texts(said: object, depth: int) -> int:
    if isinstance(said, str):
        return len(said.encode("utf-8", "replace"))
    if depth > DEEPEST:
        return 0
    if isinstance(said, list):
        return sum(_texts(item, depth + 1) for item in cast("list[object]", said))
    if isinstance(said, Mapping):
        members = cast("Node", said).items()
        return sum(_texts(value, depth + 1) for key, value in members if key not in PICTURES)
    return 0


def _made(node: Node, depth: int) -> int:
    found = sum(_texts(said, depth) for key in MADE if isinstance(said := node.get(key), str))
    if depth > DEEPEST:
        return found
    return found + sum(
        _made(inner, depth + 1) for key in INNER for inner in _objects(node.get(key))
    )


def _objects(said: object) -> Iterator[Node]:
    if isinstance(said, Mapping):
        yield cast("Node", said)
    elif isinstance(said, list):
        for item in cast("list[object]", said):
            if isinstance(item, Mapping):
                yield cast("Node", item)
