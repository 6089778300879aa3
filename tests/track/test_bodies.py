"""Bodies are read however they are packed, cut or framed, and junk is no trouble."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.track.bodies import CHAT, CHUNKS, MESSAGE_EVENTS, RESPONSE, USAGE_CHUNK

from costper.track.bodies import Body, body_of
from costper.track.streams import Response, heard
from costper.track.tape import HEAD_BYTES, TAIL_BYTES, Tape
from costper.track.told import event_of

URL = "https://api.openai.com/v1/embeddings"


class Pieces(httpx2.SyncByteStream):
    """A body in pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces


def told(body: bytes, headers: Mapping[str, str], *, url: str = URL, piece: int = 65_536) -> Tape:
    """Read a response as a client does, and give its record."""
    found: list[Tape] = []
    pieces = [body[at : at + piece] for at in range(0, len(body), piece)]
    response = httpx2.Response(200, headers=headers, stream=Pieces(pieces))
    heard(Tape(url, "POST", found.append), cast("Response", response))
    for _ in response.iter_raw():
        pass
    return found[0]


def events(*nodes: object) -> bytes:
    return b"".join(b"data: " + json.dumps(node).encode() + b"\n\n" for node in nodes)


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
}


@pytest.mark.parametrize("how", PACKED)
def test_a_packed_body_is_unpacked(how: str) -> None:
    packed = PACKED[how](json.dumps(CHAT).encode())
    tape = told(packed, {"content-type": "application/json", "content-encoding": how}, piece=7)
    assert body_of(tape).nodes == (CHAT,)


def test_a_packed_stream_that_was_left_early_is_read_as_far_as_it_goes() -> None:
    packer = zlib.compressobj(wbits=31)
    sent = packer.compress(events(*CHUNKS)) + packer.flush(zlib.Z_SYNC_FLUSH)
    tape = told(sent, {"content-type": "text/event-stream", "content-encoding": "gzip"})
    assert body_of(tape).nodes == CHUNKS


def test_an_encoding_nobody_knows_is_no_trouble() -> None:
    tape = told(b"\x00\x01", {"content-type": "application/json", "content-encoding": "br"})
    assert body_of(tape).nodes == ()


def test_the_usage_of_a_body_too_long_to_keep_is_found_at_its_end() -> None:
    vectors = [{"embedding": [0.125] * 1_000}] * 400
    body = {"object": "list", "data": vectors, "model": "m-1", "usage": {"prompt_tokens": 4}}
    tape = told(json.dumps(body).encode(), {"content-type": "application/json"})
    assert tape.size > HEAD_BYTES + TAIL_BYTES
    assert tape.kept <= HEAD_BYTES + TAIL_BYTES + 65_536
    event = event_of(tape)
    assert event is not None
    assert event["response"] == {"usage": {"prompt_tokens": 4}, "model": "m-1"}


def test_the_usage_of_a_stream_too_long_to_keep_is_found_at_its_end() -> None:
    middle = [CHUNKS[1]] * 9_000
    tape = told(events(*middle, USAGE_CHUNK), {"content-type": "text/event-stream"})
    assert tape.is_cut
    assert body_of(tape).nodes[-1] == USAGE_CHUNK


def test_the_usage_of_one_event_longer_than_what_is_kept_is_found() -> None:
    long: dict[str, Any] = {**RESPONSE, "usage": None, "instructions": "x" * 2_000_000}
    long["usage"] = long.pop("usage") or RESPONSE["usage"]
    last = {"type": "response.completed", "response": long}
    tape = told(events(last), {"content-type": "text/event-stream"})
    event = event_of(tape)
    assert event is not None
    chunks: Any = event["responseChunks"]
    assert chunks[-1]["response"]["usage"] == RESPONSE["usage"]


def frame(payload: object) -> bytes:
    said = json.dumps({"bytes": base64.b64encode(json.dumps(payload).encode()).decode()}).encode()
    headers = b"\x0b:event-type\x07\x00\x05chunk"
    total = 12 + len(headers) + len(said) + 4
    return b"".join((total.to_bytes(4), len(headers).to_bytes(4), b"crc!", headers, said, b"crc!"))


def test_the_binary_stream_of_bedrock_is_read() -> None:
    sent = b"".join(map(frame, MESSAGE_EVENTS))
    url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-v1%3A0/invoke"
    headers = {"content-type": "application/vnd.amazon.eventstream"}
    tape = told(sent, headers, url=f"{url}-with-response-stream")
    assert body_of(tape).nodes == MESSAGE_EVENTS
    event = event_of(tape)
    assert event is not None
    assert (event["provider"], event["wire"]) == ("aws", "anthropic")
    assert event["model"] == "us.anthropic.claude-v1:0"


KINDS = ("application/json", "text/event-stream", "application/vnd.amazon.eventstream", "")
junk = st.binary(max_size=200) | st.sampled_from(
    [b"data: {", b"data: 1\n\n", b"[1]", b'{"a":' * 200, b"null", b'"x"', events({"usage": 1})]
)


@given(junk, st.sampled_from(KINDS), st.sampled_from(["", "gzip", "zstd", "deflate"]))
def test_whatever_a_server_sends_an_event_is_made_of_it(
    body: bytes, kind: str, packed: str
) -> None:
    tape = told(body, {"content-type": kind, "content-encoding": packed}, piece=50)
    assert isinstance(body_of(tape), Body)
    assert event_of(tape) is not None
