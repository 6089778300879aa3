"""Answers about the sources: all of them, one in depth, what was wrong, and the sync at work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from costper.errors import UnknownNameError
from costper.model.answer import Answer, Cell, Row
from costper.model.delivery import Delivery
from costper.model.instant import instant
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import Frame, Standing
from costper.pipeline.answer.metric_info import metric_info
from costper.pipeline.data_sources.calls import calls_standing
from costper.pipeline.data_sources.files import files_mark, local_paths, own_words
from costper.pipeline.data_sources.standing import STATUSES, SourceStanding, source_standings
from costper.store.activity import Step, Work
from costper.store.books import Books
from costper.store.deliveries import listed
from costper.store.measurement_deliveries import listed_measurements
from costper.store.syncs import SourceSync, last_syncs, sync_issues, syncs_mark, syncs_of

SHOWN = 24
"""So many deliveries and syncs are shown of one source, and issues; the rest is counted."""

FILES_SHOWN = 500
COSTS = ("billed_cost", "effective_cost")


def sources_mark(books: Books) -> str:
    """Name what the answers hang on besides the books: syncs, and files as they lie now."""
    return f"{syncs_mark(books.control)} {files_mark(books.settings)}"


def sources_answer(books: Books, frame: Frame) -> Answer:
    """List every source: the declared ones in their order, then LLM calls where there are any."""
    found = _every(books, frame)
    rows = [_row(one, books.settings.root) for one in found]
    counts = Counter(one.verdict.status for one in found)
    total: dict[str, Cell] = {"sources": len(found), **{name: counts[name] for name in STATUSES}}
    return _answer(books, frame.standing, {"noun": "sources"}, rows, total)


def source_answer(books: Books, frame: Frame, name: str) -> Answer:
    """Give one source in depth; UnknownNameError where there is none of this name."""
    found = _named(_every(books, frame), name)
    deliveries = _deliveries(books, found)
    issues = sync_issues(books.control, name)
    syncs = syncs_of(books.control, name)
    root = books.settings.root
    row: dict[str, Cell] = {
        **_row(found, root),
        "paths": local_paths(found.declared),
        "files": [
            {"file": it.origin, "bytes": it.size, "modified": instant(it.modified)}
            for it in found.files[:FILES_SHOWN]
        ],
        "deliveries": deliveries[:SHOWN],
        "deliveries_more": max(0, len(deliveries) - SHOWN),
        "syncs": [_synced(one) for one in syncs[:SHOWN]],
        "metrics": _metrics(books, frame, name),
        "issues": [_issue(issue, root) for issue in issues[:SHOWN]],
        "issues_more": max(0, len(issues) - SHOWN),
    }
    return _answer(books, frame.standing, {"noun": "source", "source": name}, [row], {})


def issues_answer(books: Books, frame: Frame, name: str) -> Answer:
    """List what the last sync of a source met, in the order of its files and rows."""
    found = _named(_every(books, frame), name)
    issues = sync_issues(books.control, name)
    counts = {severity: _count(issues, severity) for severity in ("error", "warning", "info")}
    total: dict[str, Cell] = {f"{severity}s": count for severity, count in counts.items()}
    question = {"noun": "source issues", "source": name, "at": instant(_at(found.last))}
    rows = [_issue(one, books.settings.root) for one in issues]
    return _answer(books, frame.standing, question, rows, total)


def sync_answer(books: Books, standing: Standing) -> Answer:
    """Say how far the sync is, or what came of the last one, source by source."""
    work = books.activity.work
    if work is None:
        return _remembered(books, standing)
    rows = [_step(step, work) for step in work.steps]
    total: dict[str, Cell] = {
        "state": work.state,
        "source": work.source,
        "stage": work.stage,
        "started_at": instant(work.started.isoformat()),
        "ended_at": instant(work.ended.isoformat()) if work.ended else "",
        "actor": work.actor,
        **_sums(work.steps),
    }
    return _answer(books, standing, {"noun": "sync"}, rows, total, work.issues)


def _remembered(books: Books, standing: Standing) -> Answer:
    """Tell of the last sync of an earlier process, as far as it was written down."""
    syncs = last_syncs(books.control)
    steps = [
        Step(
            source=one.source,
            state=one.outcome,
            rows=one.rows,
            changed=one.changed,
            errors=one.errors,
            warnings=one.warnings,
        )
        for one in syncs
    ]
    failed = any(step.state == "failed" for step in steps)
    total: dict[str, Cell] = {
        "state": ("failed" if failed else "ok") if syncs else "never",
        "source": "",
        "stage": "",
        "started_at": instant(syncs[0].at) if syncs else "",
        "ended_at": "",
        "actor": syncs[0].actor if syncs else "",
        **_sums(steps),
    }
    rows = [_step(step, None) for step in steps]
    return _answer(books, standing, {"noun": "sync"}, rows, total)


def _every(books: Books, frame: Frame) -> tuple[SourceStanding, ...]:
    return (*source_standings(books, frame.now), *calls_standing(books, frame.now))


def _named(found: Sequence[SourceStanding], name: str) -> SourceStanding:
    for one in found:
        if one.declared.name == name:
            return one
    raise UnknownNameError("source", name, [one.declared.name for one in found])


def _row(found: SourceStanding, root: Path) -> dict[str, Cell]:
    declared, last = found.declared, found.last
    return {
        "source": declared.name,
        "type": declared.type,
        "kind": "calls" if not declared.where else declared.kind,
        "declared": declared.where,
        "status": found.verdict.status,
        "reason": own_words(found.verdict.reason, root),
        "next_step": own_words(found.verdict.next_step, root),
        "cadence": found.cadence,
        "first_day": found.first_day,
        "newest_day": found.newest_day,
        "expected_day": found.expected_day,
        "synced_at": instant(found.synced_at),
        "last_sync_at": instant(_at(last)),
        "last_sync_by": last.actor if last else "",
        "last_sync": last.outcome if last else "",
        "rows": last.rows if last else 0,
        "totals": _totals(last.totals if last else {}),
        "errors": last.errors if last else 0,
        "warnings": last.warnings if last else 0,
        "uploads": bool(local_paths(declared)),
        "files_count": len(found.files),
        "files_waiting": found.waiting,
    }


def _at(last: SourceSync | None) -> str:
    return last.at if last else ""


def _totals(totals: Mapping[str, Mapping[str, Decimal]]) -> list[Row]:
    return [
        {"currency": currency, **{cost: costs.get(cost) for cost in COSTS}}
        for currency, costs in totals.items()
    ]


def _synced(sync: SourceSync) -> Row:
    return {
        "at": instant(sync.at),
        "by": sync.actor,
        "outcome": sync.outcome,
        "changed": sync.changed,
        "rows": sync.rows,
        "errors": sync.errors,
        "warnings": sync.warnings,
    }


def _issue(issue: Issue, root: Path) -> Row:
    """Give an issue with its file and row apart, where its place is a row of a file."""
    file, colon, row = issue.where.rpartition(":")
    placed = bool(colon) and row.isdecimal()
    return {
        "file": file if placed else "",
        "row": int(row) if placed else None,
        "where": own_words(issue.where, root),
        "severity": issue.severity,
        "code": issue.code,
        "message": own_words(issue.message, root),
        "hint": own_words(issue.hint, root),
        "count": issue.count,
    }


def _deliveries(books: Books, found: SourceStanding) -> list[Row]:
    """List what landed of a source, and what was refused, the newest first."""
    name = found.declared.name
    bills = sorted(
        listed(books.control, source=name),
        key=lambda one: (one.landed_at, one.delivery_id),
        reverse=True,
    )
    return [
        *(_bill(one) for one in bills),
        *(
            {
                "delivery": one["delivery_id"],
                "metric": one["metric"],
                "status": one["status"],
                "rows": one["rows"],
                "bad_rows": one["bad_rows"],
                "first_day": one["first_day"],
                "last_day": one["last_day"],
                "landed_at": instant(one["landed_at"]),
            }
            for one in listed_measurements(books.control, name)
        ),
    ]


def _bill(one: Delivery) -> Row:
    return {
        "delivery": one.delivery_id,
        "account": one.scope.account,
        "billing_period": f"{one.scope.billing_period:%Y-%m}",
        "status": one.status,
        "rows": one.rows,
        "bad_rows": one.bad_rows,
        "set_aside": one.set_aside,
        "first_day": one.first_day,
        "last_day": one.last_day,
        "landed_at": instant(one.landed_at),
        "reason": one.reason,
        "files": len(set(one.files)),
        "totals": _totals(one.totals),
    }


def _metrics(books: Books, frame: Frame, name: str) -> list[Row]:
    return [
        {
            "metric": one.name,
            "unit": one.setting.unit,
            "first_day": one.first_day,
            "last_day": one.last_day,
            "days": one.days,
        }
        for one in metric_info(books, frame.now)
        if (one.setting.source or one.name) == name
    ]


def _step(step: Step, work: Work | None) -> Row:
    return {
        "source": step.source,
        "state": step.state,
        "stage": work.stage if work and work.source == step.source else "",
        "rows": step.rows,
        "changed": step.changed,
        "errors": step.errors,
        "warnings": step.warnings,
    }


def _sums(steps: Iterable[Step]) -> dict[str, Cell]:
    each = tuple(steps)
    return {
        "sources": len(each),
        "sources_done": sum(step.state in {"ok", "failed"} for step in each),
        "rows": sum(step.rows for step in each),
        "errors": sum(step.errors for step in each),
        "warnings": sum(step.warnings for step in each),
    }


def _count(issues: Sequence[Issue], severity: str) -> int:
    return sum(issue.count for issue in issues if issue.severity == severity)


def _answer(
    books: Books,
    standing: Standing,
    question: Row,
    rows: Sequence[Row],
    total: Row,
    issues: tuple[Issue, ...] = (),
) -> Answer:
    return Answer(
        question=question,
        rows=rows,
        total=total,
        currency=books.settings.currency,
        as_of=standing.as_of,
        settled_through=None,
        estimated=False,
        coverage=None,
        issues=issues,
    )
