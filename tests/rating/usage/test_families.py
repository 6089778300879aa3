"""What single providers say in their own way."""

from typing import Any

import pytest
from tests.rating.usage.made import (
    CONVERSED,
    DETAILED,
    HEARD,
    PLAIN,
    THOUGHT,
    chat,
    codes,
    gemini,
    invoked,
    lines_of,
    response,
    streamed,
    whole,
)

from costper.rating.usage import read_chunks, read_response

RESPONDED = {"input_tokens": 12, "output_tokens": 8, "total_tokens": 20}


def test_embeddings_have_input_only() -> None:
    body: dict[str, Any] = {
        "object": "list",
        "data": [],
        "model": "embed-made",
        "usage": {"prompt_tokens": 4, "total_tokens": 4},
    }
    line = {"model": "embed-made", "input_tokens": 4}
    assert whole("openai_embeddings", body) == [line]
    assert streamed("openai_embeddings", [body]) == [line]
    assert whole("openai_chat", body) == [line]


def test_a_response_under_the_usual_wire_is_read_as_what_it_calls_itself() -> None:
    body = response(RESPONDED)
    assert read_response("openai_chat", body).items == read_response("openai_responses", body).items
    event = {"type": "response.completed", "response": body}
    assert streamed("openai_chat", [event]) == streamed("openai_responses", [event])


def test_a_response_in_the_background_is_not_finished() -> None:
    outcome = read_response("openai_responses", response(None, status="queued"))
    assert (outcome.items[0].finished, outcome.items[0].lines, outcome.issues) == (False, (), ())


def test_searches_are_counted_and_opened_pages_are_not() -> None:
    calls: list[dict[str, Any]] = [
        {"type": "web_search_call", "action": {"type": kind}}
        for kind in ("search", "open_page", "search", "find_in_page")
    ]
    (line,) = whole("openai_responses", response(RESPONDED, output=calls))
    told = {"web_search": {"num_requests": 5}}
    (said,) = whole("openai_responses", response(RESPONDED, output=calls, tool_usage=told))
    assert (line["web_searches"], said["web_searches"]) == (2, 5)


def test_drawn_images_are_a_line_of_the_image_model() -> None:
    used = {"input_tokens": 30, "output_tokens": 1_000, "total_tokens": 1_030}
    body = response(
        RESPONDED,
        tool_usage={"image_gen": used},
        tools=[{"type": "image_generation", "model": "image-made"}],
    )
    assert whole("openai_responses", body)[1] == {
        "model": "image-made",
        "part": "image_gen",
        "input_tokens": 30,
        "output_tokens": 1_000,
        "image_output_tokens": 1_000,
    }


def test_what_was_drawn_and_what_was_written_beside_it_are_told_apart() -> None:
    details = [{"modality": "IMAGE", "tokenCount": 9}, {"modality": "TEXT", "tokenCount": 3}]
    (line,) = whole("gemini", gemini({**THOUGHT, "candidatesTokensDetails": details}))
    assert line["image_output_tokens"] == 9
    made = {"image_tokens": 4_160, "text_tokens": 56}
    usage = {"input_tokens": 50, "input_tokens_details": {"image_tokens": 40, "text_tokens": 10},
             "output_tokens": 4_216, "total_tokens": 4_266}  # fmt: skip
    (line,) = whole("openai_images", {"usage": {**usage, "output_tokens_details": made}})
    assert line == {
        "input_tokens": 50,
        "image_input_tokens": 40,
        "output_tokens": 4_216,
        "image_output_tokens": 4_160,
    }
    (undivided,) = whole("openai_images", {"usage": usage})
    assert undivided["image_output_tokens"] == 4_216


def test_an_svg_is_written_by_another_model() -> None:
    svg = {"model": "gpt-made", "input_tokens": 5, "output_tokens": 900, "reasoning_tokens": 100,
           "total_tokens": 905}  # fmt: skip
    assert whole("openai_images", {"data": [], "svg_usage": svg}) == [
        {
            "model": "gpt-made",
            "part": "svg",
            "input_tokens": 5,
            "output_tokens": 900,
            "reasoning_tokens": 100,
        }
    ]


