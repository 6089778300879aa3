"""A stream reads the same however its bytes are split, and a cut one says that it is cut."""

import json
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rating.usage.made import SAMPLES, Sample, codes, events, gemini, json_lines

from costper.model.call import Reading
from costper.model.outcome import Outcome
from costper.rating.usage import WIRES, Tap, read_body, read_chunks, read_response

each_stream = pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
TURNS_OR_NONE = {"openai_realtime", "openai_embeddings"}


def tapped(wire: str, content_type: str, pieces: list[bytes]) -> Outcome[Reading]:
    tap = Tap(wire, content_type)
    for piece in pieces:
        tap.feed(piece)
    return tap.finish()


def split(raw: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]
    return [raw[start:end] for start, end in pairwise(places)]


def test_every_wire_that_streams_one_response_has_a_sample() -> None:
    assert set(SAMPLES) == set(WIRES) - TURNS_OR_NONE


@each_stream
def test_a_stream_reads_as_the_same_response_not_streamed(sample: Sample) -> None:
    whole = read_response(sample.wire, sample.body)
    assert read_chunks(sample.wire, sample.chunks) == whole
    assert whole.items[0].lines
    assert whole.items[0].finished
    assert whole.issues == ()


@each_stream
def test_the_bytes_of_a_stream_read_as_its_chunks(sample: Sample) -> None:
    raw = sample.write(sample.chunks)
    assert read_body(sample.wire, sample.content_type, raw) == read_chunks(
        sample.wire, sample.chunks
    )


@each_stream
@settings(max_examples=30)
@given(cuts=st.lists(st.integers(0, 10**6), max_size=30))
def test_any_split_of_the_bytes_gives_the_same_reading(sample: Sample, cuts: list[int]) -> None:
    raw = sample.write(sample.chunks)
    known = read_body(sample.wire, sample.content_type, raw)
    assert tapped(sample.wire, sample.content_type, split(raw, cuts)) == known


@each_stream
def test_one_byte_at_a_time_gives_the_same_reading(sample: Sample) -> None:
    raw = sample.write(sample.chunks)
    known = read_body(sample.wire, sample.content_type, raw)
    assert tapped(sample.wire, sample.content_type, [bytes([byte]) for byte in raw]) == known


@each_stream
@settings(max_examples=30)
@given(at=st.integers(0, 10**6))
def test_a_cut_stream_is_not_finished_and_estimated_or_as_the_whole(
    sample: Sample, at: int
) -> None:
    raw = sample.write(sample.chunks)
    known = read_body(sample.wire, sample.content_type, raw).items
    (reading,) = read_body(sample.wire, sample.content_type, raw[: at % len(raw)]).items
    if reading.finished:
        assert (reading,) == known
    else:
        assert all(line.estimated for line in reading.lines)


@each_stream
def test_no_chunks_are_a_stream_that_was_cut(sample: Sample) -> None:
    assert read_chunks(sample.wire, []).items == (Reading(finished=False),)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_of_events_may_end_in_any_way(end: bytes) -> None:
    sample = SAMPLES["openai_chat"]
    known = read_chunks("openai_chat", sample.chunks)
    for front in (b"", b"\xef\xbb\xbf", b": warming up" + end + end):
        raw = front + events(sample.chunks, end=end, done=True)
        for size in (1, 2, 3, len(raw)):
            pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
            assert tapped("openai_chat", "text/event-stream", pieces) == known


def test_an_event_of_several_data_lines_is_one_chunk() -> None:
    text = json.dumps(SAMPLES["gemini"].body, indent=1).replace("\n", "\ndata: ")
    raw = b"id: 1\nevent: message\nretry: 5\ndata: " + text.encode() + b"\n\n"
    assert read_body("gemini", "text/event-stream", raw).items[0].finished


def test_the_content_type_may_be_missing_or_wrong() -> None:
    for wire in ("openai_chat", "gemini", "anthropic"):
        sample = SAMPLES[wire]
        known = read_chunks(wire, sample.chunks)
        for kind in ("", "application/json", "text/plain"):
            assert read_body(wire, kind, events(sample.chunks)) == known
            assert read_body(wire, kind, json_lines(sample.chunks)) == known
            assert read_body(wire, kind, json.dumps(sample.chunks).encode()) == known
            body = json.dumps(sample.body, indent=1).encode()
            assert read_body(wire, kind, body) == read_response(wire, sample.body)


def test_a_running_usage_after_the_last_choice_is_needed() -> None:
    """A proxy that sends usage in every chunk is not done before the last of it."""
    chunks = SAMPLES["openai_chat"].chunks
    running = [{**chunk, "usage": chunks[-1]["usage"]} for chunk in chunks[:3]]
    outcome = read_chunks("openai_chat", running)
    assert (outcome.items[0].finished, outcome.items[0].lines[0].estimated) == (False, True)


def test_a_stream_that_fails_says_so_and_keeps_what_it_used() -> None:
    begun = SAMPLES["anthropic"].chunks[:4]
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    outcome = read_chunks("anthropic", [*begun, error])
    assert codes(outcome) == ["provider_error"]
    assert "Overloaded" in outcome.issues[0].message
    assert outcome.items[0].lines[0].input_tokens == 1_093
    assert not outcome.items[0].finished


def test_a_blocked_prompt_of_gemini_ends_its_stream() -> None:
    usage = {"promptTokenCount": 30, "totalTokenCount": 30}
    blocked = {**gemini(usage, candidates=[]), "promptFeedback": {"blockReason": "SAFETY"}}
    outcome = read_chunks("gemini", [blocked])
    assert (outcome.items[0].finished, outcome.items[0].lines[0].input_tokens) == (True, 30)


def test_a_stream_of_any_length_keeps_no_more_than_a_short_one() -> None:
    held: list[int] = []
    for length in (500, 5_000):
        chunk = events([SAMPLES["openai_chat"].chunks[1]])
        tap = Tap("openai_chat", "text/event-stream")
        tap.feed(chunk)
        tracemalloc.start()
        for _ in range(length):
            tap.feed(chunk)
        held.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    assert held[1] < held[0] + 10_000
