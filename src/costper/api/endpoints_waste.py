"""The endpoints about what runs while nobody works."""

from __future__ import annotations

from costper.api.endpoint import DAYS, Endpoint, text_of
from costper.api.parameters import Given, Parameter
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.waste import waste
from costper.pipeline.answer.waste_hours import waste_hours
from costper.store.books import Books


def _ask_waste(_books: Books, frame: Frame, _given: Given) -> Answer:
    return waste(frame)


def _ask_hours(_books: Books, frame: Frame, given: Given) -> Answer:
    return waste_hours(frame, text_of(given, "environment"))


WASTE: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/costs/waste",
        name="waste",
        summary="What non-production costs out of working hours, and what a schedule saves.",
        ask=_ask_waste,
        columns={
            "environment": "text",
            "cost": "amount",
            "idle_cost": "amount",
            "idle_percent": "amount",
            "estimated_cost": "amount",
            "monthly_saving": "amount",
            "left": "amount",
            "schedule": "text",
            "services": "rows",
        },
    ),
    Endpoint(
        path="/api/v1/costs/waste/hours",
        name="waste_hours",
        summary="What non-production costs at each of the 168 hours of a week, Monday 0:00 first.",
        ask=_ask_hours,
        columns={
            "weekday": "text",
            "hour": "count",
            "cost": "amount",
            "average_cost": "amount",
        },
        parameters=(
            *DAYS,
            Parameter(name="environment", kind="text", summary="One of them; all if left out."),
        ),
    ),
)
