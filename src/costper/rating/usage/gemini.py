"""gemini: Google's generateContent, in the Gemini API and in Vertex AI.

What it reads (in a stream every chunk has it, as it stands then: the last one counts):

    {"responseId": "r-1", "modelVersion": "gemini-2.5-flash", "usageMetadata": {
        "promptTokenCount": 3520, "cachedContentTokenCount": 3512, "toolUsePromptTokenCount": 60,
        "candidatesTokenCount": 2, "thoughtsTokenCount": 42, "totalTokenCount": 3624,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 3520}],
        "trafficType": "ON_DEMAND_FLEX"}}

| in a line | from |
|---|---|
| input | `promptTokenCount` (with the cached) + `toolUsePromptTokenCount` (beside it) |
| cache read | `cachedContentTokenCount` |
| output | `candidatesTokenCount` + `thoughtsTokenCount` (beside it) |
| reasoning | `thoughtsTokenCount` |
| audio, images | the modalities AUDIO and IMAGE of prompt and tools, less those of the cache |
| cached audio | a line of its own, part `cached_audio`: it has a price of its own |
| audio out, images drawn | the modalities AUDIO and IMAGE of the candidates |
| searches | Gemini 3 on: the queries of `groundingMetadata`; before: 1 for a grounded response |
| tier | `serviceTier`, else `trafficType`: ON_DEMAND, ON_DEMAND_FLEX, ON_DEMAND_PRIORITY |

A stream ends with a `finishReason` or a `blockReason`. The google-genai library's own dumps
(`usage_metadata`, `prompt_token_count`) read alike, as does the list of chunks that
streamGenerateContent gives without `alt=sse`.

**No count holds** the storage of cached contents: creating one tells `totalTokenCount` only, and
gives no line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from costper.model.call import Line, Reading
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import (
    cached_audio_apart,
    check_total,
    checked,
    reading_of,
    uncounted,
)
from costper.rating.usage.tier import tier_of
from costper.rating.usage.values import count, first_count, label, node, nodes, says, text

TOKENS = (
    *("promptTokenCount", "candidatesTokenCount", "responseTokenCount"),
    *("thoughtsTokenCount", "toolUsePromptTokenCount"),
)
KEPT = ("responseId", "modelVersion", "usageMetadata", "error")
SNAKE = re.compile(r"_([a-z])")
GENERATION = re.compile(r"gemini-(\d{1,3})")
BILLED_BY_QUERY = 3
"""The first generation of Gemini whose searches are billed each."""


def camelled(at: Node) -> Node:
    """Give an object with its keys as Google's JSON writes them.

    >>> camelled({"prompt_token_count": 4})
    {'promptTokenCount': 4}
    """
    if not any("_" in label(key) for key in at):
        return at
    return {SNAKE.sub(lambda hit: hit[1].upper(), label(key)): said for key, said in at.items()}


def of_modality(usage: Node, key: str, modality: str, doubts: Doubts) -> int:
    """Sum the tokens of one modality in one list of details."""
    return sum(
        count(camelled(entry), "tokenCount", doubts)
        for entry in nodes(usage.get(key))
        if entry.get("modality") == modality
    )


def fresh(usage: Node, modality: str, doubts: Doubts) -> int:
    """Sum the tokens of one modality that were sent, and not read from a cache."""
    sent = sum(
        of_modality(usage, key, modality, doubts)
        for key in ("promptTokensDetails", "toolUsePromptTokensDetails")
    )
    return max(sent - of_modality(usage, "cacheTokensDetails", modality, doubts), 0)


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a response; none of its usage may be told (a cached content, an error)."""
    body = camelled(body)
    usage = camelled(node(body.get("usageMetadata")))
    said = text(usage, "serviceTier", doubts) or text(usage, "trafficType", doubts)
    if not says(usage, *TOKENS):
        if says(usage, "totalTokenCount"):
            uncounted(doubts, "a cached content is billed by the hour it is stored")
        return reading_of(body, (), doubts, tier_said=said, key="responseId")
    line = usage_line(usage, body, doubts, said)
    check_total(usage, "totalTokenCount", line.input_tokens + line.output_tokens, doubts)
    heard = of_modality(usage, "cacheTokensDetails", "AUDIO", doubts)
    lines = cached_audio_apart(checked(line, doubts), heard)
    return reading_of(body, lines, doubts, tier_said=said, key="responseId")


def usage_line(usage: Node, body: Node, doubts: Doubts, said: str) -> Line:
    """Read a usage whose four counts stand beside each other."""
    model = text(body, "modelVersion", doubts).removeprefix("models/")
    thought = count(usage, "thoughtsTokenCount", doubts)
    made = first_count(doubts, (usage, "candidatesTokenCount"), (usage, "responseTokenCount"))
    tools = count(usage, "toolUsePromptTokenCount", doubts)
    return Line(
        model=model,
        tier=tier_of(said, doubts),
        input_tokens=count(usage, "promptTokenCount", doubts) + tools,
        output_tokens=made + thought,
        cache_read_tokens=count(usage, "cachedContentTokenCount", doubts),
        reasoning_tokens=thought,
        audio_input_tokens=fresh(usage, "AUDIO", doubts),
        audio_output_tokens=of_modality(usage, "candidatesTokensDetails", "AUDIO", doubts)
        or of_modality(usage, "responseTokensDetails", "AUDIO", doubts),
        image_input_tokens=fresh(usage, "IMAGE", doubts),
        image_output_tokens=of_modality(usage, "candidatesTokensDetails", "IMAGE", doubts)
        or of_modality(usage, "responseTokensDetails", "IMAGE", doubts),
        web_searches=searches(body, model),
    )


def searches(body: Node, model: str) -> int:
    """Count what grounding with a search is billed by."""
    queries = 0
    for candidate in nodes(body.get("candidates")):
        grounding = camelled(node(camelled(candidate).get("groundingMetadata")))
        asked = grounding.get("webSearchQueries")
        queries += len(cast("list[object]", asked)) if isinstance(asked, list) else 0
    generation = GENERATION.match(model)
    each = generation is not None and int(generation[1]) >= BILLED_BY_QUERY
    return queries if each else min(queries, 1)


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join a chunk: its usage is a snapshot of all so far."""
    del doubts
    chunk = camelled(chunk)
    usage = chunk.get("usageMetadata")
    if isinstance(usage, Mapping):
        chunk = {**chunk, "usageMetadata": camelled(cast("Node", usage))}
    joined.keep(chunk, KEPT)
    for candidate in nodes(chunk.get("candidates")):
        plain = camelled(candidate)
        joined.ending |= says(plain, "finishReason")
        if says(plain, "groundingMetadata"):
            joined.body["candidates"] = [{"groundingMetadata": plain.get("groundingMetadata")}]
    joined.ending |= says(camelled(node(chunk.get("promptFeedback"))), "blockReason")
    joined.finished |= joined.ending


GEMINI = Wire(name="gemini", read=read, join=join)