@pytest.mark.parametrize(
    ("wire", "body"),
    [
        ("openai_responses", response(RESPONDED, output=[{"type": "file_search_call"}])),
        ("openai_responses", response(RESPONDED, output=[{"type": "code_interpreter_call"}])),
        ("openai_audio", {"usage": {"type": "duration", "seconds": 12}}),
        ("anthropic", {"usage": {"input_tokens": 1, "inference_geo": "us"}}),
        ("mistral", chat({**PLAIN, "prompt_audio_seconds": 31})),
        ("mistral", {"usage_info": {"pages_processed": 3}}),
        ("cohere", {"meta": {"billed_units": {"search_units": 1}}}),
        ("xai", chat({**PLAIN, "num_sources_used": 4})),
        (
            "groq",
            chat(PLAIN, choices=[{"message": {"executed_tools": [{"type": "search"}]}}]),
        ),
    ],
)
def test_what_no_count_holds_is_said(wire: str, body: dict[str, Any]) -> None:
    outcome = read_response(wire, body)
    assert codes(outcome) == ["uncounted"]
    assert "invoice" in outcome.issues[0].hint


def test_speech_is_audio() -> None:
    usage = {"input_tokens": 20, "output_tokens": 300, "total_tokens": 320}
    chunks = [{"type": "speech.audio.delta", "audio": "AA"}]
    chunks_done: list[dict[str, Any]] = [*chunks, {"type": "speech.audio.done", "usage": usage}]
    (line,) = streamed("openai_audio", chunks_done)
    assert (line["output_tokens"], line["audio_output_tokens"]) == (300, 300)


def test_a_transcription_hears_audio() -> None:
    (line,) = whole("openai_audio", {"text": "Hi.", "usage": HEARD})
    assert (line["input_tokens"], line["audio_input_tokens"]) == (14, 12)


def test_a_batch_line_of_anthropic_is_unwrapped() -> None:
    usage = {"input_tokens": 5, "output_tokens": 2, "service_tier": "batch"}
    message = {"id": "msg_1", "model": "claude-made", "usage": usage}
    body = {"custom_id": "a", "result": {"type": "succeeded", "message": message}}
    outcome = read_response("anthropic", body)
    assert (outcome.items[0].response_id, lines_of(outcome)[0]["tier"]) == ("msg_1", "batch")


def test_google_s_client_library_writes_the_same_in_snake_case() -> None:
    body = {
        "response_id": "made",
        "model_version": "models/gemini-2.5-made",
        "usage_metadata": {
            "prompt_token_count": 100,
            "candidates_token_count": 30,
            "thoughts_token_count": 25,
            "cached_content_token_count": 60,
            "total_token_count": 155,
            "service_tier": "standard",
            "prompt_tokens_details": None,
        },
        "candidates": [{"finish_reason": "STOP"}],
    }
    assert whole("gemini", body) == whole("gemini", gemini(THOUGHT))
    assert read_chunks("gemini", [body]) == read_response("gemini", gemini(THOUGHT))


@pytest.mark.parametrize(("model", "searches"), [("gemini-2.5-pro", 1), ("gemini-3-pro", 3)])
def test_grounding_is_billed_by_query_from_gemini_3_on(model: str, searches: int) -> None:
    grounding = {"webSearchQueries": ["a", "b", "c"]}
    candidates = [{"finishReason": "STOP", "groundingMetadata": grounding}]
    body = gemini(THOUGHT, modelVersion=model, candidates=candidates)
    assert whole("gemini", body)[0]["web_searches"] == searches
    assert streamed("gemini", [body]) == whole("gemini", body)


def test_a_compound_system_is_billed_model_by_model() -> None:
    entries = [
        {"model": "a", "usage": {"prompt_tokens": 8, "completion_tokens": 5}},
        {"model": "b", "usage": {"prompt_tokens": 4, "completion_tokens": 3}},
    ]
    lines = whole("groq", chat(PLAIN, usage_breakdown={"models": entries}))
    assert [(line["model"], line["input_tokens"]) for line in lines] == [("a", 8), ("b", 4)]
    partly = read_response("groq", chat(PLAIN, usage_breakdown={"models": entries[:1]}))
    assert (len(lines_of(partly)), codes(partly)) == (1, ["total_disagrees"])
    assert lines_of(partly)[0]["input_tokens"] == 12


