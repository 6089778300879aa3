"""Reads our own payload: one event, an array of them, or one on each line (NDJSON)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

import msgspec

from costper.errors import UserError
from costper.events.batch import Batch, Remark
from costper.events.cut import cut
from costper.events.event import MOST_LINES, Event, Line
from costper.events.faults import remark_of, unreadable
from costper.events.strangers import Fields, Strangers, fields_of

MOST_EVENTS = 50_000
"""Events in one body; more are sent in parts."""

VALUES = 40
"""So many commas an event has at most in a body that is not what it should be; junk has more."""

BOM = b"\xef\xbb\xbf"
SPLIT = "tell of them as several calls that share an operationId"

NUMBERED = frozenset(
    (
        "externalRequestId",
        "userId",
        "anonId",
        "tenantId",
        "customerId",
        "sessionId",
        "operationId",
        "promptVersion",
        "status",
    )
)
"""Texts that are numbers in many databases: 42 is taken as "42"."""

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Reads(Generic[Read]):
    """Reads one event, or an array of them."""

    one: msgspec.json.Decoder[Read]
    many: msgspec.json.Decoder[list[Read]]


ONE = msgspec.json.Decoder(Event)
READS = Reads(ONE, msgspec.json.Decoder(list[Event]))
PIECES = msgspec.json.Decoder(list[msgspec.Raw])
MAPPING = msgspec.json.Decoder(dict[str, object])
MOST_DIGITS = 4_300
"""Python reads no longer number, and msgspec none either."""

FAR = 10**4_000
FAR_REAL = 1e300
"""Stand for what is longer or larger: too much for every field, as what was sent is."""

BROKEN = (msgspec.MsgspecError, UnicodeError, RecursionError)
EVENT = fields_of(
    "event", dict(zip(Event.__struct_fields__, Event.__struct_encode_fields__, strict=True))
)
LINE = fields_of(
    "line", dict(zip(Line.__struct_fields__, Line.__struct_encode_fields__, strict=True))
)


def _whole(said: str) -> int:
    if len(said.lstrip("-")) <= MOST_DIGITS:
        return int(said)
    return -FAR if said.startswith("-") else FAR


def _real(said: str) -> float:
    try:
        return msgspec.json.decode(said, type=float)
    except msgspec.ValidationError:
        return -FAR_REAL if said.startswith("-") else FAR_REAL


SALVAGE = json.JSONDecoder(parse_constant=str, parse_int=_whole, parse_float=_real)


class PayloadError(UserError):
    """A body nothing can be read from; nothing of it was taken."""


class TooManyError(PayloadError):
    """A body of more events than are taken at once."""


def read_payload(body: bytes, *, most: int = MOST_EVENTS) -> Batch:
    """Give the events of a body, and by index what is wrong with the others.

    A body starting with `[` is an array; any other one object, or one on each line.

    Raises:
        TooManyError: there are more than `most` events.
        PayloadError: it is no JSON at all, or empty.
    """
    body = body.removeprefix(BOM).strip()
    events = decoded(body, READS, most=most) if body else None
    if events is not None:
        _check_many(len(events), most)
        return Batch(events=events, numbers=range(len(events)), total=len(events))
    return _picked(elements_of(body, most=most))


def decoded(body: bytes, reads: Reads[Read], *, most: int = MOST_EVENTS) -> list[Read] | None:
    """Read a body in which everything is as it must be, as nearly all are; None for another."""
    # Three bytes are the shortest event, so a short body needs no counting.
    if len(body) > 3 * most and body.count(b"{") > most:
        return None
    try:
        if body.startswith(b"["):
            return reads.many.decode(body)
        return reads.one.decode_lines(body)
    except BROKEN:
        return None


def elements_of(body: bytes, *, most: int = MOST_EVENTS) -> Sequence[bytes]:
    """Cut a body into what it holds, each as the JSON it is.

    Raises:
        TooManyError: there are more than `most`.
        PayloadError: it is no JSON at all, or empty.
    """
    body = body.removeprefix(BOM).strip()
    if not body:
        raise PayloadError("the body is empty", hint="send an event, an array, or one on each line")
    if body.startswith(b"["):
        found = _pieces(body, most)
    elif _is_object(body):
        found = [body]
    else:
        if body.count(b"\n") > VALUES * most:
            raise _too_many(most)
        found = [line for line in body.split(b"\n") if line.strip()]
        if len(found) == 1:
            _check_json(body)
    _check_many(len(found), most)
    return found


def _is_object(body: bytes) -> bool:
    """Say whether all of a body is one object, however it is laid out."""
    try:
        MAPPING.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return False
    except UnicodeError:
        return b"\n{" not in body
    return True


def _check_json(body: bytes) -> None:
    """Refuse a lone line that is no JSON: nothing says it was meant as one event."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        if isinstance(error, RecursionError) or b"\\u" not in body:
            hint = "send an event, an array, or one on each line"
            raise PayloadError(f"the body is no JSON: {error}", hint=hint) from error


def _check_many(count: int, most: int) -> None:
    if count > most:
        raise _too_many(most)


def _too_many(most: int) -> TooManyError:
    return TooManyError(f"a body has at most {most} events", hint="send them in parts")


