"""Made responses, whole and as the streams that tell the same, one of each wire format."""

import base64
import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costper.model.call import Reading
from costper.model.outcome import Outcome
from costper.rating.usage import read_chunks, read_response

Json = dict[str, Any]


def anthropic(usage: Json, **more: object) -> Json:
    return {"id": "msg_made", "type": "message", "model": "claude-made", "usage": usage, **more}


def anthropic_stream(start: Json, delta: Json, blocks: Sequence[Json] = ()) -> list[Json]:
    """Give a message's events: what it said first, some text, and what it said last."""
    tools = [
        {"type": "content_block_start", "index": 9 + at, "content_block": block}
        for at, block in enumerate(blocks)
    ]
    return [
        {"type": "message_start", "message": anthropic(start)},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        text_delta("The answer, after some thought, is "),
        *tools,
        text_delta("forty-two."),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": delta},
        {"type": "message_stop"},
    ]


def text_delta(text: str) -> Json:
    delta = {"type": "text_delta", "text": text}
    return {"type": "content_block_delta", "index": 0, "delta": delta}


def chat(usage: Json | None, **more: object) -> Json:
    return {
        "id": "chatcmpl-made",
        "object": "chat.completion",
        "model": "gpt-made",
        "choices": [{"index": 0, "message": {"content": "Yes."}, "finish_reason": "stop"}],
        "usage": usage,
        **more,
    }


def chat_stream(usage: Json | None, *, apart: bool = True, **more: object) -> list[Json]:
    """Give chunks of a completion; its usage comes `apart`, or with the finish_reason."""
    head = {"id": "chatcmpl-made", "object": "chat.completion.chunk", "model": "gpt-made", **more}
    last: Json = {"index": 0, "delta": {}, "finish_reason": "stop"}
    text = [{**head, "choices": [said(word)], "usage": None} for word in ("", "Ye", "s.")]
    if apart:
        return [
            *text,
            {**head, "choices": [last], "usage": None},
            {**head, "choices": [], "usage": usage},
        ]
    return [*text, {**head, "choices": [last], "usage": usage}]


def said(word: str) -> Json:
    return {"index": 0, "delta": {"content": word}, "finish_reason": None}


def response(usage: Json | None, **more: object) -> Json:
    made = {"id": "resp_made", "object": "response", "model": "gpt-made", "status": "completed"}
    return {**made, "error": None, "output": [], "usage": usage, **more}


def response_stream(body: Json) -> list[Json]:
    begun: Json = {**body, "status": "in_progress", "usage": None, "output": []}
    return [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {"type": "response.output_text.delta", "delta": "Yes."},
        {"type": "response.completed", "response": body},
    ]


def gemini(usage: Json, **more: object) -> Json:
    candidate = {"content": {"parts": [{"text": "Yes."}]}, "finishReason": "STOP", "index": 0}
    made = {"responseId": "made", "modelVersion": "gemini-2.5-made", "candidates": [candidate]}
    return {**made, "usageMetadata": usage, **more}


def gemini_stream(*usages: Json) -> list[Json]:
    """Give one chunk for each snapshot of usage; the last one ends it."""
    open_ended = [{"content": {"parts": [{"text": "Y"}]}, "index": 0}]
    return [*(gemini(usage, candidates=open_ended) for usage in usages[:-1]), gemini(usages[-1])]


def frame(kind: str, payload: bytes, *, exception: bool = False) -> bytes:
    """Write one frame of AWS's binary event stream."""
    names = (":exception-type", "exception") if exception else (":event-type", "event")
    words = {names[0]: kind, ":content-type": "application/json", ":message-type": names[1]}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(word)) + word.encode()
        for name, word in words.items()
    )
    lengths = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
    whole = lengths + struct.pack(">I", zlib.crc32(lengths)) + headers + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def frames(chunks: Sequence[Json]) -> bytes:
    """Write events as boto3 gives them into the bytes they came from."""
    return b"".join(
        frame(kind, json.dumps(payload).encode())
        for chunk in chunks
        for kind, payload in chunk.items()
    )


