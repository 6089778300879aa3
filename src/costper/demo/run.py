"""Asks the books of the demo company everything the demo shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from costper.demo import ai_findings, findings
from costper.demo.company import LAST_MONTH, MONTHS, WORST_CUSTOMER
from costper.demo.findings import Finding
from costper.demo.proof import proofs
from costper.demo.trace import traced
from costper.pipeline.answer.anomalies import anomalies
from costper.pipeline.answer.cost import CostQuestion, cost
from costper.pipeline.answer.customers import customers
from costper.pipeline.answer.frame import Asked, frame_of
from costper.pipeline.answer.standing import standing
from costper.pipeline.answer.waste import waste
from costper.pipeline.explain import explain
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.ranked import ranked as ranked_calls
from costper.pipeline.llm.unknown import Queue, unknown
from costper.pipeline.llm.users import users
from costper.pipeline.llm.versions import prompt_versions
from costper.store.books import Books


def found(books: Books, *, now: datetime) -> Iterator[Finding]:
    """Ask the books everything the demo shows, one finding after the other."""
    asked = Asked(since=LAST_MONTH.start, until=LAST_MONTH.end)
    frame = frame_of(books, asked, now, standing(books))
    ranked = customers(frame)
    yield findings.spend(ranked, cost(frame, CostQuestion(by=("source",))))
    yield findings.loss_makers(ranked)
    yield from traced(
        "Cobalt Freight", explain(books, "customer", WORST_CUSTOMER, LAST_MONTH, rows=None)
    )
    yield findings.waste(waste(frame))
    yield findings.anomaly(anomalies(frame))
    yield from _of_calls(books, now)
    yield findings.coverage(ranked)
    yield findings.conserved(proofs(books, LAST_MONTH))


def _of_calls(books: Books, now: datetime) -> Iterator[Finding]:
    state = standing(books)
    frames = [
        (month.start, frame_of(books, Asked(since=month.start, until=month.end), now, state))
        for month in MONTHS
    ]
    yield ai_findings.features(ranked_calls(frames[-1][1], Chosen(), "feature"))
    yield ai_findings.users([(start, users(frame, Chosen())) for start, frame in frames])
    yield ai_findings.version(prompt_versions(frames[-1][1], Chosen()))
    yield ai_findings.unpriced(unknown(Queue(books=books, now=now), state))
