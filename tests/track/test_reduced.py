"""What is sent holds the provider's usage, and none of anybody's text."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from tests.track.bodies import CHAT, MESSAGE, MESSAGE_EVENTS, RESPONSE, Body
from tests.track.doors import texts

from costper.rating.usage import read_chunks, read_response
from costper.track.reduced import LONGEST_WORD, reduced, reduced_chunks

KEYS = ("content", "text", "arguments", "refusal", "input", "usage", "delta", "choices", "x")
values = st.recursive(
    st.text(max_size=9) | st.integers() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=20,
)
bodies = st.dictionaries(st.sampled_from(KEYS), values)
LONG = "secret " * LONGEST_WORD


def planted(body: object) -> object:
    """Put a long text in the place of every text."""
    if isinstance(body, str):
        return LONG
    if isinstance(body, dict):
        return {key: planted(value) for key, value in cast("Body", body).items()}
    if isinstance(body, list):
        return [planted(value) for value in cast("list[object]", body)]
    return body


@given(bodies)
def test_no_text_is_left_wherever_it_stands(body: dict[str, object]) -> None:
    assert not [text for text in texts(reduced(cast("Body", planted(body)))) if "secret" in text]


@given(bodies)
def test_reducing_twice_is_reducing_once(body: dict[str, object]) -> None:
    assert reduced(reduced(body)) == reduced(body)


def test_the_server_reads_the_same_usage_from_it() -> None:
    for wire, body in (
        ("openai_chat", CHAT),
        ("openai_responses", RESPONSE),
        ("anthropic", MESSAGE),
    ):
        assert read_response(wire, reduced(body)).items == read_response(wire, body).items


def test_a_stream_reads_the_same_however_early_it_is_cut() -> None:
    for count in range(1, len(MESSAGE_EVENTS) + 1):
        seen = MESSAGE_EVENTS[:count]
        whole, less = read_chunks("anthropic", seen), read_chunks("anthropic", reduced_chunks(seen))
        assert less.items == whole.items