def _pieces(body: bytes, most: int) -> Sequence[bytes]:
    """Cut an array into its elements, also where one holds what is no JSON text."""
    if body.count(b",") > VALUES * most:
        raise TooManyError("the body has too many values to tell what is wrong", hint="send less")
    try:
        return [bytes(piece) for piece in PIECES.decode(body)]
    except BROKEN as error:
        try:
            return list(_salvaged(body.decode("utf-8", "surrogateescape")))
        except (ValueError, RecursionError):
            found = cut(body) if body.count(b"[") + body.count(b"{") <= VALUES * most else None
            if found is not None and any(map(_is_object, found)):
                return found
            raise PayloadError(
                f"the body is no JSON: {error}", hint="nothing of it was taken; send it again"
            ) from error


def _salvaged(text: str) -> Iterator[bytes]:
    """Walk over an array; half a surrogate or a NaN is then the fault of one element only."""
    at = _past_space(text, 1)
    while text[at : at + 1] != "]":
        found, at = SALVAGE.raw_decode(text, at)
        yield json.dumps(found).encode()
        at = _past_space(text, at)
        if text[at : at + 1] == ",":
            at = _past_space(text, at + 1)
            if text[at : at + 1] == "]":
                raise ValueError("nothing follows the comma")
        elif text[at : at + 1] != "]":
            raise ValueError("the array does not end")
    if text[at + 1 :].strip():
        raise ValueError("something follows the array")


def _past_space(text: str, at: int) -> int:
    while text[at : at + 1] in {" ", "\t", "\n", "\r"}:
        at += 1
    return at


def _picked(pieces: Sequence[bytes]) -> Batch:
    """Read every piece for itself."""
    batch = Batch(total=len(pieces))
    strangers = Strangers(batch.warn)
    return gathered(batch, pieces, lambda index, piece: _piece(index, piece, strangers))


def gathered(
    batch: Batch, pieces: Sequence[bytes], read: Callable[[int, bytes], Event | Remark]
) -> Batch:
    """Put what is read of each piece in a batch: events with their numbers, and what is wrong."""
    numbers: list[int] = []
    for index, piece in enumerate(pieces):
        found = read(index, piece)
        if isinstance(found, Remark):
            batch.refuse(found)
        else:
            batch.events.append(found)
            numbers.append(index)
    batch.numbers = numbers
    return batch


def _piece(index: int, piece: bytes, strangers: Strangers) -> Event | Remark:
    try:
        said = _mapping(piece)
        return said if isinstance(said, Event) else event_of(said, index, strangers)
    except _RefusedError as refused:
        return refused.remark
    except _NotAnObjectError:
        return Remark(index=index, code="invalid", reason="an event is a JSON object")
    except msgspec.ValidationError as error:
        return remark_of(index, str(error))
    except BROKEN as error:
        return unreadable(index, error)


def _mapping(piece: bytes) -> Event | dict[str, object]:
    """Read a piece as the event it is, or as what it says where that is no event as it stands."""
    try:
        return ONE.decode(piece)
    except BROKEN:
        said = value_of(piece)
    if not isinstance(said, dict):
        raise _NotAnObjectError
    return cast("dict[str, object]", said)


def value_of(piece: bytes) -> object:
    """Read JSON; a number no machine holds stays one that is too large.

    Raises:
        UnicodeError: it holds text that is none: bad UTF-8, or half a surrogate.
        msgspec.DecodeError, RecursionError: it is no JSON, or too deep.
    """
    try:
        return msgspec.json.decode(piece)
    except msgspec.DecodeError as error:
        try:
            said: object = SALVAGE.decode(piece.decode())
            json.dumps(said, ensure_ascii=False).encode()
        except json.JSONDecodeError:
            raise error from None
        if isinstance(error, msgspec.ValidationError):  # it is JSON, and a number is too large
            return said
        raise


class _NotAnObjectError(Exception):
    """Says that a piece is JSON, and no object."""


class _RefusedError(Exception):
    """Carries why an event is not taken."""

    def __init__(self, remark: Remark) -> None:
        self.remark = remark


def event_of(members: dict[str, object], index: int, strangers: Strangers) -> Event:
    """Make an event of a mapping: null is left out, snake_case is taken, the rest is flagged.

    Raises:
        msgspec.ValidationError: a value is not what it must be.
    """
    known = _renamed(members, EVENT, index, strangers)
    lines = known.get("lines")
    if isinstance(lines, list):
        if len(cast("list[object]", lines)) > MOST_LINES:
            reason = f"lines are more than {MOST_LINES}"
            raise _RefusedError(
                Remark(index=index, code="too_many", reason=reason, hint=SPLIT, field="lines")
            )
        known["lines"] = [
            _renamed(cast("dict[str, object]", line), LINE, index, strangers)
            if isinstance(line, dict)
            else line
            for line in cast("list[object]", lines)
        ]
    for name in NUMBERED & known.keys():
        number = known[name]
        if isinstance(number, int) and not isinstance(number, bool):
            known[name] = str(number)
    status = known.get("status")
    if isinstance(status, float) and status.is_integer():
        known["status"] = str(int(status))
    return msgspec.convert(known, Event)


def _renamed(
    members: dict[str, object], fields: Fields, index: int, strangers: Strangers
) -> dict[str, object]:
    found: dict[str, object] = {}
    for said, value in members.items():
        name = said if said in fields.camel else fields.snake.get(said, "")
        if value is None:
            continue
        if not name:
            refused = strangers.met(said, fields, index)
            if refused is not None:
                raise _RefusedError(refused)
        elif name in found:
            raise _RefusedError(
                Remark(index=index, code="twice", reason=f"{name} stands there twice", field=name)
            )
        else:
            found[name] = value
    return found
