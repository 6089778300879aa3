"""Environments: what each costs, the hours nobody works, and what a schedule would save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from costper.charts.heatmap import Heatmap, Outline
from costper.charts.heatmap import draw as heatmap
from costper.web.drawn import drawn
from costper.web.figures import money, spark
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days
from costper.web.table import marked
from costper.web.told import Row, Told, amount, items, rows, text

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = 24
WIDEST = 760
SCHEDULE = "nights_and_weekends"


def asks(seen: Seen) -> Asks:
    """Ask for the environments, and what they waste."""
    days = asked_days(seen.url)
    one = seen.url.get("environment")
    return {
        "ranked": Ask(path="/api/v1/costs/environments", params={**days, "limit": "100"}),
        "waste": Ask(path="/api/v1/costs/waste", params=days),
        "savings": Ask(path="/api/v1/savings", params={**days, "limit": "1000"}),
        "hours": Ask(
            path="/api/v1/costs/waste/hours",
            params={**days, **({"environment": one} if one else {})},
        ),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw the week, hour by hour."""
    hours = told["hours"]
    wasted = {text(row, "environment"): row for row in told["waste"].rows}
    return {
        "rows": [
            {
                **row,
                "spark": spark(items(row, "daily")),
                "waste": wasted.get(text(row, "environment")),
            }
            for row in told["ranked"].rows
        ],
        "chart": drawn(heatmap(_week(hours, min(seen.width, WIDEST)))) if _any(hours) else None,
        "one": seen.url.get("environment"),
        "dismissed": _dismissed(told),
    }


def _dismissed(told: Answers) -> Mapping[str, Row]:
    """Give the environments whose schedule somebody dismissed, with the finding."""
    found = told["savings"].rows if "savings" in told and told["savings"].ok else ()
    return {
        text(it, "environment"): it
        for it in found
        if text(it, "kind") == SCHEDULE and text(it, "dismissed")
    }


def table(seen: Seen, told: Answers) -> Sequence[Row]:
    """Give the environments with what a schedule would save, and that service by service."""
    waste = told["waste"].rows if told["waste"].ok else ()
    saves = {text(it, "environment"): it.get("monthly_saving") for it in waste}
    one = seen.url.get("environment")
    ranked = (
        {**it, "monthly_saving": saves.get(text(it, "environment"))} for it in told["ranked"].rows
    )
    services = (
        {"environment": text(it, "environment"), "schedule": text(it, "schedule"), **service}
        for it in waste
        if one in {"", text(it, "environment")}
        for service in rows(it, "services")
    )
    return (
        *marked("environments", ranked, told["ranked"].currency),
        *marked("schedule", services, told["waste"].currency),
    )


def _any(hours: Told) -> bool:
    return hours.ok and any(amount(row, "cost") for row in hours.rows)


def _week(hours: Told, width: int) -> Heatmap:
    cells = {(text(row, "weekday"), row.get("hour")): row for row in hours.rows}
    return Heatmap(
        id="week",
        title="Cost by hour of the week",
        description="Non-production cost of an average hour, by weekday; outlined: working hours",
        rows=tuple(day.capitalize() for day in WEEKDAYS),
        columns=tuple(f"{hour:02d}:00" for hour in range(HOURS)),
        values=tuple(
            tuple(amount(cells.get((day, hour), {}), "average_cost") for hour in range(HOURS))
            for day in WEEKDAYS
        ),
        unit=money(hours.currency),
        outlines=_worked(cells),
        width=width,
    )


def _worked(cells: Mapping[tuple[str, object], Row]) -> tuple[Outline, ...]:
    """Outline working hours, where they are the same on days that follow each other."""
    days = [
        at
        for at, day in enumerate(WEEKDAYS)
        if any(cells.get((day, hour), {}).get("working") for hour in range(HOURS))
    ]
    open_hours = [
        hour
        for hour in range(HOURS)
        if any(cells.get((day, hour), {}).get("working") for day in WEEKDAYS)
    ]
    if not days or not open_hours or days != list(range(days[0], days[-1] + 1)):
        return ()
    first, last = open_hours[0], open_hours[-1] + 1
    name = f"working hours, {first:02d}:00 to {last:02d}:00"
    return (Outline(rows=(days[0], days[-1] + 1), columns=(first, last), name=name),)


ENVIRONMENTS = Page(
    name="environments",
    path="/environments",
    title="Environments",
    template="environments.html",
    asks=asks,
    show=show,
    needs=("ranked",),
    section="environments",
    once="A bill by the hour says what runs while nobody works, and what a schedule would save.",
    csv="ranked",
    table=table,
)
