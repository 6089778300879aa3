"""How a source stands: is it fresh, did its last sync go well, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from costper.config.settings import Declared, MetricGrain
from costper.model.delivery import Delivery
from costper.model.plural import plural
from costper.pipeline.check_sources import faults
from costper.pipeline.data_sources.cadence import cadence_of, covered, expected, lag_days
from costper.pipeline.data_sources.files import local_paths
from costper.pipeline.local_files import LocalFile, local_files
from costper.store.books import Books
from costper.store.deliveries import current
from costper.store.measurement_deliveries import measured_days
from costper.store.syncs import SourceSync, good_syncs, latest_syncs, sync_issues

Status = Literal["active", "late", "failing", "never_synced"]
STATUSES: tuple[Status, ...] = ("active", "late", "failing", "never_synced")
DATED = ("bill", "measurements")
NO_NEWER = "no newer delivery has come"
Days = tuple[date, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a source's status is, why, and what to do now."""

    status: Status
    reason: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStanding:
    """One declared source.

    `newest_day` is the last day that data speaks for, `expected_day` the one it should reach;
    None for facts, which are of no day. `synced_at` is when a sync last went well. `waiting` counts
    local files that the last sync did not find as they are now.
    """

    declared: Declared
    verdict: Verdict
    cadence: MetricGrain = "day"
    first_day: date | None = None
    newest_day: date | None = None
    expected_day: date | None = None
    synced_at: str = ""
    last: SourceSync | None = None
    files: tuple[LocalFile, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the books remember of all sources."""

    held: Mapping[str, Sequence[Delivery]]
    measured: Mapping[str, Days]
    latest: Mapping[str, SourceSync]
    good: Mapping[str, str]


def source_standings(books: Books, now: datetime) -> tuple[SourceStanding, ...]:
    """Give how every declared source stands, in the order of costper.yaml."""
    known = remembered(books)
    return tuple(_standing(books, one, known, now) for one in books.settings.declared())


def remembered(books: Books) -> Remembered:
    """Read what the books remember of all sources."""
    held: dict[str, list[Delivery]] = {}
    for delivery in current(books.control):
        held.setdefault(delivery.scope.source, []).append(delivery)
    return Remembered(
        held=held,
        measured=measured_days(books.control),
        latest=latest_syncs(books.control),
        good=good_syncs(books.control),
    )


def days_held(held: Sequence[Delivery]) -> Days | None:
    """Give the first and last day of bills; None where they have none."""
    first = [one.first_day for one in held if one.first_day]
    last = [one.last_day for one in held if one.last_day]
    return (min(first), max(last)) if first and last else None


def lateness(newest: date, due: date, today: date) -> str:
    """Say how far behind data is; "" where it is not."""
    if newest >= due:
        return ""
    return f"its newest day is {newest}, {plural((today - newest).days, 'day')} ago; {due} was due"


def _newest(day: date, cadence: MetricGrain, today: date) -> date:
    """Give the last day that data speaks for: all of its week or month, but none to come."""
    return max(day, min(covered(day, cadence), today))


def _standing(books: Books, declared: Declared, known: Remembered, now: datetime) -> SourceStanding:
    held = known.held.get(declared.name, ())
    last = known.latest.get(declared.name)
    days = known.measured.get(declared.name) or days_held(held)
    cadence = cadence_of(books.settings, declared, held, now.date())
    lag = lag_days(books.settings)
    files = tuple(local_files(books.settings, declared, now))
    landed = max((one.landed_at for one in held), default="")
    found = SourceStanding(
        declared=declared,
        verdict=Verdict(status="active"),
        cadence=cadence,
        first_day=days[0] if days else None,
        newest_day=_newest(days[1], cadence, now.date()) if days else None,
        expected_day=expected(now.date(), lag, cadence) if declared.kind in DATED else None,
        synced_at=known.good.get(declared.name, "") or ("" if last else landed),
        last=last,
        files=files,
        waiting=sum(_is_new(file, last) for file in files) if last else 0,
    )
    return replace(found, verdict=_verdict(books, found, now))


def _is_new(file: LocalFile, last: SourceSync) -> bool:
    """Say whether a sync did not find a file, or found it other than it is."""
    return file.modified > last.at if last.files is None else file.mark not in last.files


def _verdict(books: Books, found: SourceStanding, now: datetime) -> Verdict:
    """Judge: what failed comes first, then what never came, then what is late."""
    if found.last is not None and found.last.outcome == "failed":
        return _failing(books, found.last)
    if found.last is None and found.newest_day is None:
        return _never(books, found.declared, now)
    late = _late(books, found, now)
    if late:
        return Verdict(status="late", reason=late, next_step=_newer(found))
    return Verdict(status="active", next_step=_waiting(found))


def _failing(books: Books, last: SourceSync) -> Verdict:
    errors = [one for one in sync_issues(books.control, last.source) if one.severity == "error"]
    if not errors:
        return Verdict(status="failing", reason="its last sync failed", next_step=_again(last))
    first, more = errors[0], last.errors - errors[0].count
    told = f"{first.where}: {first.message}" if first.where else first.message
    return Verdict(
        status="failing",
        reason=f"{told} (and {plural(more, 'more error')})" if more > 0 else told,
        next_step=first.hint or _again(last),
    )


def _again(last: SourceSync) -> str:
    return f"run `costper sync {last.source}` again and read what it says"


def _never(books: Books, declared: Declared, now: datetime) -> Verdict:
    missing = next(faults(books.settings, declared, now), None)
    if missing is None:
        return Verdict(status="never_synced", next_step=f"run `costper sync {declared.name}`")
    return Verdict(status="never_synced", reason=missing.message, next_step=missing.hint)


def _late(books: Books, found: SourceStanding, now: datetime) -> str:
    today = now.date()
    if found.expected_day is not None and found.newest_day is not None:
        return lateness(found.newest_day, found.expected_day, today)
    if found.expected_day is not None:
        return "no row of it could be given a day"
    synced = found.synced_at[:10]
    days = (today - date.fromisoformat(synced)).days if synced else 0
    old = days > lag_days(books.settings)
    return f"it was last read {plural(days, 'day')} ago, on {synced}" if old else ""


def _newer(found: SourceStanding) -> str:
    name = found.declared.name
    if found.waiting or found.declared.kind not in DATED:
        return f"run `costper sync {name}`"
    paths = local_paths(found.declared)
    if paths:
        where = ", ".join(paths)
        return f"{NO_NEWER}: put the newer file in {where}, then run `costper sync {name}`"
    return f"{NO_NEWER}: run `costper sync {name}`, or look at the export at its provider"


def _waiting(found: SourceStanding) -> str:
    if not found.waiting:
        return ""
    files = plural(found.waiting, "file")
    return f"{files} changed since the last sync: run `costper sync {found.declared.name}`"
