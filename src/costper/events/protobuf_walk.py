"""Walks over the messages inside a protobuf message without making objects of them.

A small body may hold millions of empty messages, each of which would be an object of a hundred
bytes: whoever walks can stop.
"""

from __future__ import annotations

from collections.abc import Iterator

VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5
SIZES = {EIGHT_BYTES: 8, FOUR_BYTES: 4}
WIRE_BITS, WIRE_MASK = 3, 7
LONGEST_VARINT = 10
MORE, LOW = 0x80, 0x7F
LOW_BITS = 7


class WalkError(ValueError):
    """Bytes that are no protobuf message."""


def inner_messages(body: bytes, number: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give where every message of a field begins and ends, in their order.

    Raises:
        WalkError: the bytes are no message.
    """
    for found, first, last in _fields(body, start, end):
        if found == number:
            yield first, last


def _fields(body: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Give number, beginning and end of every field that holds bytes."""
    while at < end:
        tag, at = _varint(body, at, end)
        kind = tag & WIRE_MASK
        if kind == BYTES:
            size, at = _varint(body, at, end)
            if size > end - at:
                raise WalkError("a message is longer than what holds it")
            yield tag >> WIRE_BITS, at, at + size
            at += size
        elif kind == VARINT:
            _, at = _varint(body, at, end)
        elif kind in SIZES:
            at += SIZES[kind]
        else:
            raise WalkError(f"there is no wire type {kind}")
    if at > end:
        raise WalkError("a field is longer than what holds it")


def _varint(body: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    for place in range(at, min(end, at + LONGEST_VARINT)):
        byte = body[place]
        value |= (byte & LOW) << shift
        if byte < MORE:
            return value, place + 1
        shift += LOW_BITS
    raise WalkError("a number does not end")
