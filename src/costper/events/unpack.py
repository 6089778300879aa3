"""Unpacks compressed bodies, never further than their limit."""

from __future__ import annotations

import zlib

from costper.errors import UserError

GZIP = 16 + zlib.MAX_WBITS
MAGIC = b"\x1f\x8b"
NO_CODINGS = frozenset(("", "identity"))
GZIP_CODINGS = frozenset(("gzip", "x-gzip"))


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
    left, rest = limit, body
    while rest:  # a gzip file may be several, one after the other
        inner = zlib.decompressobj(GZIP)
        try:
            part = inner.decompress(rest, left + 1)
        except zlib.error as error:
            raise UnpackError(f"the body is no gzip: {error}", hint="was it cut?") from error
        left -= len(part)
        if left < 0:
            raise _too_long(limit)
        if not inner.eof:
            raise UnpackError("the gzip body ends too early", hint="was it cut?")
        parts.append(part)
        rest = inner.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _too_long(limit: int) -> TooLongError:
    return TooLongError(
        f"the body has more than {limit} bytes when it is unpacked", hint="send it in parts"
    )
