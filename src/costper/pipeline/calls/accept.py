"""Makes the events of a batch ready for the spool; the good ones stay whatever the others are."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from costper.events.batch import Batch, Remark
from costper.events.check import (
    Words,
    cost_fault,
    count_fault,
    lines_fault,
    model_fault,
    range_fault,
    settled_at_once,
    time_fault,
    words_fault,
)
from costper.events.event import Event
from costper.model.dimension import normal
from costper.pipeline.calls.usage import Readers, usage_fault

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _no_months() -> frozenset[date]:
    return frozenset()


def _request_ids() -> Callable[[], str]:
    """Give ids nobody else gives: a random word for this process, and a number."""
    word, numbers = secrets.token_hex(10), itertools.count()
    return lambda: f"{word}-{next(numbers)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What events are checked with.

    `admit` hashes the ids of an event in place, and says why it is refused ('' where it is
    not); `canonical` gives a provider's one name; `readers` read providers' own responses.
    `closed_months` are the first days of months whose books are closed. `words` are those
    settled before.
    """

    admit: Callable[[Event], str]
    canonical: Callable[[str], str]
    readers: Readers
    closed_months: Callable[[], frozenset[date]] = _no_months
    new_id: Callable[[], str] = field(default_factory=_request_ids)
    words: Words = field(
        default_factory=dict[tuple[str, str, str, str, str], tuple[str, str, str, str, str]]
    )


def accept(batch: Batch, desk: Desk, *, now_us: int) -> Batch:
    """Give the events that may go to the spool, and by index why the others may not.

    `now_us` is when they arrived, in microseconds since 1970. Events are changed in place, and
    are then as the spool keeps them: timestamp in microseconds, words and ids in their kept
    forms, responses read, never without an id.
    """
    done = Batch(
        total=batch.total,
        rejected=batch.rejected,
        warnings=batch.warnings,
        lenient=batch.lenient,
    )
    kept: list[int] = []
    closed, admit, words = desk.closed_months(), desk.admit, desk.words
    for index, event in zip(batch.numbers, batch.events, strict=True):
        quick = settled_at_once(event, words, now_us)
        fault = None if quick else _fault(event, done, index, desk, now_us)
        if fault is None and (refused := admit(event)):
            fault = Remark(index=index, code="identity", reason=refused)
        if fault is not None:
            done.refuse(fault)
            continue
        if closed:
            _flag_closed(event, done, index, closed)
        done.events.append(event)
        kept.append(index)
    done.numbers = kept
    done.rejected.sort(key=lambda remark: remark.index)
    return done


def _fault(event: Event, batch: Batch, index: int, desk: Desk, now_us: int) -> Remark | None:
    """Settle one event all but its ids; what most events do not have costs them nothing."""
    told = event.response is not None or event.response_chunks is not None
    fault = words_fault(event, batch, index, canonical=desk.canonical, known=desk.words)
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


def _flag_closed(event: Event, batch: Batch, index: int, closed: frozenset[date]) -> None:
    """Say that a call is of a month whose books are closed: it is kept, its charge waits."""
    at = event.timestamp
    moment = EPOCH + timedelta(microseconds=at if isinstance(at, int) else 0)
    month = moment.date().replace(day=1)
    if month in closed:
        batch.warn(
            Remark(
                index=index,
                code="closed_month",
                reason=f"the books of {month:%Y-%m} are closed; the call is kept",
                hint="its cost is charged when the month is opened again",
                field="timestamp",
            )
        )
