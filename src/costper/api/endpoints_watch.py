"""The endpoints of what is watched: unusual days, incidents, forecasts."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from costper.api.endpoint import DAYS, Endpoint, Shape, text_of
from costper.api.parameters import Given, Parameter
from costper.model.answer import Answer
from costper.pipeline.answer.anomalies import anomalies
from costper.pipeline.answer.forecast import DAYS as DAYS_AHEAD
from costper.pipeline.answer.forecast import LONGEST, forecasts
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.incident import incident
from costper.pipeline.answer.incidents import incident_list
from costper.pipeline.answer.watched import Watch
from costper.store.books import Books
from costper.store.feedback import all_feedback
from costper.watch.anomaly import Method
from costper.watch.limits import MINIMUM

WATCHED = (
    Parameter(name="scope", kind="text", summary="A dimension to watch, else all."),
    Parameter(name="min", kind="amount", summary="The least deviation, else 50."),
    Parameter(
        name="method",
        kind="text",
        choices=("mean", "z"),
        summary="How days are scored: by the mean of two scores, or by the plain z alone.",
    ),
    Parameter(
        name="all",
        kind="text",
        choices=("true", "false"),
        summary="Whether those called expected are listed as well.",
    ),
)
JUDGED: dict[str, Shape] = {
    "kind": "text",
    "severity": "text",
    "score": "amount",
    "cost": "amount",
    "judged": "amount",
    "expected": "amount",
    "expected_low": "amount",
    "expected_high": "amount",
    "deviation": "amount",
    "top_contributor": "text",
    "contributors": "rows",
    "direction": "text",
    "z": "amount",
}


def watch_of(books: Books, given: Given) -> Watch:
    """Say what to watch and how, with what people said of incidents."""
    scope, least = text_of(given, "scope"), given.get("min")
    return Watch(
        scopes=(scope,) if scope else (),
        minimum=least if isinstance(least, Decimal) else MINIMUM,
        method=cast("Method", text_of(given, "method") or "mean"),
        feedback=all_feedback(books.control),
    )


def _ask_anomalies(books: Books, frame: Frame, given: Given) -> Answer:
    everything = text_of(given, "all") == "true"
    return anomalies(frame, watch_of(books, given), everything=everything)


def _ask_incidents(books: Books, frame: Frame, given: Given) -> Answer:
    everything = text_of(given, "all") == "true"
    severity = text_of(given, "severity")
    return incident_list(frame, watch_of(books, given), everything=everything, severity=severity)


def _ask_incident(books: Books, frame: Frame, given: Given) -> Answer:
    return incident(frame, text_of(given, "id"), watch_of(books, given))


def _ask_forecast(books: Books, frame: Frame, given: Given) -> Answer:
    days, budget = given.get("days"), given.get("budget")
    return forecasts(
        frame,
        by=text_of(given, "by"),
        days=days if isinstance(days, int) else DAYS_AHEAD,
        budget=budget if isinstance(budget, Decimal) else None,
        feedback=all_feedback(books.control),
    )


WATCH: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/costs/anomalies",
        name="anomalies",
        summary="Settled days that cost far more or less than the days before promise.",
        ask=_ask_anomalies,
        columns={"day": "day", "scope": "text", "name": "text", **JUDGED, "incident": "text"},
        parameters=(*DAYS, *WATCHED),
        paged=True,
    ),
    Endpoint(
        path="/api/v1/incidents",
        name="incidents",
        summary="What happened: unusual days in a row as one incident each, dearest first.",
        ask=_ask_incidents,
        columns={
            "incident": "text",
            "scope": "text",
            "name": "text",
            "kind": "text",
            "severity": "text",
            "direction": "text",
            "start": "day",
            "end": "day",
            "days": "count",
            "impact": "amount",
            "judged": "amount",
            "expected": "amount",
            "cost": "amount",
            "worst_day": "day",
            "expected_low": "amount",
            "expected_high": "amount",
            "top_contributor": "text",
            "contributors": "rows",
            "echoes": "texts",
            "verdict": "text",
            "note": "text",
            "by": "text",
            "said_at": "text",
            "said_before": "text",
        },
        parameters=(
            *DAYS,
            *WATCHED,
            Parameter(
                name="severity",
                kind="text",
                choices=("critical", "warning"),
                summary="Only those of this severity.",
            ),
        ),
        paged=True,
    ),
    Endpoint(
        path="/api/v1/incidents/{id}",
        name="incident",
        summary="One incident's days; the total is the whole of it.",
        ask=_ask_incident,
        columns={"day": "day", **JUDGED},
        parameters=(
            Parameter(name="id", kind="text", place="path", summary="The incident."),
            *WATCHED[1:3],
        ),
    ),
    Endpoint(
        path="/api/v1/forecast",
        name="forecast",
        summary="What the days to come will cost; the total says where the month lands.",
        ask=_ask_forecast,
        columns={"forecast": "amount", "forecast_low": "amount", "forecast_high": "amount"},
        parameters=(
            Parameter(name="by", kind="text", summary="A dimension such as team."),
            Parameter(
                name="days",
                kind="count",
                least=1,
                most=LONGEST,
                summary=f"How many, else {DAYS_AHEAD}.",
            ),
            Parameter(name="budget", kind="amount", summary="Of the month: when is it used up?"),
        ),
        paged=True,
    ),
)
