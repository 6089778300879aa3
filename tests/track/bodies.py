"""Responses in the shape of the providers' own, short."""

from typing import Any

from tests.track.doors import Answer, said, stream

Body = dict[str, Any]

SECRET = "the quick brown fox"

CHAT: Body = {
    "id": "chatcmpl-AAAAAAAAAAAAAAAAAAAAA",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o-2024-08-06",
    "service_tier": "default",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": SECRET},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 8, "completion_tokens": 10, "total_tokens": 18},
}
USAGE_CHUNK: Body = {
    "id": "chatcmpl-BBBBBBBBBBBBBBBBBBBBB",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "gpt-4o-2024-08-06",
    "choices": [],
    "usage": {"prompt_tokens": 8, "completion_tokens": 3, "total_tokens": 11},
}


def chunk(text: str | None, end: str | None = None) -> Body:
    """Give a chunk of a chat stream."""
    delta: Body = {} if text is None else {"role": "assistant", "content": text}
    choices = [{"index": 0, "delta": delta, "finish_reason": end}]
    return {**USAGE_CHUNK, "choices": choices, "usage": None}


CHUNKS = (chunk(SECRET), chunk(" jumps"), chunk(None, "stop"))
RESPONSE: Body = {
    "id": "resp_AAAAAAAAAAAAAAAAAAAAA",
    "object": "response",
    "created_at": 1,
    "status": "completed",
    "model": "gpt-5-2025-08-07",
    "service_tier": "flex",
    "output": [
        {"id": "ws_1", "type": "web_search_call", "status": "completed",
         "action": {"type": "search", "query": SECRET}},
        {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
         "content": [{"type": "output_text", "text": SECRET, "annotations": []}]},
    ],
    "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
    "usage": {"input_tokens": 53, "input_tokens_details": {"cached_tokens": 0},
              "output_tokens": 469, "output_tokens_details": {"reasoning_tokens": 448},
              "total_tokens": 522},
}  # fmt: skip
MESSAGE: Body = {
    "id": "msg_AAAAAAAAAAAAAAAAAAAAA",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-5",
    "content": [{"type": "text", "text": SECRET}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 13, "cache_read_input_tokens": 100, "output_tokens": 44},
}
MESSAGE_EVENTS: tuple[Body, ...] = (
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None,
     "usage": {"input_tokens": 13, "cache_read_input_tokens": 100, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": SECRET}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
     "usage": {"output_tokens": 44}},
    {"type": "message_stop"},
)  # fmt: skip


def chat() -> Answer:
    return said(CHAT)


def chat_stream() -> Answer:
    return stream(*CHUNKS, USAGE_CHUNK, "[DONE]")


def message() -> Answer:
    return said(MESSAGE)


def message_stream() -> Answer:
    return stream(*MESSAGE_EVENTS)