def test_chunks_of_mistral_s_client_are_unwrapped() -> None:
    chunk = chat(PLAIN, choices=[{"index": 0, "finish_reason": "stop"}])
    assert streamed("mistral", [{"data": chunk}]) == whole("mistral", chat(PLAIN))
    cached = {**PLAIN, "num_cached_tokens": 5}
    assert whole("mistral", chat(cached))[0]["cache_read_tokens"] == 5


def test_older_streams_of_cohere_are_read() -> None:
    end = {
        "event_type": "stream-end",
        "response": {"generation_id": "g", "meta": {"billed_units": {"input_tokens": 3}}},
    }
    outcome = read_chunks("cohere", [{"event_type": "stream-start", "generation_id": "g"}, end])
    assert (outcome.items[0].response_id, lines_of(outcome)) == ("g", [{"input_tokens": 3}])


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ({"inputTextTokenCount": 4}, {"input_tokens": 4}),
        (
            {"inputTextTokenCount": 4, "results": [{"tokenCount": 3}, {"tokenCount": 2}]},
            {"input_tokens": 4, "output_tokens": 5},
        ),
        (
            {"prompt_token_count": 6, "generation_token_count": 7},
            {"input_tokens": 6, "output_tokens": 7},
        ),
        (
            {"usage": CONVERSED},
            {
                "input_tokens": 18,
                "output_tokens": 32,
                "cache_read_tokens": 11,
                "cache_write_tokens": 5,
            },
        ),
        (chat(PLAIN), {"model": "gpt-made", "input_tokens": 12, "output_tokens": 8}),
    ],
)
def test_each_family_on_bedrock_is_read_its_own_way(
    body: dict[str, Any], line: dict[str, Any]
) -> None:
    assert whole("bedrock_invoke", body) == [line]


def test_metrics_stand_in_where_a_family_says_nothing() -> None:
    metrics = {
        "inputTokenCount": 7,
        "outputTokenCount": 126,
        "cacheReadInputTokenCount": 14_486,
        "cacheWriteInputTokenCount": 2_238,
    }
    chunks: list[dict[str, Any]] = [
        {"outputs": [{"text": "a"}]},
        {"amazon-bedrock-invocationMetrics": metrics},
    ]
    line = {
        "input_tokens": 16_731,
        "output_tokens": 126,
        "cache_read_tokens": 14_486,
        "cache_write_tokens": 2_238,
    }
    assert streamed("bedrock_invoke", invoked(chunks)) == [line]
    assert streamed("bedrock_invoke", chunks) == [line]


def test_boto3_s_chunks_of_bytes_are_decoded() -> None:
    metrics = {"inputTokenCount": 7, "outputTokenCount": 1}
    raw = b'{"amazon-bedrock-invocationMetrics":{"inputTokenCount":7,"outputTokenCount":1}}'
    known = read_chunks("bedrock_invoke", [{"amazon-bedrock-invocationMetrics": metrics}])
    assert read_chunks("bedrock_invoke", [{"chunk": {"bytes": raw}}]) == known
    broken = read_chunks("bedrock_invoke", [{"chunk": {"bytes": b"{"}}, {"chunk": {"bytes": 3}}])
    assert codes(broken) == ["bad_chunk"]


def test_a_kept_prompt_of_ollama_has_no_input_of_its_own() -> None:
    body = {"model": "llama-made", "done": True, "eval_count": 5}
    assert whole("ollama", body) == [{"model": "llama-made", "output_tokens": 5}]


def test_a_gateway_s_anthropic_words_in_a_chat_usage_are_read() -> None:
    usage = {**PLAIN, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 3}
    (line,) = whole("openai_chat", chat(usage))
    assert (line["cache_read_tokens"], line["cache_write_tokens"]) == (5, 3)


def test_a_total_that_is_not_the_sum_is_said() -> None:
    outcome = read_response("openai_chat", chat({**DETAILED, "total_tokens": 999}))
    assert (codes(outcome), len(outcome.items[0].lines)) == (["total_disagrees"], 1)


def test_an_error_is_told_and_has_no_line() -> None:
    body = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
    outcome = read_response("openai_chat", body)
    assert (codes(outcome), outcome.items[0].lines) == (["provider_error"], ())
    assert outcome.issues[0].severity == "info"
