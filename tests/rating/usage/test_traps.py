"""Mistakes others made with what a response used (named by the reports of them), not made here."""

from decimal import Decimal

from tests.rating.usage.made import (
    CACHED,
    COHERE,
    PLAIN,
    THOUGHT,
    anthropic,
    anthropic_stream,
    chat,
    chat_stream,
    codes,
    events,
    gemini,
    gemini_stream,
    lines_of,
    response,
    response_stream,
    streamed,
    whole,
)

from costper.rating.usage import read_body, read_chunks, read_response


# litellm 9812, 11789, 11364: cache tokens billed as input once more, in streams only.
def test_an_anthropic_stream_reads_as_the_same_response_not_streamed() -> None:
    (line,) = streamed("anthropic", anthropic_stream({**CACHED, "output_tokens": 1}, CACHED))
    assert [line] == whole("anthropic", anthropic(CACHED))
    assert line["input_tokens"] == 3 + 90 + 1000


# litellm 14849: $0.76 for $0.18.
def test_cached_tokens_of_gemini_are_part_of_the_prompt() -> None:
    (line,) = whole("gemini", gemini(THOUGHT))
    assert (line["input_tokens"], line["cache_read_tokens"]) == (100, 60)


# litellm 42663: 20 to 60 % too low, as only the first iteration's writes were priced.
def test_cache_writes_no_breakdown_lists_are_five_minute_ones() -> None:
    start = {**CACHED, "output_tokens": 1}
    (line,) = streamed(
        "anthropic",
        anthropic_stream(start, {"output_tokens": 9, "cache_creation_input_tokens": 400}),
    )
    assert (line["cache_write_tokens"], line["cache_write_1h_tokens"]) == (400, 40)
    assert line["input_tokens"] == 3 + 400 + 1000


# litellm PR 31724.
def test_one_hour_cache_writes_of_a_stream_stay_one_hour_ones() -> None:
    start = {
        "input_tokens": 5,
        "cache_creation_input_tokens": 70,
        "cache_creation": {"ephemeral_1h_input_tokens": 70, "ephemeral_5m_input_tokens": 0},
        "output_tokens": 1,
    }
    (line,) = streamed("anthropic", anthropic_stream(start, {"output_tokens": 30}))
    assert (line["cache_write_tokens"], line["cache_write_1h_tokens"]) == (70, 70)


# bifrost 5354, 3451, 904.
def test_the_last_value_that_is_not_null_counts_never_a_sum_never_the_largest() -> None:
    start = {"input_tokens": 2_000, "cache_read_input_tokens": None, "output_tokens": 8}
    delta = {"input_tokens": 500, "cache_read_input_tokens": 1_500, "output_tokens": 5}
    (line,) = streamed("anthropic", anthropic_stream(start, delta))
    assert line == {
        "model": "claude-made",
        "input_tokens": 2_000,
        "cache_read_tokens": 1_500,
        "output_tokens": 5,
    }


def test_a_message_delta_with_output_alone_keeps_what_the_start_said() -> None:
    (line,) = streamed("anthropic", anthropic_stream(CACHED, {"output_tokens": 201}))
    assert (line["input_tokens"], line["output_tokens"]) == (1_093, 201)


# helixml/helix PR 3005.
def test_running_snapshots_are_never_summed() -> None:
    snapshots = [{**THOUGHT, "candidatesTokenCount": n, "totalTokenCount": 125 + n} for n in (1, 9)]
    (line,) = streamed("gemini", gemini_stream(*snapshots, THOUGHT))
    assert (line["input_tokens"], line["output_tokens"]) == (100, 55)
    running = [
        {**chunk, "usage": {**PLAIN, "completion_tokens": at, "total_tokens": 12 + at}}
        for at, chunk in enumerate(chat_stream(PLAIN)[:-1])
    ]
    (chatted,) = streamed("openai_chat", [*running, chat_stream(PLAIN)[-1]])
    assert (chatted["input_tokens"], chatted["output_tokens"]) == (12, 8)


