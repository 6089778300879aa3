"""Which business metrics there are, how far their data goes, and what is missing in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from costper.economics.calendar import bucket_of
from costper.model.answer import Answer, Cell, Row
from costper.model.call import CALLS
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import Frame, Readable
from costper.pipeline.answer.metric_info import MetricInfo, metric_info
from costper.pipeline.answer.select import Select
from costper.pipeline.metric_refresh import metric_fingerprints
from costper.store.books import Books

MART = "metric_daily"
HOLES_SHOWN = 5
ONE_DAY = timedelta(days=1)


def metrics(books: Books, frame: Frame) -> Answer:
    """List the metrics in the order of costper.yaml: what they count, and how far they go."""
    infos = metric_info(frame.books, frame.now)
    days = days_of(frame.books)
    labels = _labels(frame.books)
    rows: tuple[Row, ...] = tuple(
        {
            **facts_row(one),
            "days_with_data": one.days,
            **missing(one, days.get(one.name, ())),
            "dimensions": tuple(
                {"dimension": name, "values": labels[one.name, name]} for name in one.dimensions
            ),
            "restatements": one.restated,
        }
        for one in infos
    )
    issues = tuple(issue for one in infos for issue in metric_issues(books, one))
    settled = [one.settled_through for one in infos if one.settled_through is not None]
    return metric_answer(
        frame, {"noun": "metrics"}, rows, issues, settled=min(settled, default=None)
    )


def facts_row(info: MetricInfo) -> dict[str, Cell]:
    """Give the cells that say what a metric is."""
    said = info.setting
    return {
        "metric": info.name,
        "unit": said.unit,
        "kind": said.kind,
        "aggregation": said.aggregation,
        "grain": said.grain,
        "gaps": said.gaps,
        "timezone": info.timezone,
        "owner": said.owner,
        "source": said.source or said.name,
        "first_day": info.first_day,
        "last_day": info.last_day,
        "settled_through": info.settled_through,
    }


def missing(info: MetricInfo, held: tuple[date, ...]) -> dict[str, Cell]:
    """Give how many settled days (weeks, months) have no row, and the first of them."""
    holes = tuple(holes_in(info, held))
    return {"missing_days": len(holes), "first_holes": holes[:HOLES_SHOWN]}


def holes_in(info: MetricInfo, held: tuple[date, ...]) -> Iterator[date]:
    """Give every settled bucket without a row between the first and the last with one."""
    if info.first_day is None or info.settled_through is None:
        return
    known, at = frozenset(held), info.first_day
    while at <= info.settled_through:
        if at not in known:
            yield at
        at = bucket_of(at, info.setting.grain).end


def days_of(books: Readable) -> Mapping[str, tuple[date, ...]]:
    """Give the days (first days of weeks, months) each metric has data of, in order."""
    columns = {"metric": "metric", "day": "day"}
    select = Select(columns=columns, table=MART, group=("metric", "day"), order=("metric", "day"))
    found: dict[str, list[date]] = {}
    for row in books.marts.query(select.text()).to_pylist():
        found.setdefault(row["metric"], []).append(row["day"])
    return {metric: tuple(days) for metric, days in found.items()}


def metric_issues(books: Books, info: MetricInfo) -> Iterator[Issue]:
    """Say what keeps a metric from being divided by."""
    if not info.kept:
        yield Issue(
            code="metric_not_read",
            message="the books do not hold it yet",
            where=f"metrics.{info.name}",
            severity="warning",
            hint="run `costper sync`",
        )
    elif info.fingerprint != metric_fingerprints(books)[info.name]:
        yield Issue(
            code="metric_stale",
            message="its settings, words or measurements changed since it was written",
            where=f"metrics.{info.name}",
            severity="warning",
            hint="run `costper sync`",
        )
    elif info.first_day is None and info.setting.source != CALLS:  # who has no calls knows
        yield Issue(
            code="metric_without_data",
            message="nothing was measured so far",
            where=f"metrics.{info.name}",
            severity="warning",
            hint=f"run `costper sync {info.setting.source or info.name}` and see what it says",
        )
    if info.crowded and (not info.combine or info.setting.grain != "day"):
        why = f"a {info.setting.grain} has one value" if info.combine else "they do not add up"
        yield Issue(
            code="not_additive",
            message=f"several values of the same {info.setting.grain} and words: {why}",
            where=f"metrics.{info.name}",
            severity="warning",
            hint="give each its own dimension, or one row only",
            count=info.crowded,
        )


def metric_answer(
    frame: Frame,
    question: Row,
    rows: tuple[Row, ...],
    issues: tuple[Issue, ...],
    *,
    settled: date | None,
    estimated: bool = False,
) -> Answer:
    """Put rows in their envelope: what is said of cost says nothing of a metric."""
    return Answer(
        question=question,
        rows=rows,
        total={"metrics": len(rows)} if question.get("noun") == "metrics" else {},
        currency=frame.rates.home,
        as_of=frame.standing.as_of,
        settled_through=settled,
        estimated=estimated,
        coverage=None,
        issues=issues,
    )


def _labels(books: Readable) -> Counter[tuple[str, str]]:
    """Count the values each metric has of each dimension it is by."""
    names = books.settings.dimension_names
    select = Select(
        columns={
            "metric": "metric",
            **{name: f"count(DISTINCT {quoted(f'dim_{name}')})" for name in names},
        },
        table=MART,
        group=("metric",),
    )
    found: Counter[tuple[str, str]] = Counter()
    for row in books.marts.query(select.text()).to_pylist():
        for name in names:
            found[row["metric"], name] = row[name]
    return found
