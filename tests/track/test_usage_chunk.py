"""A stream is asked for its usage, and what the caller did not ask for is not seen."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.track.bodies import CHUNKS, USAGE_CHUNK, Body

from costper.track.usage_chunk import Hiding, asking

FILTER: Body = {**USAGE_CHUNK, "usage": None, "prompt_filter_results": []}
ENDS = (b"\n\n", b"\r\n\r\n")


def event(body: object, end: bytes) -> bytes:
    return b"data: " + json.dumps(body).encode() + end


events = st.lists(st.sampled_from([*CHUNKS, FILTER, USAGE_CHUNK]))


@given(events, st.sampled_from(ENDS), st.lists(st.integers(1, 400)), st.binary(max_size=30))
def test_however_a_stream_is_cut_only_the_usage_is_hidden(
    bodies: list[object], end: bytes, cuts: list[int], rest: bytes
) -> None:
    whole = b"".join(event(body, end) for body in bodies) + b"data: [DONE]" + end + rest
    wanted = b"".join(event(body, end) for body in bodies if body is not USAGE_CHUNK)
    hiding, seen, at = Hiding(), b"", 0
    for size in (*cuts, len(whole)):
        seen += hiding.feed(whole[at : at + size])
        at += size
    assert seen + hiding.rest() == wanted + b"data: [DONE]" + end + rest


def test_what_never_ends_is_not_held_back_for_ever() -> None:
    hiding = Hiding()
    assert hiding.feed(b"x" * 2_000_000) == b"x" * 2_000_000


@pytest.mark.parametrize("said", [b'"\xff"', b"[" * 9_000, b"7" * 9_000])
def test_a_chunk_nobody_can_read_goes_on_whole(said: bytes) -> None:
    odd = b'data: {"choices": [], "usage": {"a": %b}}\n\n' % said
    hiding = Hiding()
    assert hiding.feed(odd[:20]) + hiding.feed(odd[20:]) == odd


@pytest.mark.parametrize(
    "body",
    [
        {"stream": False},
        {"model": "m"},
        {"stream": True, "stream_options": {"include_usage": False}},
        {"stream": True, "stream_options": None},
        {"messages": [{"role": "user", "content": '"stream":true'}]},
        {"tools": [{"parameters": {"stream": True}}]},
    ],
)
def test_only_a_stream_that_says_nothing_of_it_is_asked(body: object) -> None:
    assert asking(json.dumps(body, separators=(",", ":")).encode()) is None


@given(st.dictionaries(st.text(), st.text()))
def test_asking_adds_one_field_and_changes_nothing(members: dict[str, str]) -> None:
    body = {**members, "stream": True}
    body.pop("stream_options", None)
    asked = asking(json.dumps(body, separators=(",", ":")).encode())
    assert asked is not None
    assert json.loads(asked) == {**body, "stream_options": {"include_usage": True}}