def invoked(chunks: Sequence[Json]) -> list[Json]:
    """Wrap a model's own chunks as Bedrock's InvokeModel streams them."""
    return [
        {"chunk": {"bytes": base64.b64encode(json.dumps(chunk).encode()).decode()}}
        for chunk in chunks
    ]


def events(chunks: Sequence[Json], *, end: bytes = b"\n", done: bool = False) -> bytes:
    """Write chunks as server-sent events."""
    lines = [b"data: " + json.dumps(chunk).encode() + end + end for chunk in chunks]
    return b"".join([*lines, *([b"data: [DONE]" + end + end] if done else [])])


def json_lines(chunks: Sequence[Json]) -> bytes:
    return b"".join(json.dumps(chunk).encode() + b"\n" for chunk in chunks)


@dataclass(frozen=True)
class Sample:
    """A response and the stream that tells the same; how its bytes are written."""

    wire: str
    body: Json
    chunks: list[Json]
    write: Callable[[Sequence[Json]], bytes] = events
    content_type: str = "text/event-stream; charset=utf-8"


CACHED = {
    "input_tokens": 3,
    "cache_creation_input_tokens": 90,
    "cache_read_input_tokens": 1000,
    "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 40},
    "output_tokens": 200,
    "output_tokens_details": {"thinking_tokens": 20},
    "server_tool_use": {"web_search_requests": 0},
    "service_tier": "standard",
}
DETAILED = {
    "prompt_tokens": 120,
    "completion_tokens": 80,
    "total_tokens": 200,
    "prompt_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 20, "audio_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 48},
}
PLAIN = {"prompt_tokens": 12, "completion_tokens": 8, "total_tokens": 20}
RESPONDED = {
    "input_tokens": 53,
    "input_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 7},
    "output_tokens": 40,
    "output_tokens_details": {"reasoning_tokens": 30},
    "total_tokens": 93,
}
THOUGHT = {
    "promptTokenCount": 100,
    "candidatesTokenCount": 30,
    "thoughtsTokenCount": 25,
    "cachedContentTokenCount": 60,
    "totalTokenCount": 155,
    "serviceTier": "standard",
}
CONVERSED = {
    "inputTokens": 2,
    "outputTokens": 32,
    "cacheReadInputTokens": 11,
    "cacheWriteInputTokens": 5,
    "totalTokens": 50,
}
HEARD = {
    "type": "tokens",
    "input_tokens": 14,
    "output_tokens": 45,
    "total_tokens": 59,
    "input_token_details": {"text_tokens": 2, "audio_tokens": 12},
}
DRAWN = {
    "input_tokens": 50,
    "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
    "output_tokens": 4_160,
    "total_tokens": 4_210,
}
GROQ_USAGE: Json = {
    "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
    "model": "gpt-made",
}
GROK = {**PLAIN, "total_tokens": 50, "completion_tokens_details": {"reasoning_tokens": 30}}
COST = {**PLAIN, "cost": 0.000837, "is_byok": False}
COHERE = {
    "billed_units": {"input_tokens": 5, "output_tokens": 9},
    "tokens": {"input_tokens": 500, "output_tokens": 11},
}
OLLAMA = {"model": "llama-made", "done": True, "prompt_eval_count": 17, "eval_count": 66}

