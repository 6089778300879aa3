"""A realtime connection is billed response by response."""

from typing import Any

from tests.rating.usage.made import codes, lines_of

from costper.rating.price import parts
from costper.rating.rates import KINDS
from costper.rating.usage import read_chunks, read_response

USAGE = {
    "input_tokens": 616,
    "output_tokens": 24,
    "total_tokens": 640,
    "input_token_details": {
        "text_tokens": 116,
        "audio_tokens": 500,
        "cached_tokens": 320,
        "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 256},
    },
    "output_token_details": {"text_tokens": 9, "audio_tokens": 15},
}
HEARD = {
    "type": "tokens",
    "input_tokens": 26,
    "output_tokens": 17,
    "total_tokens": 43,
    "input_token_details": {"audio_tokens": 26, "text_tokens": 0},
}
SESSION = {
    "type": "session.created",
    "session": {
        "model": "gpt-realtime",
        "audio": {"input": {"transcription": {"model": "whisper-made"}}},
    },
}
LINES = [
    {
        "model": "gpt-realtime",
        "part": "response",
        "input_tokens": 360,
        "output_tokens": 24,
        "cache_read_tokens": 64,
        "audio_input_tokens": 244,
        "audio_output_tokens": 15,
        "context_tokens": 616,
    },
    {
        "model": "gpt-realtime",
        "part": "cached_audio",
        "input_tokens": 256,
        "cache_read_tokens": 256,
        "audio_input_tokens": 256,
        "context_tokens": 616,
    },
]


def turn(number: int) -> list[dict[str, Any]]:
    made = {"id": f"resp_{number}", "object": "realtime.response", "usage": None}
    return [
        {"type": "response.created", "response": {**made, "status": "in_progress"}},
        {"type": "response.output_audio.delta", "delta": "AAAA"},
        {"type": "response.done", "response": {**made, "status": "completed", "usage": USAGE}},
    ]


def transcript(usage: dict[str, Any]) -> dict[str, Any]:
    kind = "conversation.item.input_audio_transcription.completed"
    return {"type": kind, "item_id": "item_1", "transcript": "Hi.", "usage": usage}


def test_each_response_is_a_line_at_the_session_s_model() -> None:
    outcome = read_chunks("openai_realtime", [SESSION, *turn(1), *turn(2)])
    assert lines_of(outcome) == LINES * 2
    assert (outcome.items[0].finished, outcome.items[0].response_id) == (True, "resp_2")
    assert codes(outcome) == []


def test_audio_read_from_the_cache_has_the_price_of_cached_audio() -> None:
    kinds = ("input", "cache_read", "audio_input", "audio_cache_read")
    lines = read_chunks("openai_realtime", [SESSION, *turn(1)]).items[0].lines
    counted = [dict(zip(KINDS, parts(line), strict=True)) for line in lines]
    # The 116 of text and 500 of audio, each less what of it was cached.
    assert [sum(line[kind] for line in counted) for kind in kinds] == [52, 64, 244, 256]


def test_one_event_alone_reads_alike_without_a_model() -> None:
    event = turn(1)[-1]
    plain = [{key: said for key, said in line.items() if key != "model"} for line in LINES]
    for body in (event, event["response"]):
        assert lines_of(read_response("openai_realtime", body)) == plain
    assert lines_of(read_response("openai_chat", event["response"])) == plain


def test_transcripts_are_the_transcribing_model_s() -> None:
    outcome = read_chunks("openai_realtime", [SESSION, transcript(HEARD), *turn(1)])
    assert lines_of(outcome)[0] == {
        "model": "whisper-made",
        "part": "transcription",
        "input_tokens": 26,
        "output_tokens": 17,
        "audio_input_tokens": 26,
    }


def test_transcripts_by_the_second_are_said_not_to_be_counted() -> None:
    seconds = {"type": "duration", "seconds": 4.5}
    outcome = read_chunks("openai_realtime", [SESSION, transcript(seconds), *turn(1)])
    assert (lines_of(outcome), codes(outcome)) == (LINES, ["uncounted"])


def test_a_cut_connection_keeps_the_responses_that_ended_exact() -> None:
    outcome = read_chunks("openai_realtime", [SESSION, *turn(1), *turn(2)[:2]])
    assert lines_of(outcome) == LINES
    assert not outcome.items[0].finished


def test_a_longer_connection_than_any_keeps_its_first_responses() -> None:
    outcome = read_chunks("openai_realtime", [turn(1)[-1]] * 10_050)
    assert (len(outcome.items[0].lines), codes(outcome)) == (20_000, ["too_many"])
    assert outcome.issues[0].count == 50
