"""How the spool writes calls down: a few as lines of JSON, many as columns, compressed.

A line is written in less than 1 µs, however few there are. Columns take 0.1 ms to begin with, and
then spare the fold 1 µs a call: it hands them to the engine as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
import pyarrow as pa

from costper.errors import SourceError
from costper.events.columns import WORDS, Columns
from costper.events.event import Event
from costper.events.quick import Said as SaidWords
from costper.events.usual import UNSAID, spread
from costper.model.call import COUNTS
from costper.store.spool import Batch

MOST_EVENTS = 16_384
"""Events of one batch. Each column lets other threads have Python, which then takes a while to get
back, so a batch is as large as a transaction; none of its steps takes a millisecond."""

FEW = 200
"""A batch of fewer events is written as lines."""

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


@dataclass(frozen=True, slots=True)
class Written:
    """Calls that are in columns already, as the door settled them, all but their numbers."""

    table: pa.Table

    def __len__(self) -> int:
        """Count them."""
        return self.table.num_rows


def written(columns: Columns, kinds: Sequence[int], words: Sequence[SaidWords]) -> Written:
    """Write calls down in columns; `kinds` says which of `words` each has."""
    arrays = _arrays(columns)
    places = pa.array(kinds, pa.int32())
    for name, values in zip(WORDS, zip(*words, strict=True), strict=True):
        if any(values):
            few = cast("pa.Array[Any]", pa.array(values, pa.string()).dictionary_encode())
            arrays[name] = few.take(places)
    return Written(pa.table(arrays))


def batches_of_offers(
    offers: Iterable[Sequence[Event] | Written], first: int, received_us: int
) -> Iterator[Batch]:
    """Write offers down in batches numbered from `first`, as `batches_of` does events."""
    tables: list[pa.Table] = []
    events: list[Event] = []
    for offer in offers:
        if not isinstance(offer, Written):
            events += offer
            continue
        if events:
            tables.append(_table(spread(events)))
            events = []
        tables.append(offer.table)
    if not tables:
        yield from batches_of(events, first, received_us)
        return
    if events:
        tables.append(_table(spread(events)))
    yield from _batches(joined(tables), first, received_us)


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Put calls together in one piece."""
    if len(tables) > 1:
        whole = pa.concat_tables(tables, promote_options="default")
        return whole.unify_dictionaries().combine_chunks()
    return tables[0]


def _batches(whole: pa.Table, first: int, received_us: int) -> Iterator[Batch]:
    for seq, start in enumerate(range(0, whole.num_rows, MOST_EVENTS), first):
        some = whole.slice(start, MOST_EVENTS)
        numbers = range(seq * NUMBERS, seq * NUMBERS + some.num_rows)
        yield _batch(_stream(_numbered(numbers, some)), seq, some.num_rows, received_us)


def batches_of(events: Sequence[Event], first: int, received_us: int) -> Iterator[Batch]:
    """Write events down in batches numbered from `first`.

    Raises ValueError, TypeError or OverflowError for a value that cannot be written.
    """
    for seq, start in enumerate(range(0, len(events), MOST_EVENTS), first):
        some = events[start : start + MOST_EVENTS]
        number = seq * NUMBERS
        numbers = range(number, number + len(some))
        plain = _lines(numbers, some) if len(some) < FEW else _columns(numbers, some)
        yield _batch(plain, seq, len(some), received_us)


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


def _batch(plain: bytes | pa.Buffer, seq: int, events: int, received_us: int) -> Batch:
    body = _codec.compress(plain, asbytes=True)
    return Batch(seq=seq, events=events, plain=len(plain), body=body, received_us=received_us)


def _lines(numbers: Iterable[int], events: Sequence[Event]) -> bytes:
    # A list: msgspec 0.22 never lets go of another iterable, nor of the events it gave.
    return _encoder.encode_lines(list(map(Numbered, numbers, events)))


def _columns(numbers: Sequence[int], events: Sequence[Event]) -> pa.Buffer:
    return _stream(_numbered(numbers, _table(spread(events))))


def _stream(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def _numbered(numbers: Sequence[int], table: pa.Table) -> pa.Table:
    return table.append_column("n", pa.array(numbers, pa.int64()))


def _read_columns(body: memoryview) -> pa.Table:
    with pa.ipc.open_stream(pa.py_buffer(body)) as columns:
        return columns.read_all()


def _read_lines(lines: bytes) -> pa.Table:
    told: list[Any] = _decoder.decode_lines(lines)
    return _numbered([row.n for row in told], _table(spread([row.e for row in told])))


def _table(columns: Columns) -> pa.Table:
    return pa.table(_arrays(columns))


def _arrays(columns: Columns) -> dict[str, pa.Array[Any]]:
    return {
        name: _array(name, columns[name], kind) for name, kind in KINDS.items() if name in columns
    }


def _array(name: str, values: Sequence[object], kind: pa.DataType) -> pa.Array[Any]:
    if kind is WORD:
        return cast("pa.Array[Any]", pa.array(values, pa.string()).dictionary_encode())
    if name == "provider_cost":
        values = [None if value is None else str(value) for value in values]
    elif name == "lines":
        values = [_encoder.encode(value).decode() if value else None for value in values]
    return pa.array(values, kind)
