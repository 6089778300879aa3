"""Bodies are unpacked up to a limit, and no further."""

import gzip
import zlib
from contextlib import suppress
from hashlib import shake_256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.events.unpack import (
    AT_ONCE,
    MOST_MEMBERS,
    CodingError,
    TooLongError,
    UnpackError,
    unpacked,
)

LIMIT = 1_000


@given(st.binary(max_size=LIMIT))
def test_what_was_packed_comes_back(body: bytes) -> None:
    for coding in ("gzip", "X-GZIP ", ""):
        assert unpacked(gzip.compress(body, mtime=0), coding, limit=LIMIT) == body


def test_several_gzips_one_after_the_other_are_one() -> None:
    packed = gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0) + b"\0\0"
    assert unpacked(packed, "gzip", limit=LIMIT) == b"one two"


@given(
    st.lists(st.binary(max_size=30) | st.integers(0, 3 * AT_ONCE), max_size=5), st.integers(0, 9)
)
def test_any_gzips_with_any_padding_are_what_is_in_them(
    said: list[bytes | int], padding: int
) -> None:
    plain = [shake_256().digest(one) if isinstance(one, int) else one for one in said]
    packed = b"".join(gzip.compress(one, mtime=0) + b"\0" * padding for one in plain)
    assert unpacked(packed, "gzip", limit=20 * AT_ONCE) == b"".join(plain)


def test_a_thousand_gzips_are_read_and_more_are_refused() -> None:
    empty = gzip.compress(b"", mtime=0)
    assert unpacked(empty * MOST_MEMBERS, "gzip", limit=LIMIT) == b""
    for many in (MOST_MEMBERS + 1, 200_000):
        with pytest.raises(UnpackError, match="one after the other"):
            unpacked(empty * many, "gzip", limit=LIMIT)


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, mtime=0)
    nested = gzip.compress(b"x" * LIMIT, mtime=0) + bomb
    for body in (bomb, nested, b"x" * (LIMIT + 1)):
        with pytest.raises(TooLongError):
            unpacked(body, "gzip" if body.startswith(b"\x1f") else "", limit=LIMIT)


@pytest.mark.parametrize(
    "body", [b"\x1f\x8bnope", gzip.compress(b"x", mtime=0)[:-1], zlib.compress(b"x")]
)
def test_a_damaged_body_is_refused(body: bytes) -> None:
    with pytest.raises(UnpackError):
        unpacked(body, "gzip", limit=LIMIT)


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_other_codings_are_refused(coding: str) -> None:
    with pytest.raises(CodingError):
        unpacked(b"x", coding, limit=LIMIT)


@given(st.binary(max_size=100))
def test_junk_never_crashes(body: bytes) -> None:
    with suppress(UnpackError):
        assert len(unpacked(b"\x1f\x8b" + body, "", limit=LIMIT)) <= LIMIT
