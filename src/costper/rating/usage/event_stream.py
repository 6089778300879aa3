"""The binary event stream of AWS (application/vnd.amazon.eventstream), its checksums held.

A frame is: total length and headers' length (4 bytes each, big-endian), the CRC-32 of these 8
bytes, headers, payload, and the CRC-32 of all before it. A header is a name (1 byte of length), a
type, and a value; text (type 7) has 2 bytes of length.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

PRELUDE = struct.Struct(">III")
CHECKSUM = struct.Struct(">I")
LEAST = PRELUDE.size + CHECKSUM.size
MOST = 24 * 1024 * 1024
"""AWS sends no payload over 16 MiB, and no headers over 128 KiB."""

FIXED = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a header's value by its type; 6 and 7 say their own length."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One event: its type (an exception's where it is one) and its payload."""

    kind: str
    payload: bytes


class Frames:
    """Cuts a binary event stream into frames, wherever the bytes were split.

    `fault` says why reading stopped, '' while all is well; a frame whose own checksum fails is
    left out, and one whose lengths cannot be trusted ends the reading.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self.fault = ""
        self._lost = False

    def feed(self, piece: bytes) -> list[Frame]:
        """Give the frames that a piece completes."""
        found: list[Frame] = []
        if self._lost:
            return found
        self._rest += piece
        while len(self._rest) >= PRELUDE.size and not self._lost:
            total, headers, checksum = PRELUDE.unpack_from(self._rest)
            if not self._trusted(total, headers, checksum):
                self._lost = True
                self._rest.clear()
            elif len(self._rest) < total:
                break
            else:
                frame = self._frame(bytes(self._rest[:total]), headers)
                found += [frame] if frame else []
                del self._rest[:total]
        return found

    def close(self) -> list[Frame]:
        """Note a frame that was cut off."""
        if self._rest:
            self.fault = self.fault or "the last frame is cut off"
        return []

    def _trusted(self, total: int, headers: int, checksum: int) -> bool:
        whole = zlib.crc32(self._rest[:8]) == checksum
        fits = LEAST <= total <= MOST and headers <= total - LEAST
        if not (whole and fits):
            self.fault = "a frame's lengths fail their CRC-32: what follows cannot be found"
        return whole and fits

    def _frame(self, raw: bytes, headers: int) -> Frame | None:
        (checksum,) = CHECKSUM.unpack_from(raw, len(raw) - CHECKSUM.size)
        if zlib.crc32(raw[: -CHECKSUM.size]) != checksum:
            self.fault = "a frame fails its CRC-32: it was left out"
            return None
        start = PRELUDE.size + headers
        said = header_words(raw[PRELUDE.size : start])
        kind = said.get(":event-type") or said.get(":exception-type") or said.get(":error-code", "")
        return Frame(kind, raw[start : -CHECKSUM.size])


def header_words(raw: bytes) -> dict[str, str]:
    """Read the headers that are text; what is broken ends the reading.

    >>> header_words(bytes([3]) + b"who" + bytes([7, 0, 2]) + b"me")
    {'who': 'me'}
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(raw):
        name = raw[at + 1 : at + 1 + raw[at]]
        at += 1 + raw[at]
        if at >= len(raw):
            break
        kind, at = raw[at], at + 1
        size = FIXED.get(kind)
        if size is None:
            size, at = int.from_bytes(raw[at : at + 2], "big"), at + 2
        if kind == 7:  # noqa: PLR2004 - the number the format gives to text
            found[name.decode("utf-8", "replace")] = raw[at : at + size].decode("utf-8", "replace")
        at += size
    return found
