"""An element of an array that is no JSON is the fault of that one event."""

import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.events.batch import Batch
from costper.events.cut import cut
from costper.events.litellm import read_litellm
from costper.events.payload import PayloadError, read_payload

GOOD = b'{"model": "m", "provider": "openai", "inputTokens": 1}'
HOSTILE = {
    "nested too deeply": b"[" * 100_000 + b"]" * 100_000,
    "objects nested too deeply": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a control character": b'{"model": "a\x01b"}',
    "a wrong escape": b'{"model": "\\x"}',
    "a number with a leading zero": b'{"inputTokens": 01}',
    "quotes of Python": b"{'model': 'm'}",
    "a name without quotes": b"{model: 1}",
    "a comma too many": b'{"model": "m",}',
    "a comment": b'/* x */ {"model": "m"}',
    "a word": b"True",
}
JSONS = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("read", [read_payload, read_litellm])
def test_what_is_no_json_is_refused_by_its_index_and_the_rest_is_kept(
    piece: bytes, read: Callable[[bytes], Batch]
) -> None:
    batch = read(b"[" + GOOD + b", " + piece + b"," + GOOD + b"]")
    assert len(batch.events) == 2
    assert [remark.index for remark in batch.rejected] == [1]


@pytest.mark.parametrize(
    "body",
    [
        b"[" + GOOD + b",]",
        b"[" + GOOD + b",," + GOOD + b"]",
        b"[" + GOOD,
        b"[" + GOOD + b"] 5",
        b"[" + GOOD + b', {"model": "m]',
        b"[a, b]",
        b'["' + b'\\"' * 100_000,
    ],
)
def test_an_array_that_is_cut_or_holds_no_event_is_refused_whole(body: bytes) -> None:
    with pytest.raises(PayloadError):
        read_payload(body)


@given(st.lists(JSONS, min_size=1))
def test_an_array_of_json_is_cut_where_json_says(found: Sequence[object]) -> None:
    pieces = cut(json.dumps(found, indent=1).encode())
    assert pieces is not None
    assert [json.loads(piece) for piece in pieces] == found
