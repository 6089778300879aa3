"""bedrock_invoke: Amazon Bedrock's InvokeModel, where each model family has its own body.

What it reads (a stream tells it in its last chunk):

    {"outputText": "...", "amazon-bedrock-invocationMetrics": {
        "inputTokenCount": 7, "outputTokenCount": 126,
        "cacheReadInputTokenCount": 14486, "cacheWriteInputTokenCount": 2238}}

| family | told by the body | read as |
|---|---|---|
| Anthropic | `usage.input_tokens` | anthropic |
| Nova | `usage.inputTokens` | bedrock_converse |
| OpenAI, Qwen, Jamba and others | `usage.prompt_tokens` | openai_chat |
| Titan | `inputTextTokenCount`, `results[].tokenCount` | one line |
| Llama | `prompt_token_count`, `generation_token_count` | one line |
| any stream | `amazon-bedrock-invocationMetrics`, where the body says nothing itself | one line |

The model is in the URL (`wire_of` gives it) or in the event; what the body calls it is kept where
it does. Cohere and Mistral models tell their usage in HTTP headers only when not streamed: no
line, and an issue says so. Chunks are read from the binary event stream, from boto3's
`{"chunk": {"bytes": b"..."}}`, or already decoded.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import cast

import msgspec

from costper.model.call import Line, Reading
from costper.rating.usage import anthropic, bedrock_converse
from costper.rating.usage.base import NOTHING, Joined, Node, Wire
from costper.rating.usage.chat_shape import join_chat, read_chat
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import checked, reading_of
from costper.rating.usage.values import count, node, nodes, says

METRICS = "amazon-bedrock-invocationMetrics"
TITAN = "inputTextTokenCount"
LLAMA = ("prompt_token_count", "generation_token_count")
KEPT = (METRICS, TITAN, "totalOutputTextTokenCount", *LLAMA, "usage", "results", "error")


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a body as its family writes it."""
    usage = node(body.get("usage"))
    if says(usage, *anthropic.TOKENS):
        return anthropic.read(body, doubts)
    if says(usage, *bedrock_converse.TOKENS):
        return bedrock_converse.read(body, doubts)
    if says(usage, "prompt_tokens", "completion_tokens"):
        return read_chat(body, doubts)
    line = family_line(body, doubts)
    return reading_of(body, (checked(line, doubts),) if line else (), doubts)


def family_line(body: Node, doubts: Doubts) -> Line | None:
    """Read the counts of a family without a usage, else Bedrock's own."""
    if says(body, TITAN):
        results = nodes(body.get("results"))
        made = sum(count(result, "tokenCount", doubts) for result in results)
        made = made or count(body, "totalOutputTextTokenCount", doubts)
        return Line(input_tokens=count(body, TITAN, doubts), output_tokens=made)
    if says(body, *LLAMA):
        sent, made = (count(body, key, doubts) for key in LLAMA)
        return Line(input_tokens=sent, output_tokens=made)
    told = node(body.get(METRICS))
    if not says(told, "inputTokenCount", "outputTokenCount"):
        return None
    kept = count(told, "cacheReadInputTokenCount", doubts)
    written = count(told, "cacheWriteInputTokenCount", doubts)
    return Line(
        input_tokens=count(told, "inputTokenCount", doubts) + kept + written,
        output_tokens=count(told, "outputTokenCount", doubts),
        cache_read_tokens=kept,
        cache_write_tokens=written,
    )


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join a chunk: what its family's chunk says, and Bedrock's metrics of the last one."""
    inner = unwrapped(chunk, doubts)
    if "type" in inner:
        anthropic.join(joined, inner, doubts)
    elif "choices" in inner:
        join_chat(joined, inner, doubts)
    else:
        bedrock_converse.join(joined, inner, doubts)
        joined.keep(inner, KEPT)
    joined.keep(inner, (METRICS,))
    joined.finished |= says(inner, METRICS)


def unwrapped(chunk: Node, doubts: Doubts) -> Node:
    """Take a family's chunk out of Bedrock's: bytes, in base64 where JSON carries them."""
    if "chunk" not in chunk:
        return chunk
    carried = node(chunk.get("chunk")).get("bytes")
    try:
        raw = base64.b64decode(carried, validate=True) if isinstance(carried, str) else carried
        inner = cast("object", msgspec.json.decode(cast("bytes", raw)))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        doubts.add("bad_chunk", "a chunk's bytes are no JSON", severity="error")
        return NOTHING
    return cast("Node", inner) if isinstance(inner, Mapping) else NOTHING


BEDROCK_INVOKE = Wire(name="bedrock_invoke", read=read, join=join)
