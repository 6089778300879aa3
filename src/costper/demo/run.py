"""Takes the demo company's files into its books the ordinary way, then asks the books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from costper.demo import findings
from costper.demo.company import LAST_MONTH
from costper.demo.findings import Finding
from costper.demo.proof import proofs
from costper.pipeline.allocate import apply
from costper.pipeline.answer.anomalies import anomalies
from costper.pipeline.answer.customers import customers
from costper.pipeline.answer.frame import Asked, frame_of
from costper.pipeline.answer.standing import standing
from costper.pipeline.answer.waste import waste
from costper.pipeline.sync import SyncReport, sync
from costper.store.books import Books

Tell = Callable[[str], object]


def keep(books: Books, *, now: datetime, tell: Tell) -> SyncReport:
    """Sync every source and allocate what changed; both do nothing the second time."""
    report = sync(books, now=now, progress=tell)
    apply(books, now=now, progress=tell)
    return report


def found(books: Books, *, now: datetime) -> Iterator[Finding]:
    """Ask the books everything the demo shows, one finding after the other."""
    asked = Asked(since=LAST_MONTH.start, until=LAST_MONTH.end)
    frame = frame_of(books, asked, now, standing(books))
    ranked = customers(frame)
    yield findings.spend(ranked)
    yield findings.loss_makers(ranked)
    yield findings.waste(waste(frame))
    yield findings.anomaly(anomalies(frame))
    yield findings.coverage(ranked)
    yield findings.conserved(proofs(books, LAST_MONTH))