# litellm 13810, Portkey 1511: flex priced as standard.
def test_the_tier_is_the_response_s_not_the_request_s() -> None:
    (flex,) = whole("openai_chat", chat(PLAIN, service_tier="flex"))
    (last,) = streamed(
        "openai_responses", response_stream(response(CONVERTED, service_tier="flex"))
    )
    assert (flex["tier"], last["tier"]) == ("flex", "flex")
    (batch,) = whole("anthropic", anthropic({**CACHED, "service_tier": "batch"}))
    (fast,) = whole("anthropic", anthropic({**CACHED, "speed": "fast"}))
    assert (batch["tier"], fast["tier"]) == ("batch", "fast")


CONVERTED = {"input_tokens": 12, "output_tokens": 8, "total_tokens": 20}


def test_vertex_flex_traffic_is_flex() -> None:
    usage = {**THOUGHT, "serviceTier": None, "trafficType": "ON_DEMAND_FLEX"}
    outcome = read_response("gemini", gemini(usage))
    assert lines_of(outcome)[0]["tier"] == "flex"
    assert outcome.items[0].tier_said == "ON_DEMAND_FLEX"


def test_a_tier_nobody_knows_is_said_aloud() -> None:
    outcome = read_response("openai_chat", chat(PLAIN, service_tier="scale"))
    assert (codes(outcome), outcome.items[0].tier_said) == (["unknown_tier"], "scale")


# hermes-agent 108936, civitai 3815, OpenAnt 211: 17 % to 5 times too low.
def test_the_cost_a_provider_reports_is_kept_with_every_digit() -> None:
    usage = {**PLAIN, "cost": 0.1, "is_byok": False, "server_tool_use": {"web_search_requests": 2}}
    (line,) = whole("openrouter", chat(usage))
    assert (line["provider_cost"], line["web_searches"]) == (Decimal("0.1"), 2)
    body = b'{"usage":{"prompt_tokens":1,"completion_tokens":1,"cost":0.00014159999999999}}'
    (exact,) = lines_of(read_body("openrouter", "application/json", body))
    assert exact["provider_cost"] == Decimal("0.00014159999999999")


def test_with_a_key_of_one_s_own_both_bills_are_counted() -> None:
    details = {"upstream_inference_cost": "0.002"}
    usage = {**PLAIN, "cost": "0.0001", "is_byok": True, "cost_details": details}
    (line,) = whole("openrouter", chat(usage))
    assert line["provider_cost"] == Decimal("0.0021")


# bifrost 4484: every streamed response stored 0 tokens.
def test_a_streamed_response_tells_its_tokens_in_the_last_event() -> None:
    (line,) = streamed("openai_responses", response_stream(response(CONVERTED)))
    assert (line["input_tokens"], line["output_tokens"]) == (12, 8)
    early = response_stream(response(CONVERTED))
    early[-1]["type"] = "response.incomplete"
    assert streamed("openai_responses", early) == [line]


# litellm PR 33736, 30630, 36008; pollinations 5594: hanging up made calls free.
def test_a_client_that_hangs_up_before_the_first_token_still_pays_its_input() -> None:
    outcome = read_chunks("anthropic", anthropic_stream({**CACHED, "output_tokens": 1}, CACHED)[:1])
    (line,) = outcome.items[0].lines
    assert (line.input_tokens, line.output_tokens, line.estimated) == (1_093, 1, True)
    assert not outcome.items[0].finished


def test_a_client_that_hangs_up_in_the_middle_pays_for_what_was_sent() -> None:
    outcome = read_chunks("anthropic", anthropic_stream({**CACHED, "output_tokens": 1}, CACHED)[:5])
    (line,) = outcome.items[0].lines
    # 45 bytes of text at 4 a token; the 1 of message_start is not what was sent.
    assert (line.output_tokens, line.estimated, outcome.items[0].finished) == (12, True, False)


def test_a_client_that_hangs_up_after_the_usage_pays_exactly() -> None:
    chunks = anthropic_stream({**CACHED, "output_tokens": 1}, CACHED)
    assert read_chunks("anthropic", chunks[:-1]) == read_chunks("anthropic", chunks)


