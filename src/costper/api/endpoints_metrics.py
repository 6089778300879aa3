"""The endpoints of business metrics: what cost can be divided by, and one of them in depth."""

from __future__ import annotations

from costper.api.endpoint import DAYS, Endpoint, Shape, named, text_of
from costper.api.parameters import Given
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.metric import metric
from costper.pipeline.answer.metrics import metrics
from costper.store.books import Books

FACTS: dict[str, Shape] = {
    "metric": "text",
    "unit": "text",
    "kind": "text",
    "aggregation": "text",
    "grain": "text",
    "gaps": "text",
    "timezone": "text",
    "owner": "text",
    "source": "text",
    "first_day": "day",
    "last_day": "day",
    "settled_through": "day",
    "days_with_data": "count",
    "missing_days": "count",
    "dimensions": "rows",
    "restatements": "count",
}


def _ask_metrics(books: Books, frame: Frame, _given: Given) -> Answer:
    return metrics(books, frame)


def _ask_metric(books: Books, frame: Frame, given: Given) -> Answer:
    return metric(books, frame, text_of(given, "name"))


METRICS: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/metrics",
        name="metric_list",
        summary="The business metrics: what they count, how far they go, what is missing.",
        ask=_ask_metrics,
        columns={**FACTS, "first_holes": "texts"},
        parameters=(),
        paged=True,
    ),
    Endpoint(
        path="/api/v1/metrics/{name}",
        name="metric",
        summary="One metric in depth: its values, those that changed, holes, unmatched labels.",
        ask=_ask_metric,
        columns={
            **FACTS,
            "description": "text",
            "settle_days": "count",
            "recent": "rows",
            "holes": "rows",
            "unmatched": "rows",
            "restated": "rows",
        },
        parameters=(named("metric"), *DAYS),
    ),
)
