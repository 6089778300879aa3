"""Pull every declared source into the books; one that fails does not stop the others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from costper.config.settings import Declared
from costper.errors import SourceError, UnknownNameError, UserError
from costper.model.call import CALLS
from costper.model.customer import CustomerFact, Rate
from costper.model.delivery import RawBill
from costper.model.outcome import Issue, Outcome
from costper.model.period import Period
from costper.pipeline.calls.charges import CallsLanded, landed_calls
from costper.pipeline.customer_words import in_words
from costper.pipeline.local_files import local_files
from costper.pipeline.metric_refresh import Refreshed, refresh_metrics
from costper.pipeline.sync_record import step_of, sync_of
from costper.pipeline.workdir import workdir
from costper.sources import source_of
from costper.sources.base import RawMeasurements, Readable, ReadContext
from costper.store.activity import Step
from costper.store.books import Books
from costper.store.deliveries import spoken
from costper.store.facts import land_customers, land_rates
from costper.store.land import land_bill
from costper.store.landing import Landing
from costper.store.measured import Series, SeriesLanding, land_series
from costper.store.syncs import SourceSync, remember_syncs

KEPT = "fetched"
"""The folder of the books in which sources keep what they fetched; it may be deleted."""

Progress = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What came of one source: its bills, its series, or how many facts it lists.

    `files` are the marks of its local files, as they were before they were read.
    """

    name: str
    type: str
    kind: str
    bills: tuple[Landing, ...] = ()
    series: tuple[SeriesLanding, ...] = ()
    facts: int = 0
    changed: bool = False
    issues: tuple[Issue, ...] = ()
    files: frozenset[str] = frozenset()

    @property
    def every_issue(self) -> tuple[Issue, ...]:
        """The issues of reading, then those of landing."""
        bills = (issue for bill in self.bills for issue in bill.issues)
        series = (issue for one in self.series for issue in one.issues)
        return (*self.issues, *bills, *series)

    @property
    def step(self) -> Step:
        """What came of it, in numbers."""
        step = step_of(self.name, self.bills, self.series, self.facts, self.every_issue)
        return replace(step, changed=self.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What came of a sync: sources in the order of costper.yaml, then calls, then metrics."""

    sources: tuple[SourceReport, ...]
    calls: CallsLanded = field(default_factory=CallsLanded)
    metrics: Refreshed = field(default_factory=Refreshed)

    @property
    def failed(self) -> bool:
        """True when any issue is an error."""
        every = [issue for source in self.sources for issue in source.every_issue]
        every += [*self.calls.issues, *self.metrics.issues]
        return any(issue.severity == "error" for issue in every)


def sync(
    books: Books,
    *,
    now: datetime,
    names: Collection[str] = (),
    window: Period | None = None,
    progress: Progress = str.strip,
    force: bool = False,
) -> SyncReport:
    """Read and land the declared sources, or those named; what came of each is remembered.

    Raises UnknownNameError for a name nobody declared, BusyError while another sync runs,
    BooksError when the books cannot be written, StoppedError when the process is about to end.
    """
    declared = chosen(books, names)
    words = heard(books, progress)
    pull = _Pull(books, now, window, words, force)
    with (
        books.activity.working([it.name for it in declared], actor="cli", now=now) as actor,
        books.activity.alone(words),
    ):
        with workdir(books) as work:
            _forget_undeclared(books)
            sources = _every(declared, work, pull, actor)
            (work / "calls").mkdir()
            calls = landed_calls(books, work / "calls", now=now, progress=words)
        _remember_calls(books, calls, actor, now)
        metrics = refresh_metrics(books, progress=words)
        return SyncReport(sources=sources, calls=calls, metrics=metrics)


def heard(books: Books, progress: Progress) -> Progress:
    """Give a progress that the books' activity hears first."""

    def tell(text: str) -> None:
        books.activity.tell(text)
        progress(text)

    return tell


def _every(
    declared: Sequence[Declared], work: Path, pull: _Pull, actor: str
) -> tuple[SourceReport, ...]:
    """Pull source by source; what came of those that were pulled is remembered in any case."""
    reports: list[SourceReport] = []
    try:
        for place, one in enumerate(declared):
            pull.books.activity.at(one.name)
            report = _pulled(one, work / f"{place:03}", pull)
            reports.append(report)
            pull.books.activity.done(report.step)
    finally:
        synced = [
            replace(sync_of(it.step, it.bills, it.every_issue), files=it.files) for it in reports
        ]
        _remember(pull.books, synced, actor, pull.now)
    return tuple(reports)


def _remember_calls(books: Books, calls: CallsLanded, actor: str, now: datetime) -> None:
    """Remember calls like a source, where they changed anything."""
    if calls.months or calls.issues:
        step = step_of(CALLS, calls.bills, calls.series, 0, calls.issues)
        step = replace(step, changed=bool(calls.months))
        _remember(books, [sync_of(step, calls.bills, calls.issues)], actor, now)


def _remember(books: Books, synced: Sequence[SourceSync], actor: str, now: datetime) -> None:
    at = now.isoformat()
    remember_syncs(books.control, [replace(one, at=at, actor=actor) for one in synced])


@dataclass(frozen=True, slots=True)
class _Pull:
    """What all sources of one sync share."""

    books: Books
    now: datetime
    window: Period | None
    progress: Progress
    force: bool


def chosen(books: Books, names: Collection[str]) -> Sequence[Declared]:
    """Give the declared sources of these names, all for none; UnknownNameError for another."""
    declared = books.settings.declared()
    known = [one.name for one in declared]
    for name in names:
        if name not in known:
            raise UnknownNameError("source", name, known, where=str(books.settings.path))
    return [one for one in declared if not names or one.name in names]


def _forget_undeclared(books: Books) -> None:
    """Drop the kept copies of sources that are declared no more."""
    declared = {one.name for one in books.settings.declared()}
    for folder in (books.settings.store_path / KEPT).glob("*"):
        if folder.name not in declared:
            shutil.rmtree(folder, ignore_errors=True)


def _pulled(declared: Declared, folder: Path, pull: _Pull) -> SourceReport:
    """Read and land one source; whatever fails is an issue of it."""
    lying = local_files(pull.books.settings, declared, pull.now)
    report = SourceReport(
        name=declared.name,
        type=declared.type,
        kind=declared.kind,
        files=frozenset(it.mark for it in lying),
    )
    folder.mkdir()
    pull.progress(f"{declared.name}: reading")
    try:
        outcome = _read(declared, folder, pull)
        report = replace(report, issues=outcome.issues)
        return _landed(report, outcome, pull)
    except (SourceError, UserError) as error:
        return replace(report, issues=(*report.issues, _failed(declared.name, error)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(declared: Declared, folder: Path, pull: _Pull) -> Outcome[Readable]:
    settings = pull.books.settings
    context = ReadContext(
        source=declared.name,
        where=declared.where,
        root=settings.root,
        workdir=folder,
        now=pull.now,
        currency=settings.currency,
        window=pull.window,
        kept=settings.store_path / KEPT / declared.name,
        progress=pull.progress,
    )
    found: Outcome[Readable] = source_of(declared.type, declared.kind).read(
        declared.settings, context
    )
    return found


def _landed(report: SourceReport, outcome: Outcome[Readable], pull: _Pull) -> SourceReport:
    if report.kind in {"customers", "rates"}:
        return _with_facts(report, outcome, pull)
    for item in outcome.items:
        try:
            if isinstance(item, RawBill):
                report = _with_bill(report, item, pull)
            elif isinstance(item, RawMeasurements):
                report = _with_series(report, item, pull)
        except SourceError as error:
            report = replace(report, issues=(*report.issues, _failed(report.name, error)))
    return report


def _with_bill(report: SourceReport, bill: RawBill, pull: _Pull) -> SourceReport:
    rows = sum(part.rows for part in bill.parts)
    pull.progress(f"{report.name}: landing {rows:,} rows")
    before = sum(one.rows for one in report.bills)
    pull.books.activity.read(report.name, before + rows)
    landing = land_bill(pull.books, report.name, bill, now=pull.now, forced=pull.force)
    twice = _twice(report, landing)
    changed = report.changed or landing.landed > 0
    issues = (*report.issues, *twice)
    return replace(report, bills=(*report.bills, landing), changed=changed, issues=issues)


def _twice(report: SourceReport, landing: Landing) -> Iterator[Issue]:
    """Tell of a scope that two bills of one sync both claim to be the whole of."""
    before = {
        scope.delivery.scope
        for bill in report.bills
        for scope in bill.scopes
        if scope.fate in {"landed", "replaced"} and scope.delivery.mode == "overwrite"
    }
    for scope in landing.scopes:
        if scope.fate == "replaced" and scope.delivery.scope in before:
            yield Issue(
                code="delivered_twice",
                message="two bills of this sync hold the same account and period; the last counts",
                where=spoken(scope.delivery.scope),
                hint="leave one of them out of the source's path",
            )


def _with_series(report: SourceReport, raw: RawMeasurements, pull: _Pull) -> SourceReport:
    pull.progress(f"{report.name}: landing {raw.metric}")
    pull.books.activity.read(report.name, sum(part.rows for part in raw.parts))
    series = Series(
        source=report.name,
        metric=raw.metric,
        parts=raw.parts,
        projection=raw.projection,
        written=raw.written,
    )
    landing = land_series(pull.books, series, now=pull.now)
    changed = report.changed or landing.landed > 0
    return replace(report, series=(*report.series, landing), changed=changed)


def _with_facts(report: SourceReport, outcome: Outcome[Readable], pull: _Pull) -> SourceReport:
    """An unreadable list is no reason to forget the one before."""
    if not outcome.items:
        return report
    if report.kind == "customers":
        facts = [fact for fact in outcome.items if isinstance(fact, CustomerFact)]
        [customer] = [one for one in pull.books.settings.dimensions if one.name == "customer"]
        known = in_words(facts, customer, report.name)
        report = replace(report, issues=(*report.issues, *known.issues))
        changed = land_customers(pull.books, report.name, known.items)
    else:
        changed = land_rates(pull.books, [rate for rate in outcome.items if isinstance(rate, Rate)])
    return replace(report, facts=len(outcome.items), changed=changed)


def _failed(source: str, error: SourceError | UserError) -> Issue:
    return Issue(
        code="source_failed", message=error.message, where=error.where or source, hint=error.hint
    )
