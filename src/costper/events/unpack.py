"""Unpacks compressed bodies, never further than their limit."""

from __future__ import annotations

import re
import zlib

from costper.errors import UserError

GZIP = 16 + zlib.MAX_WBITS
MAGIC = b"\x1f\x8b"
NO_CODINGS = frozenset(("", "identity"))
GZIP_CODINGS = frozenset(("gzip", "x-gzip"))
PADDING = re.compile(rb"\0*")
AT_ONCE = 2**16
"""Bytes unpacked at one time: what follows the end of a gzip is copied, so it must be little."""

MOST_MEMBERS = 1_000
"""Gzips one after the other in one body."""


class UnpackError(UserError):
    """A body that cannot be unpacked."""


class TooLongError(UnpackError):
    """A body that is longer than is taken, once it is unpacked."""


class CodingError(UnpackError):
    """A body in a coding nobody here understands."""


def unpacked(body: bytes, coding: str, *, limit: int) -> bytes:
    """Give a body as it was before Content-Encoding; gzip is known by its first bytes too.

    No more than `limit` bytes are ever made, however small the body is.

    Raises:
        TooLongError: there is more than `limit`.
        CodingError: the coding is not gzip.
        UnpackError: the body is damaged or cut.
    """
    word = coding.strip().lower()
    if word not in NO_CODINGS | GZIP_CODINGS:
        raise CodingError(f"Content-Encoding {word!r} is not understood", hint="send gzip, or none")
    if word in NO_CODINGS and not body.startswith(MAGIC):
        if len(body) > limit:
            raise _too_long(limit)
        return body
    return _gunzip(body, limit)


def _gunzip(body: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    left, at = limit, 0
    while at < len(body):  # a gzip file may be several, one after the other
        if len(parts) == MOST_MEMBERS:
            reason = f"the body is more than {MOST_MEMBERS} gzips one after the other"
            raise UnpackError(reason, hint="pack it as one")
        try:
            part, at = _member(body, at, left + 1)
        except zlib.error as error:
            raise UnpackError(f"the body is no gzip: {error}", hint="was it cut?") from error
        left -= len(part)
        if left < 0:
            raise _too_long(limit)
        parts.append(part)
        at = _past_padding(body, at)
    return b"".join(parts)


def _member(body: bytes, at: int, most: int) -> tuple[bytes, int]:
    """Give what the gzip at a place holds, but at most so much, and the place after it."""
    inner = zlib.decompressobj(GZIP)
    parts: list[bytes] = []
    while not inner.eof and most > 0:
        piece = body[at : at + AT_ONCE]
        if not piece:
            raise UnpackError("the gzip body ends too early", hint="was it cut?")
        parts.append(inner.decompress(piece, most))
        most -= len(parts[-1])
        at += len(piece) - len(inner.unused_data)
    return b"".join(parts), at


def _past_padding(body: bytes, at: int) -> int:
    found = PADDING.match(body, at)
    return found.end() if found else at


def _too_long(limit: int) -> TooLongError:
    return TooLongError(
        f"the body has more than {limit} bytes when it is unpacked", hint="send it in parts"
    )
