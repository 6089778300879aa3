"""Teams, services and environments: each ranked by cost, and one of them in depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from costper.charts.data import Chart, Pane, Series
from costper.web.figures import (
    column,
    days_of,
    estimated_days,
    groups,
    keyed,
    marked,
    money,
    picture,
    spark,
)
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days, same_days
from costper.web.told import Told, amount, items, rows, text
from costper.web.url import Url, segment

ROWS = "100"
PARTS = ("services", "teams", "environments", "customers")


def _ranked_asks(noun: str) -> Callable[[Seen], Asks]:
    def asks(seen: Seen) -> Asks:
        days, cursor = asked_days(seen.url), seen.url.get("cursor")
        paging = {"cursor": cursor} if cursor else {}
        return {
            "ranked": Ask(path=f"/api/v1/costs/{noun}s", params={**days, "limit": ROWS, **paging}),
            "trend": Ask(path="/api/v1/costs/trend", params={**days, "by": noun}),
        }

    return asks


def _happened(name: str) -> Callable[[Seen, Answers], Asks]:
    """Ask what happened in the very days an answer is about."""

    def then(_seen: Seen, told: Answers) -> Asks:
        days = same_days(told[name].question)
        return {"annotations": Ask(path="/api/v1/annotations", params=days)}

    return then


def _show_ranked(noun: str) -> Callable[[Seen, Answers], Mapping[str, object]]:
    def show(seen: Seen, told: Answers) -> Mapping[str, object]:
        chart = _stacked(noun, told["trend"], told["annotations"], seen)
        return {
            "noun": noun,
            "rows": [{**row, "spark": spark(items(row, "daily"))} for row in told["ranked"].rows],
            "per_request": any(
                amount(row, "cost_per_request") is not None for row in told["ranked"].rows
            ),
            "chart": keyed(chart, seen.url),
        }

    return show


def _stacked(noun: str, trend: Told, annotations: Told, seen: Seen) -> Chart:
    days = days_of(trend.rows)
    stack = groups(trend.rows, days, noun)
    return Chart(
        id=f"{noun}s",
        title=f"Cost by {noun}",
        description=f"Cost by day, stacked by {noun}, dearest first",
        buckets=days,
        panes=(Pane(series=stack, unit=money(trend.currency)),),
        events=tuple(marked(annotations.rows, days)),
        estimated=estimated_days(days, text(trend.body, "settled_through"), trend.rows),
        width=seen.width,
    )


def _deep_asks(noun: str) -> Callable[[Seen], Asks]:
    def asks(seen: Seen) -> Asks:
        days = asked_days(seen.url)
        path = f"/api/v1/costs/{noun}s/{segment(seen.path['name'])}"
        return {"deep": Ask(path=path, params=days)}

    return asks


def _show_deep(noun: str) -> Callable[[Seen, Answers], Mapping[str, object]]:
    def show(seen: Seen, told: Answers) -> Mapping[str, object]:
        answer = told["deep"]
        days = {name: text(answer.question, name) for name in ("from", "to")}
        explain = Url("/explain").having(
            **{noun: seen.path["name"]}, from_=days["from"], to=days["to"]
        )
        return {
            "noun": noun,
            "row": answer.first,
            "explain": explain,
            "chart": picture(_daily(noun, answer, told["annotations"], seen)),
            "parts_of": [
                (name, name.removesuffix("s"), rows(answer.first, name))
                for name in PARTS
                if name != f"{noun}s" and rows(answer.first, name)
            ],
            "moved_by": next((it for it in ("customer", "service") if _moved(answer, it)), ""),
        }

    return show


def _moved(answer: Told, by: str) -> bool:
    return any(by in row for row in rows(answer.first, "drivers"))


def _daily(noun: str, answer: Told, annotations: Told, seen: Seen) -> Chart:
    daily = rows(answer.first, "daily")
    days = days_of(daily)
    cost = Series(
        key="cost", name="Cost", values=column(daily, days, "cost"), tone="quiet", mark="bars"
    )
    return Chart(
        id="daily",
        title="Cost by day",
        description=f"What {noun} {text(answer.first, noun)} cost each day",
        buckets=days,
        panes=(Pane(series=(cost,), unit=money(answer.currency)),),
        events=tuple(marked(annotations.rows, days)),
        estimated=estimated_days(days, text(answer.body, "settled_through")),
        width=seen.width,
    )


def _pages(noun: str, title: str, section: str) -> tuple[Page, Page]:
    return (
        Page(
            name=f"{noun}s",
            path=f"/{noun}s",
            title=title,
            template="ranked.html",
            asks=_ranked_asks(noun),
            show=_show_ranked(noun),
            then=_happened("ranked"),
            needs=("ranked",),
            section=section,
            csv="ranked",
            once=f"A bill says what each {noun} costs by day; its tags name the {noun}.",
        ),
        Page(
            name=noun,
            path=f"/{noun}s/{{name}}",
            title=noun.capitalize(),
            template="deep.html",
            asks=_deep_asks(noun),
            show=_show_deep(noun),
            then=_happened("deep"),
            needs=("deep",),
            section=section,
        ),
    )


RANKED: tuple[Page, ...] = (
    *_pages("team", "Teams & services", "teams"),
    *_pages("service", "Teams & services", "teams"),
    _pages("environment", "Environment", "environments")[1],
)