def test_a_chat_stream_cut_before_its_usage_has_no_line_and_is_not_finished() -> None:
    outcome = read_chunks("openai_chat", chat_stream(PLAIN)[:-1])
    assert (outcome.items[0].lines, outcome.items[0].finished) == ((), False)


# litellm 37992.
def test_usage_of_zero_is_not_usage_of_null() -> None:
    nothing = dict.fromkeys(PLAIN, 0)
    outcome = read_response("openai_chat", chat(nothing))
    (line,) = outcome.items[0].lines
    assert (line.input_tokens, line.output_tokens, line.estimated) == (0, 0, False)
    assert codes(outcome) == []
    told = read_response("openai_chat", chat(None))
    assert (told.items[0].lines, codes(told)) == ((), ["no_usage"])


def test_zero_in_the_first_place_is_not_looked_for_in_the_second() -> None:
    usage = {**PLAIN, "prompt_tokens_details": {"cached_tokens": 0}, "prompt_cache_hit_tokens": 9}
    assert whole("openai_chat", chat(usage)) == whole("openai_chat", chat(PLAIN))


def test_a_stream_that_never_tells_its_usage_says_how_to_ask_for_it() -> None:
    chunks = [
        {key: said for key, said in chunk.items() if key != "usage"}
        for chunk in chat_stream(PLAIN)[:-1]
    ]
    outcome = read_body("openai_chat", "text/event-stream", events(chunks, done=True))
    assert (outcome.items[0].lines, outcome.items[0].finished) == ((), True)
    assert "include_usage" in outcome.issues[0].hint


# Compaction stands outside the top-level usage.
def test_compaction_is_billed_though_the_top_level_leaves_it_out() -> None:
    listed = [
        {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500},
        {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000},
    ]
    delta = {"input_tokens": 23_000, "output_tokens": 1_000, "iterations": listed}
    lines = streamed("anthropic", anthropic_stream({"input_tokens": 23_000}, delta))
    assert [(line["part"], line["input_tokens"], line["output_tokens"]) for line in lines] == [
        ("compaction", 180_000, 3_500),
        ("message", 23_000, 1_000),
    ]


# An advisor names its own model.
def test_a_response_of_two_models_is_billed_at_two_models() -> None:
    listed = [
        {"type": "message", "input_tokens": 100, "output_tokens": 40},
        {"type": "advisor_message", "model": "opus-made", "input_tokens": 900, "output_tokens": 7},
        {"type": "message", "input_tokens": 150, "output_tokens": 10},
    ]
    usage = {
        "input_tokens": 250,
        "output_tokens": 50,
        "output_tokens_details": {"thinking_tokens": 45},
        "iterations": listed,
    }
    lines = whole("anthropic", anthropic(usage))
    assert [line["model"] for line in lines] == ["claude-made", "opus-made", "claude-made"]
    # Thinking is told for the whole response: it is handed out, none is lost.
    assert [line.get("reasoning_tokens", 0) for line in lines] == [40, 0, 5]


def test_tokens_no_iteration_lists_are_a_line_of_their_own() -> None:
    listed = [{"type": "message", "input_tokens": 100, "output_tokens": 40}]
    usage = {"input_tokens": 130, "output_tokens": 60, "iterations": listed}
    lines = whole("anthropic", anthropic(usage))
    assert sum(line["input_tokens"] for line in lines) == 130
    assert lines[-1] == {
        "model": "claude-made",
        "part": "remainder",
        "input_tokens": 30,
        "output_tokens": 20,
    }


# A tool loop's input is a sum over its requests.
def test_a_tool_loop_does_not_pass_a_long_context_threshold_by_its_sum() -> None:
    usage = {
        "input_tokens": 404_500,
        "output_tokens": 900,
        "server_tool_use": {"web_search_requests": 10, "web_fetch_requests": 0},
    }
    (line,) = whole("anthropic", anthropic(usage))
    assert (line["input_tokens"], line["context_tokens"]) == (404_500, 36_773)
    answers = [{"type": "web_search_tool_result"}] * 10
    loop = anthropic_stream({"input_tokens": 2_479, "output_tokens": 6}, usage, answers)
    assert streamed("anthropic", loop) == [line]