SAMPLES: Mapping[str, Sample] = {
    sample.wire: sample
    for sample in (
        Sample("openai_chat", chat(DETAILED), chat_stream(DETAILED)),
        Sample("openai_responses", response(RESPONDED), response_stream(response(RESPONDED))),
        Sample(
            "openai_audio",
            {"text": "Good morning.", "usage": HEARD},
            [
                {"type": "transcript.text.delta", "delta": "Good"},
                {"type": "transcript.text.done", "text": "Good morning.", "usage": HEARD},
            ],
        ),
        Sample(
            "openai_images",
            {"created": 1, "data": [{"b64_json": "iVBORw0"}], "usage": DRAWN},
            [
                {"type": "image_generation.partial_image", "b64_json": "iVBO"},
                {"type": "image_generation.completed", "b64_json": "iVBORw0", "usage": DRAWN},
            ],
        ),
        Sample(
            "anthropic",
            anthropic(CACHED),
            anthropic_stream(
                {**CACHED, "output_tokens": 2, "output_tokens_details": None},
                {
                    "output_tokens": 200,
                    "output_tokens_details": {"thinking_tokens": 20},
                    "input_tokens": None,
                    "cache_read_input_tokens": 1000,
                },
            ),
        ),
        Sample(
            "gemini",
            gemini(THOUGHT),
            gemini_stream(
                {**THOUGHT, "candidatesTokenCount": 4, "totalTokenCount": 129},
                {**THOUGHT, "candidatesTokenCount": 12, "totalTokenCount": 137},
                THOUGHT,
            ),
        ),
        Sample(
            "bedrock_converse",
            {"usage": CONVERSED, "metrics": {"latencyMs": 660}},
            [
                {"messageStart": {"role": "assistant"}},
                {"contentBlockDelta": {"delta": {"text": "Yes."}, "contentBlockIndex": 0}},
                {"messageStop": {"stopReason": "end_turn"}},
                {"metadata": {"usage": CONVERSED, "metrics": {"latencyMs": 660}}},
            ],
            frames,
            "application/vnd.amazon.eventstream",
        ),
        Sample(
            "bedrock_invoke",
            anthropic(CACHED),
            invoked(anthropic_stream({**CACHED, "output_tokens": 1}, CACHED)),
            frames,
            "application/vnd.amazon.eventstream",
        ),
        Sample("mistral", chat(PLAIN), chat_stream(PLAIN, apart=False)),
        Sample(
            "groq",
            chat(PLAIN),
            [
                {"id": "chatcmpl-made", "x_groq": {"id": "req_1"}, "choices": [said("Yes.")]},
                {**GROQ_USAGE, "x_groq": {"id": "req_1", "usage": PLAIN}},
            ],
        ),
        Sample(
            "deepseek",
            chat({**PLAIN, "prompt_cache_hit_tokens": 4}),
            chat_stream({**PLAIN, "prompt_cache_hit_tokens": 4}, apart=False),
        ),
        Sample(
            "cohere",
            {"id": "made", "usage": COHERE},
            [
                {"type": "message-start", "id": "made", "delta": {"message": {}}},
                {"type": "content-delta", "delta": {"message": {"content": {"text": "Yes."}}}},
                {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": COHERE}},
            ],
        ),
        Sample(
            "xai",
            chat(
                {**PLAIN, "total_tokens": 50, "completion_tokens_details": {"reasoning_tokens": 30}}
            ),
            chat_stream(
                {**PLAIN, "total_tokens": 50, "completion_tokens_details": {"reasoning_tokens": 30}}
            ),
        ),
        Sample("openrouter", chat(COST), chat_stream(COST)),
        Sample(
            "ollama",
            OLLAMA,
            [
                {"model": "llama-made", "message": {"content": "Yes"}, "done": False},
                OLLAMA,
            ],
            json_lines,
            "application/x-ndjson",
        ),
    )
}
"""Every wire format that streams one response; realtime streams many (test_realtime.py)."""


def lines_of(outcome: Outcome[Reading]) -> list[Json]:
    """Give lines by what they count, 0 and words of the tier left out."""
    plain = {"standard", None, False, ""}
    return [
        {name: getattr(line, name) for name in line.__slots__ if getattr(line, name) not in plain}
        for line in outcome.items[0].lines
    ]


def codes(outcome: Outcome[Reading]) -> list[str]:
    return [issue.code for issue in outcome.issues]


def whole(wire: str, body: Mapping[str, object]) -> list[Json]:
    return lines_of(read_response(wire, body))


def streamed(wire: str, chunks: Sequence[Json]) -> list[Json]:
    return lines_of(read_chunks(wire, chunks))
