"""Makes the events of a batch ready for the spool; the good ones stay whatever the others are."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from costper.events.batch import Batch, Remark
from costper.events.check import (
    are_plain,
    cost_fault,
    count_fault,
    lines_fault,
    model_fault,
    range_fault,
    time_fault,
    words_fault,
)
from costper.events.columns import Columns
from costper.events.event import Event
from costper.events.quick import Words, remember, said_by, settle
from costper.events.untold import is_untold, untold
from costper.events.usual import Usual
from costper.model.dimension import normal
from costper.pipeline.calls.usage import Readers, usage_fault

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_MONTH = 31


def _no_months() -> frozenset[date]:
    return frozenset()


def _one_by_one(_said: Columns) -> None:
    """Admit no events by their columns."""


def _request_ids() -> Callable[[], str]:
    """Give ids nobody else gives: a random word for this process, and a number."""
    word, numbers = secrets.token_hex(10), itertools.count()
    return lambda: f"{word}-{next(numbers)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What events are checked with.

    `admit` hashes the ids of an event in place, and says why it is refused ('' where it is
    not); `admit_known` does so with many whose words are among `words`, and says by place why some
    are refused. `canonical` gives a provider's one name; `readers` read providers' own responses.
    `closed_months` are the first days of months whose books are closed. `words` are those
    settled before, `usual` reads large bodies.
    """

    admit: Callable[[Event], str]
    admit_known: Callable[[Sequence[Event]], Mapping[int, str]]
    canonical: Callable[[str], str]
    readers: Readers
    closed_months: Callable[[], frozenset[date]] = _no_months
    admit_columns: Callable[[Columns], Mapping[str, Sequence[Any]] | None] = _one_by_one
    new_id: Callable[[], str] = field(default_factory=_request_ids)
    words: Words = field(default_factory=Words)
    usual: Usual = field(default_factory=Usual)


def accept(batch: Batch, desk: Desk, *, now_us: int) -> Batch:
    """Give the events that may go to the spool, and by index why the others may not.

    `now_us` is when they arrived, in microseconds since 1970. Events are changed in place, and
    are then as the spool keeps them: timestamp in microseconds, words and ids in their kept
    forms, responses read, never without an id.
    """
    done = Batch(
        events=batch.events,
        numbers=list(batch.numbers),
        total=batch.total,
        rejected=batch.rejected,
        warnings=batch.warnings,
        lenient=batch.lenient,
    )
    refused = _faults(done, desk, now_us)
    if refused:
        kept = [place for place in range(len(batch.events)) if place not in refused]
        done.events = [batch.events[place] for place in kept]
        done.numbers = [batch.numbers[place] for place in kept]
        done.rejected += refused.values()
        done.rejected.sort(key=lambda remark: remark.index)
    for index, event in zip(done.numbers, done.events, strict=True):
        if not (event.input_tokens or event.output_tokens) and is_untold(event):
            done.warn(untold(index))
    closed = desk.closed_months()
    if closed:
        _flag_closed(done, closed)
    return done


def _faults(batch: Batch, desk: Desk, now_us: int) -> dict[int, Remark]:
    """Settle events, nearly all of them at once; give by place why some are refused."""
    events, numbers = batch.events, batch.numbers
    left = settle(events, desk.words, now_us)
    careful = set(left)
    places = [place for place in range(len(events)) if place not in careful] if left else None
    settled = events if places is None else [events[place] for place in places]
    found: dict[int, Remark] = {}
    for at, reason in desk.admit_known(settled).items():
        place = at if places is None else places[at]
        found[place] = _stranger(numbers[place], reason)
    for place in left:
        fault = _careful(events[place], batch, numbers[place], desk, now_us)
        if fault is not None:
            found[place] = fault
    return found


def _careful(event: Event, batch: Batch, index: int, desk: Desk, now_us: int) -> Remark | None:
    """Settle one event word by word, and remember its words if they are always settled so."""
    said = said_by(event)
    told = event.response is not None or event.response_chunks is not None
    fault = _fault(event, batch, index, desk, now_us)
    if fault is not None:
        return fault
    settled = said_by(event)
    alone = not (told or event.lines or event.service_account)
    reason = desk.admit(event)
    if reason:
        return _stranger(index, reason)
    if alone and said_by(event) == settled and are_plain(said):
        remember(desk.words, said, settled)
    return None


def _stranger(index: int, reason: str) -> Remark:
    return Remark(index=index, code="identity", reason=reason)


def _fault(event: Event, batch: Batch, index: int, desk: Desk, now_us: int) -> Remark | None:
    """Settle one event all but its ids; what most events do not have costs them nothing."""
    told = event.response is not None or event.response_chunks is not None
    fault = words_fault(event, batch, index, desk.canonical)
    if told and fault is None:
        fault = usage_fault(event, batch, index, desk.readers) or range_fault(event, index)
    fault = (
        fault
        or time_fault(event, batch, index, now_us)
        or _parts_fault(event, batch, index, told=told)
    )
    if fault is None and (event.lines or not event.model):
        fault = lines_fault(event, batch, index, told=told) or model_fault(event, index)
    if fault is None and event.provider_cost is not None:
        fault = cost_fault(event, index)
    event.wire = ""
    event.team = normal(event.team) if event.team else ""
    event.external_request_id = event.external_request_id or desk.new_id()
    return fault


def _parts_fault(event: Event, batch: Batch, index: int, *, told: bool) -> Remark | None:
    """Refuse parts larger than their whole; as a provider said them they are kept, and flagged."""
    fault = count_fault(event, index)
    if fault is None or not (told or batch.lenient):
        return fault
    batch.warn(fault)
    return None


def closed_until(closed: frozenset[date]) -> int:
    """Give the first microsecond after every closed month."""
    latest = max(closed) + timedelta(days=LONGEST_MONTH)
    return (datetime(latest.year, latest.month, 1, tzinfo=UTC) - EPOCH) // MICROSECOND


def _flag_closed(batch: Batch, closed: frozenset[date]) -> None:
    """Say which calls are of months whose books are closed: they are kept, their charge waits."""
    until = closed_until(closed)
    for index, event in zip(batch.numbers, batch.events, strict=True):
        at = event.timestamp
        if not isinstance(at, int) or at >= until:
            continue
        month = (EPOCH + timedelta(microseconds=at)).date().replace(day=1)
        if month in closed:
            batch.warn(_closed(index, month))


def _closed(index: int, month: date) -> Remark:
    return Remark(
        index=index,
        code="closed_month",
        reason=f"the books of {month:%Y-%m} are closed; the call is kept",
        hint="its cost is charged when the month is opened again",
        field="timestamp",
    )
