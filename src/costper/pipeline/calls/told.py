"""How the spool writes calls down: lines of JSON that the engine reads by itself, compressed.

Python makes no columns of them: DuckDB reads a line in 1.7 µs without the interpreter's lock, where
columns of Python values took 6 µs with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import pyarrow as pa

from costper.events.event import Event
from costper.store.spool import Batch

MOST_EVENTS = 4_096
"""Events of one batch: so many are encoded at once while other threads wait for Python."""

NUMBERS = 1 << 20
"""The number of an event is that of its batch times this, plus its place there."""

_encoder = msgspec.json.Encoder()
_codec = pa.Codec("zstd", compression_level=1)


class Numbered(msgspec.Struct, gc=False):
    """An event with the number that orders all events: the first of two with one id stands."""

    n: int
    e: Event


def batches_of(events: Sequence[Event], first: int, received_us: int) -> Iterator[Batch]:
    """Write events down in batches numbered from `first`.

    Raises UnicodeEncodeError, TypeError or OverflowError for a value JSON cannot hold.
    """
    for seq, start in enumerate(range(0, len(events), MOST_EVENTS), first):
        some = events[start : start + MOST_EVENTS]
        number = seq * NUMBERS
        # A list: msgspec 0.22 never lets go of another iterable, nor of the events it gave.
        numbered = list(map(Numbered, range(number, number + len(some)), some))
        lines = _encoder.encode_lines(numbered)
        body = _codec.compress(lines, asbytes=True)
        yield Batch(seq=seq, events=len(some), plain=len(lines), body=body, received_us=received_us)


def lines_of(batch: Batch) -> memoryview:
    """Give the lines of a batch as they were written."""
    return memoryview(_codec.decompress(batch.body, decompressed_size=batch.plain))
