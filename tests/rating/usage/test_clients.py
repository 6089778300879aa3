"""What the official client libraries give back reads as the bytes they got."""

from typing import Any, Literal

import pytest
from anthropic._models import construct_type as anthropic_type
from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.beta import BetaMessage
from openai._models import construct_type as openai_type
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from tests.rating.usage.made import CACHED, PLAIN, SAMPLES, anthropic, chat_stream, codes

from costper.rating.usage import read_chunks, read_response

ITERATIONS = [
    {"type": "compaction", "input_tokens": 180, "output_tokens": 35},
    {"type": "advisor_message", "model": "opus-made", "input_tokens": 90, "output_tokens": 7},
    {"type": "message", "input_tokens": 3, "output_tokens": 200},
]
EMBEDDED: dict[str, Any] = {
    "object": "list",
    "data": [],
    "model": "embed-made",
    "usage": {"prompt_tokens": 4, "total_tokens": 4},
}
MAKERS: dict[str, Any] = {
    "anthropic": anthropic_type,
    "openai_chat": openai_type,
    "openai_embeddings": openai_type,
    "openai_responses": openai_type,
}


def dumped(wire: str, kind: object, body: dict[str, Any], mode: str = "python") -> dict[str, Any]:
    """Take a body as the client does, and dump what it made of it."""
    made: Any = MAKERS[wire](type_=kind, value=body)
    said: dict[str, Any] = made.model_dump(mode=mode)
    return said


@pytest.mark.parametrize("mode", ["python", "json"])
@pytest.mark.parametrize(
    ("wire", "kind", "body"),
    [
        ("openai_chat", ChatCompletion, SAMPLES["openai_chat"].body),
        ("openai_responses", Response, SAMPLES["openai_responses"].body),
        ("openai_embeddings", CreateEmbeddingResponse, EMBEDDED),
        ("anthropic", Message, anthropic(CACHED)),
        ("anthropic", BetaMessage, anthropic({**CACHED, "iterations": ITERATIONS})),
    ],
)
def test_a_dump_of_a_response_reads_as_its_body(
    wire: str, kind: object, body: dict[str, Any], mode: Literal["python", "json"]
) -> None:
    assert read_response(wire, dumped(wire, kind, body, mode)) == read_response(wire, body)


@pytest.mark.parametrize(
    ("wire", "kind"),
    [
        ("openai_chat", ChatCompletionChunk),
        ("openai_responses", ResponseStreamEvent),
        ("anthropic", RawMessageStreamEvent),
    ],
)
def test_a_dump_of_a_stream_s_chunks_reads_as_the_chunks(wire: str, kind: object) -> None:
    chunks = SAMPLES[wire].chunks
    told = [dumped(wire, kind, chunk) for chunk in chunks]
    assert read_chunks(wire, told) == read_chunks(wire, chunks)


def test_dumped_chunks_of_a_stream_without_usage_say_how_to_ask_for_it() -> None:
    """A dump says `usage: None` in every chunk, as a stream does that has it still to come."""
    chunks = chat_stream(PLAIN)[:-1]
    for chunk in chunks:
        del chunk["usage"]
    outcome = read_chunks(
        "openai_chat", [dumped("openai_chat", ChatCompletionChunk, chunk) for chunk in chunks]
    )
    assert (outcome.items[0].lines, codes(outcome)) == ((), ["no_usage"])
    assert "include_usage" in outcome.issues[0].hint
