"""Takes everything out of a provider's body that usage does not need: text never leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from costper.track.bodies import Node

WORDS = frozenset(
    {
        *("id", "object", "type", "model", "status", "service_tier", "index", "code"),
        *("finish_reason", "stop_reason", "background"),
    }
)
"""What is kept of an object: short words that say what it is."""

INNER = frozenset(
    {
        *("message", "response", "delta", "choices", "output", "action", "error", "x_groq"),
        *("content", "content_block", "tools", "executed_tools", "result"),
    }
)
"""What may hold such words in turn; where it is text, it is dropped."""

COUNTED = frozenset(
    {
        *("usage", "usageMetadata", "tool_usage", "usage_breakdown", "usage_info", "svg_usage"),
        "amazon-bedrock-invocationMetrics",
    }
)
"""What is kept as a whole, for its numbers."""

LONGEST_WORD = 200
DEEPEST = 8
MOST_ITEMS = 1_000
LONGEST_MASK = 4 * 1024 * 1024
SPOKEN = ("text", "thinking", "partial_json")

TELLING = frozenset(
    {
        *("message_start", "message_delta", "message_stop", "error", "transcript.text.done"),
        *("speech.audio.done", "response.created", "response.completed", "response.incomplete"),
        *("response.failed", "response.cancelled", "response.done", "image_generation.completed"),
        "image_edit.completed",
    }
)
"""Events of a stream that name usage, or an end."""


def reduced(node: Node, depth: int = 0) -> dict[str, object]:
    """Give a body without its text, in its own shape, so that the same reader reads it.

    >>> reduced({"id": "r", "choices": [{"message": {"content": "hi"}}], "usage": {"total": 3}})
    {'id': 'r', 'choices': [{'message': {}}], 'usage': {'total': 3}}
    """
    found: dict[str, object] = {}
    for key, said in node.items():
        if key in COUNTED and isinstance(said, Mapping):
            found[key] = _counts(cast("object", said), 0)
        elif key in INNER and depth < DEEPEST:
            inner = _inner(said, depth + 1)
            if inner is not None:
                found[key] = inner
        elif key in WORDS and _is_word(said):
            found[key] = said
    return found


def _inner(said: object, depth: int) -> object:
    if isinstance(said, Mapping):
        return reduced(cast("Node", said), depth)
    if isinstance(said, list):
        items = cast("list[object]", said)[:MOST_ITEMS]
        return [reduced(cast("Node", item), depth) for item in items if isinstance(item, Mapping)]
    return None


def _counts(said: object, depth: int) -> object:
    """Keep numbers and short words, however deep."""
    if _is_word(said):
        return said
    if isinstance(said, Mapping) and depth < DEEPEST:
        return {key: _counts(value, depth + 1) for key, value in cast("Node", said).items()}
    if isinstance(said, list) and depth < DEEPEST:
        return [_counts(item, depth + 1) for item in cast("list[object]", said)[:MOST_ITEMS]]
    return None


def _is_word(said: object) -> bool:
    if isinstance(said, str):
        return len(said) <= LONGEST_WORD
    return said is None or isinstance(said, bool | int | float)


def reduced_chunks(nodes: Sequence[Node]) -> list[dict[str, object]]:
    """Give the chunks of a stream that say something more than those before them.

    Output that no usage told of is one chunk of as many x as it had bytes, so that the reader
    estimates a stream that was cut as it would from the stream itself.
    """
    found: list[dict[str, object]] = []
    untold = 0
    for number, node in enumerate(nodes):
        if number == 0 or _tells(node):
            found.append(reduced(node))
        if node.get("type") == "message_delta":
            untold = 0
        elif node.get("type") == "content_block_delta":
            untold += _spoken(node.get("delta"))
    if untold:
        delta = {"type": "text_delta", "text": "x" * min(untold, LONGEST_MASK)}
        found.append({"type": "content_block_delta", "delta": delta})
    return found


def _spoken(delta: object) -> int:
    """Count the bytes a piece of a message holds."""
    if not isinstance(delta, Mapping):
        return 0
    said = (cast("Node", delta).get(key) for key in SPOKEN)
    return sum(len(text.encode("utf-8", "replace")) for text in said if isinstance(text, str))


def _tells(node: Node) -> bool:
    """Tell whether a chunk says usage, or that something ended."""
    if isinstance(node.get("usage"), Mapping) or isinstance(node.get("x_groq"), Mapping):
        return True
    kind = node.get("type")
    if isinstance(kind, str):
        block = node.get("content_block")
        tool = isinstance(block, Mapping) and cast("Node", block).get("type") != "text"
        return kind in TELLING or tool or "amazon-bedrock-invocationMetrics" in node
    choices = node.get("choices")
    return isinstance(choices, list) and any(
        cast("Node", choice).get("finish_reason")
        for choice in cast("list[object]", choices)
        if isinstance(choice, Mapping)
    )