def test_code_that_a_server_ran_makes_a_loop_too() -> None:
    answers = [{"type": "code_execution_tool_result"}, {"type": "text", "text": "4"}]
    body = anthropic({"input_tokens": 300_000, "output_tokens": 50}, content=answers)
    assert whole("anthropic", body)[0]["context_tokens"] == 150_000


def test_tool_prompts_of_gemini_stand_outside_the_prompt() -> None:
    usage = {**THOUGHT, "toolUsePromptTokenCount": 500, "totalTokenCount": 655}
    outcome = read_response("gemini", gemini(usage))
    assert (lines_of(outcome)[0]["input_tokens"], codes(outcome)) == (600, [])


def test_audio_is_never_counted_as_text() -> None:
    usage = {
        **PLAIN,
        "prompt_tokens_details": {"audio_tokens": 10},
        "completion_tokens_details": {"audio_tokens": 6},
    }
    (line,) = whole("openai_chat", chat(usage))
    assert (line["audio_input_tokens"], line["audio_output_tokens"]) == (10, 6)
    spoken = {
        **THOUGHT,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 20},
            {"modality": "AUDIO", "tokenCount": 80},
        ],
        "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 60}],
    }
    fresh, cached = whole("gemini", gemini(spoken))
    assert (fresh["audio_input_tokens"], "cache_read_tokens" in fresh) == (20, False)
    assert cached["audio_input_tokens"] == cached["cache_read_tokens"] == 60


def test_cohere_is_billed_by_its_billed_units() -> None:
    (line,) = whole("cohere", {"id": "made", "usage": COHERE})
    assert (line["input_tokens"], line["output_tokens"]) == (5, 9)
    only = {"usage": {"tokens": COHERE["tokens"]}}
    assert whole("cohere", only)[0]["estimated"]


def test_cache_writes_of_openai_are_counted() -> None:
    usage = {**PLAIN, "prompt_tokens_details": {"cache_write_tokens": 11}}
    assert whole("openai_chat", chat(usage))[0]["cache_write_tokens"] == 11


def test_reasoning_of_xai_is_added_unless_the_total_says_it_is_in() -> None:
    thought = {"completion_tokens_details": {"reasoning_tokens": 6}}
    (apart,) = whole("xai", chat({**PLAIN, **thought, "total_tokens": 26}))
    (within,) = whole("xai", chat({**PLAIN, **thought}))
    assert (apart["output_tokens"], within["output_tokens"]) == (14, 8)
    assert apart["reasoning_tokens"] == within["reasoning_tokens"] == 6


def test_a_tick_of_xai_is_a_ten_billionth_of_a_dollar() -> None:
    (line,) = whole("xai", chat({**PLAIN, "cost_in_usd_ticks": "4680000"}))
    assert line["provider_cost"] == Decimal("0.000468")


def test_bedrock_counts_the_cache_beside_the_input() -> None:
    usage = {
        "inputTokens": 2,
        "outputTokens": 5,
        "cacheWriteInputTokens": 1_322,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 1_000}, {"ttl": "5m", "inputTokens": 322}],
        "totalTokens": 1_329,
    }
    outcome = read_response("bedrock_converse", {"usage": usage})
    assert codes(outcome) == []
    assert lines_of(outcome) == [
        {
            "input_tokens": 1_324,
            "output_tokens": 5,
            "cache_write_tokens": 1_322,
            "cache_write_1h_tokens": 1_000,
        }
    ]


# The recorded openrouter_stream_error says more reasoning than output.
def test_parts_over_their_whole_are_kept_as_said_and_flagged() -> None:
    usage = {**PLAIN, "completion_tokens_details": {"reasoning_tokens": 90}}
    outcome = read_response("openrouter", chat(usage))
    assert lines_of(outcome)[0]["reasoning_tokens"] == 90
    assert codes(outcome) == ["part_over_whole"]
    beside = {**PLAIN, "prompt_tokens_details": {"cached_tokens": 1_000}}
    assert codes(read_response("openai_chat", chat(beside))) == ["part_over_whole"]
