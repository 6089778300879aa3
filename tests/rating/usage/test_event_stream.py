"""AWS's binary event stream is read as botocore reads it, and nothing broken is believed."""

import json
import struct
import zlib
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rating.usage.made import CONVERSED, SAMPLES, codes, frame, frames

from costper.rating.usage import read_body
from costper.rating.usage.event_stream import Frames

AMAZON = "application/vnd.amazon.eventstream"
CHUNKS = SAMPLES["bedrock_converse"].chunks
payloads = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9), max_size=4)


@settings(max_examples=40)
@given(said=st.lists(st.tuples(st.sampled_from(("metadata", "chunk", "x" * 200)), payloads)))
def test_frames_are_those_botocore_reads(said: list[tuple[str, dict[str, Any]]]) -> None:
    raw = b"".join(frame(kind, json.dumps(payload).encode()) for kind, payload in said)
    buffer = EventStreamBuffer()
    buffer.add_data(raw)
    theirs = [(event.to_response_dict()["headers"], event.payload) for event in buffer]
    ours = [(found.kind, found.payload) for found in Frames().feed(raw)]
    assert ours == [(headers[":event-type"], payload) for headers, payload in theirs]


@settings(max_examples=60)
@given(at=st.integers(0, 10**6), flip=st.integers(1, 255))
def test_one_flipped_byte_is_noticed_and_never_billed(at: int, flip: int) -> None:
    raw = bytearray(frames(CHUNKS))
    raw[at % len(raw)] ^= flip
    outcome = read_body("bedrock_converse", AMAZON, bytes(raw))
    assert "bad_frame" in codes(outcome)
    for line in outcome.items[0].lines:
        assert (line.input_tokens, line.output_tokens) == (18, 32)


def test_a_frame_with_a_bad_checksum_is_left_out_and_the_rest_is_read() -> None:
    spoiled = bytearray(frame("contentBlockDelta", b'{"delta":{"text":"a"}}'))
    spoiled[-10] ^= 1
    raw = bytes(spoiled) + frames(CHUNKS)
    outcome = read_body("bedrock_converse", AMAZON, raw)
    assert codes(outcome) == ["bad_frame"]
    assert outcome.items[0].lines[0].output_tokens == 32


def test_lengths_no_frame_can_have_end_the_reading() -> None:
    for total, headers in ((15, 0), (2**32 - 1, 0), (40, 30)):
        lengths = struct.pack(">II", total, headers)
        raw = lengths + struct.pack(">I", zlib.crc32(lengths)) + b"\0" * 64
        outcome = read_body("bedrock_converse", AMAZON, raw + frames(CHUNKS))
        assert codes(outcome) == ["bad_frame"]
        assert not outcome.items[0].finished


def test_a_frame_cut_off_is_an_error() -> None:
    outcome = read_body("bedrock_converse", AMAZON, frames(CHUNKS)[:-3])
    assert (codes(outcome), outcome.items[0].finished) == (["bad_frame"], False)


def test_an_exception_in_a_stream_is_told() -> None:
    raw = frame("throttlingException", b'{"message":"Too many tokens"}', exception=True)
    outcome = read_body("bedrock_converse", AMAZON, frames(CHUNKS[:2]) + raw)
    assert codes(outcome) == ["provider_error"]
    assert "Too many tokens" in outcome.issues[0].message


@pytest.mark.parametrize("tier", ["flex", "priority", "default"])
def test_the_tier_of_a_stream_is_in_its_metadata(tier: str) -> None:
    metadata = {"metadata": {"usage": CONVERSED, "serviceTier": {"type": tier}}}
    (reading,) = read_body("bedrock_converse", AMAZON, frames([metadata])).items
    assert reading.lines[0].tier == ("standard" if tier == "default" else tier)
    assert reading.tier_said == tier


def test_latency_optimised_calls_are_fast() -> None:
    metadata = {"usage": CONVERSED, "performanceConfig": {"latency": "optimized"}}
    (reading,) = read_body("bedrock_converse", AMAZON, frames([{"metadata": metadata}])).items
    assert reading.lines[0].tier == "fast"
