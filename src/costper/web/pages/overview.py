"""The first page: whether growth makes the company more or less profitable, in five seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from costper.charts.data import Chart, Pane, Series
from costper.web.chosen import chosen_metric
from costper.web.figures import (
    column,
    days_of,
    estimated_days,
    keyed,
    line,
    marked,
    money,
)
from costper.web.missing import missing
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.pages.incidents import unjudged
from costper.web.period import asked_days, covered, same_days, within
from costper.web.told import NO_ROW, Row, Told, day, rows, text
from costper.web.url import Url

CUSTOMERS = "/api/v1/costs/customers"
FORMULA = "b / (a / 1000)"
COMPARE = "weekday"
"""All of the page is compared with the same weekdays: 21 working days are no 22."""

BEFORE = "against the same weekdays before"
WEEK = 7
SENSE = {"drifting": "bad", "scaling_well": "good"}


def asks(seen: Seen) -> Asks:
    """Ask how everything stands."""
    days = asked_days(seen.url)
    return {
        "customers": Ask(path=CUSTOMERS, params={**days, "limit": "5"}),
        "services": Ask(path="/api/v1/costs/services", params={**days, "limit": "6"}),
        "incidents": Ask(path="/api/v1/incidents", params={**days, "limit": "5"}),
        "books": Ask(path="/api/v1/allocation", params=days),
        "metrics": Ask(path="/api/v1/metrics", params={"limit": "200"}),
        "unpriced": Ask(path="/api/v1/llm/unpriced", params={"limit": "1"}),
    }


def then(seen: Seen, told: Answers) -> Asks:
    """Ask for the cost per user day by day, of the very days the other answers are about."""
    question, metric = told["customers"].question, chosen_metric(told["metrics"])
    shown = same_days(question)
    tomorrow = (seen.now + timedelta(days=1)).date().isoformat()
    happened = {
        "annotations": Ask(path="/api/v1/annotations", params=shown),
        "verdicts": Ask(path="/api/v1/verdict", params={**shown, "compare": COMPARE}),
        # What is unusual is not left to settle first: up to now, unless the reader chose days.
        "spikes": Ask(
            path="/api/v1/llm/spikes",
            params=shown if seen.url.get("to") else {**shown, "to": tomorrow},
        ),
    }
    if isinstance(told["customers"].total.get("previous_cost"), str):
        happened["earlier"] = Ask(path=CUSTOMERS, params=_days_before(question) | {"limit": "1"})
    if not metric or not told["customers"].rows:
        return happened
    body = {
        "letters": {"a": f"metric {metric}", "b": "cost"},
        "formula": FORMULA,
        "grain": "day",
        "compare": COMPARE,
        **same_days(question),
    }
    return {"unit": Ask(path="/api/v1/query", body=body), **happened}


def _days_before(question: Row) -> dict[str, str]:
    """Give the same weekdays before those of an answer; the days just before where it is odd."""
    first, end = day(question, "from"), day(question, "to")
    if first is None or end is None:
        return {"from": text(question, "previous_from"), "to": text(question, "from")}
    back = timedelta(days=-(-(end - first).days // WEEK) * WEEK)
    return {"from": f"{first - back}", "to": f"{end - back}"}


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw cost against users, and choose what is said about them."""
    unit, name = told.get("unit"), chosen_metric(told["metrics"])
    metric = next((it for it in told["metrics"].rows if text(it, "metric") == name), NO_ROW)
    units = f"{text(metric, 'unit') or 'unit'}s"
    chart = None
    if unit is not None and unit.ok:
        chart = _chart(unit, told["annotations"], units.capitalize(), seen.width)
    verdicts = [
        {**row, "sense": SENSE.get(text(row, "verdict"), ""), "against": _against(row, unit)}
        for row in told["verdicts"].rows
    ]
    question = (unit or told["customers"]).question
    return {
        "empty": is_empty(told),
        "missing": tuple(missing(told.get("sources"), told["metrics"])),
        "earlier": told["earlier"].total if "earlier" in told and told["earlier"].ok else {},
        "unit": unit if unit is not None and unit.ok else None,
        "metric": metric,
        "units": units,
        "lead": next((it for it in verdicts if text(it, "metric") == name), NO_ROW),
        "verdicts": verdicts,
        "before": BEFORE,
        "within": within(question),
        "per_user": str(_explored(seen, ("a", f"metric {name}"), ("b", "cost"), ("f", FORMULA))),
        "users_by_day": str(_explored(seen, ("a", f"metric {name}"))),
        "chart": None if chart is None else keyed(chart, seen.url),
        "losing": tuple(_losing(told["customers"].rows)),
        "young": unjudged(told["incidents"].total) if told["incidents"].ok else "",
        "balanced": _balanced(told["books"].first),
    }


def _explored(seen: Seen, *asked: tuple[str, str]) -> Url:
    """Give the address in the Explorer of a question about the days of the page."""
    return Url("/explorer", (*asked, *asked_days(seen.url).items()))


def _against(row: Row, unit: Told | None) -> str:
    """Say what a verdict compares, with the days where they are not those of the page."""
    before = {"from": text(row, "compared_from"), "to": text(row, "compared_to")}
    if unit is not None and before == _compared(unit.question):
        return BEFORE
    return f"{covered(row)} against {covered(before)}" if covered(before) else ""


def _compared(question: Row) -> dict[str, str]:
    return {"from": text(question, "compared_from"), "to": text(question, "compared_to")}


def is_empty(told: Answers) -> bool:
    """Say whether nothing has come in yet: then the page greets."""
    customers = told["customers"]
    return not text(customers.body, "as_of") or not (
        customers.rows or told["services"].rows or told["metrics"].rows
    )


def _balanced(books: Row) -> object:
    """Say whether the days balance; None where there is none that could."""
    return books.get("balanced") if rows(books, "conservation") else None


def _losing(customers: Sequence[Row]) -> Iterator[Row]:
    return (row for row in customers if text(row, "margin").startswith("-"))


def _chart(unit: Told, annotations: Told, units: str, width: int) -> Chart:
    days = days_of(unit.rows)
    cost = Series(
        key="b", name="Cost", values=column(unit.rows, days, "b"), tone="quiet", mark="bars"
    )
    users = Series(
        key="a",
        name=units,
        values=column(unit.rows, days, "a"),
        tone="second",
        side="right",
    )
    per = line(
        "result",
        f"Cost per 1k {units.lower()} a day",
        column(unit.rows, days, "result"),
        "accent",
        ends=True,
    )
    return Chart(
        id="unit",
        title="Cost, users and cost per thousand users",
        description="Cost and users by day above, cost per thousand users below",
        buckets=days,
        panes=(
            Pane(series=(cost, users), unit=money(unit.currency)),
            Pane(series=(per,), unit=money(unit.currency), height=110),
        ),
        events=tuple(marked(annotations.rows, days)),
        estimated=estimated_days(days, text(unit.body, "settled_through"), unit.rows),
        width=width,
    )


OVERVIEW = Page(
    name="overview",
    path="/",
    title="Overview",
    template="overview.html",
    asks=asks,
    show=show,
    then=then,
    needs=("customers",),
    section="overview",
)
