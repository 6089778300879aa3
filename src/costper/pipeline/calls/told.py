"""How the spool writes calls down: a few as lines of JSON, many as columns, compressed.

A line is written in less than 1 µs, however few there are. Columns take 0.1 ms to begin with, and
then spare the fold 1 µs a call: it hands them to the engine as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec
import pyarrow as pa
from msgspec.structs import astuple

from costper.errors import SourceError
from costper.events.event import Event
from costper.model.call import COUNTS
from costper.store.spool import Batch

MOST_EVENTS = 16_384
"""Events of one batch. Each column lets other threads have Python, which then takes a while to get
back, so a batch is as large as a transaction; none of its steps takes a millisecond."""

FEW = 200
"""A batch of fewer events is written as lines."""

AT_ONCE = 256
"""Events that are turned into columns at once: from 700 tuples on Python looks for garbage."""

NUMBERS = 1 << 20
"""The number of an event is that of its batch times this, plus its place there."""

NAMES = Event.__struct_fields__
LINE = ord("{")
"""A body of lines begins so, and no other."""

SAID = dict(zip(NAMES, Event.__struct_encode_fields__, strict=True))
WORD = pa.dictionary(pa.int32(), pa.string())
IDS = ("external_request_id", "session_id", "operation_id")
KINDS: Mapping[str, pa.DataType] = {
    **dict.fromkeys(IDS, pa.string()),
    **dict.fromkeys(
        ("provider", "model", "service_tier", "endpoint_tag", "prompt_version", "user_id",
         "anon_id", "ip_hash", "service_account", "tenant_id", "customer_id", "team",
         "environment", "data_mode", "status", "outcome"),
        WORD,
    ),
    "attempt": pa.int32(),
    "timestamp": pa.int64(),
    "latency_ms": pa.float64(),
    **dict.fromkeys(COUNTS, pa.int64()),
    "provider_cost": pa.string(),
    "estimated": pa.bool_(),
    "lines": pa.string(),
}  # fmt: skip
"""The columns a batch may have, by the names of `Event`; `n` is the number of the event.

A column in which no event says anything is left out. `lines` are JSON.
"""

UNSAID: Mapping[str, object] = dict(zip(NAMES, astuple(Event()), strict=True))

UNREADABLE = (
    pa.ArrowException,
    msgspec.MsgspecError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
)
"""What a damaged batch raises, or a value its column cannot hold."""

_encoder = msgspec.json.Encoder()
_codec = pa.Codec("zstd", compression_level=1)


class Numbered(msgspec.Struct, gc=False):
    """An event with the number that orders all events: the first of two with one id stands."""

    n: int
    e: Event


Said = msgspec.defstruct(
    "Said",
    [(name, Any, msgspec.field(default=UNSAID[name], name=SAID[name])) for name in NAMES],
    gc=False,
)
"""An event as a line tells it: what the door let through is not checked again."""

_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
    msgspec.defstruct("Line", [("n", int), ("e", Said)], gc=False)
)


def batches_of(events: Sequence[Event], first: int, received_us: int) -> Iterator[Batch]:
    """Write events down in batches numbered from `first`.

    Raises ValueError, TypeError or OverflowError for a value that cannot be written.
    """
    for seq, start in enumerate(range(0, len(events), MOST_EVENTS), first):
        some = events[start : start + MOST_EVENTS]
        number = seq * NUMBERS
        numbers = range(number, number + len(some))
        plain = _lines(numbers, some) if len(some) < FEW else _columns(numbers, some)
        body = _codec.compress(plain, asbytes=True)
        yield Batch(seq=seq, events=len(some), plain=len(plain), body=body, received_us=received_us)


def table_of(batches: Iterable[Batch]) -> pa.Table:
    """Give the calls of batches in columns, of which those that say nothing are left out.

    Raises SourceError where one cannot be read.
    """
    try:
        plain = [plain_of(batch) for batch in batches]
        tables = [_read_columns(body) for body in plain if body[0] != LINE]
        lines = [body for body in plain if body[0] == LINE]
        if lines:
            tables.append(_read_lines(b"".join(lines)))
        return pa.concat_tables(tables, promote_options="default")
    except UNREADABLE as error:
        raise SourceError(f"a batch of the spool cannot be read: {error}") from error


def plain_of(batch: Batch) -> memoryview:
    """Give what is in a batch as it was before it was compressed."""
    return memoryview(_codec.decompress(batch.body, decompressed_size=batch.plain))


def _lines(numbers: Iterable[int], events: Sequence[Event]) -> bytes:
    # A list: msgspec 0.22 never lets go of another iterable, nor of the events it gave.
    return _encoder.encode_lines(list(map(Numbered, numbers, events)))


def _columns(numbers: Sequence[int], events: Sequence[Event]) -> pa.Buffer:
    table = _table(numbers, _transposed(events))
    written = pa.BufferOutputStream()
    with pa.ipc.new_stream(written, table.schema) as stream:
        stream.write_table(table)
    return written.getvalue()


def _transposed(events: Sequence[msgspec.Struct]) -> dict[str, list[Any]]:
    """Give what events say by the names of their fields."""
    columns: dict[str, list[Any]] = {name: [] for name in NAMES}
    for start in range(0, len(events), AT_ONCE):
        some = zip(*map(astuple, events[start : start + AT_ONCE]), strict=True)
        for name, values in zip(NAMES, some, strict=True):
            columns[name] += values
    return columns


def _read_columns(body: memoryview) -> pa.Table:
    with pa.ipc.open_stream(pa.py_buffer(body)) as columns:
        return columns.read_all()


def _read_lines(lines: bytes) -> pa.Table:
    told: list[Any] = _decoder.decode_lines(lines)
    return _table([row.n for row in told], _transposed([row.e for row in told]))


def _table(numbers: Sequence[int], columns: Mapping[str, Sequence[object]]) -> pa.Table:
    arrays: dict[str, pa.Array[Any]] = {"n": pa.array(numbers, pa.int64())}
    for name, kind in KINDS.items():
        values = columns[name]
        if values.count(UNSAID[name]) < len(values):
            arrays[name] = _array(name, values, kind)
    return pa.table(arrays)


def _array(name: str, values: Sequence[object], kind: pa.DataType) -> pa.Array[Any]:
    if kind is WORD:
        return cast("pa.Array[Any]", pa.array(values, pa.string()).dictionary_encode())
    if name == "provider_cost":
        values = [None if value is None else str(value) for value in values]
    elif name == "lines":
        values = [_encoder.encode(value).decode() if value else None for value in values]
    return pa.array(values, kind)
