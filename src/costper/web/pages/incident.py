"""One incident: its days against what was expected, who moved it, and what people say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup

from costper.charts import waterfall
from costper.charts.data import Band, Chart, Pane, Series
from costper.charts.waterfall import Step, Waterfall
from costper.web.drawn import drawn
from costper.web.figures import Values, column, days_of, keyed, line, marked, money
from costper.web.page import Act, Answers, Ask, Asks, Form, Page, Seen
from costper.web.pages.incidents import PATH, place_of, told_as
from costper.web.told import Row, Told, amount, day, items, rows, text
from costper.web.url import Url, own, segment

RANGE = "Expected, and its usual range"
DWARFS = 5
"""From so many times the highest other day on, those are drawn once more, larger."""

NEAR = timedelta(days=2)
ONE_DAY = timedelta(days=1)


def asks(seen: Seen) -> Asks:
    """Ask for the incident."""
    return {"incident": Ask(path=f"{PATH}/{segment(seen.path['id'])}")}


def then(_seen: Seen, told: Answers) -> Asks:
    """Ask what happened around its days."""
    near = rows(told["incident"].total, "around")
    days = days_of(near)
    if not days:
        return {}
    params = {"from": days[0].isoformat(), "to": (days[-1] + ONE_DAY).isoformat()}
    return {"annotations": Ask(path="/api/v1/annotations", params={**params, "limit": "1000"})}


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw the days and the contributors, and lead on to the bill."""
    answer = told["incident"]
    row = told_as(answer.total)
    events = told["annotations"].rows if "annotations" in told else ()
    chart = _chart(answer, events, seen)
    return {
        "row": row,
        "slow": text(row, "kind") == "drift",
        "chart": keyed(chart, seen.url),
        "closer": len(chart.panes) > 1,
        "steps": _steps(answer, seen),
        "links": tuple(_links(row)),
        "near": tuple(_near(row, events)),
        "echoes": tuple(_echoes(row)),
    }


def _chart(answer: Told, events: Sequence[Row], seen: Seen) -> Chart:
    near = rows(answer.total, "around")
    days = days_of(near)
    low = _above_zero(column(near, days, "expected_low"), near)
    high = column(near, days, "expected_high")
    usual = column([it for it in near if it.get("unusual") is not True], days, "cost")
    odd = column([it for it in near if it.get("unusual") is True], days, "cost")
    common = Series(key="cost", name="Cost", values=usual, tone="quiet", mark="bars")
    unusual = Series(key="unusual", name="Unusual days", values=odd, tone="accent", mark="bars")
    expected = line("expected", RANGE, column(near, days, "expected"), "ink")
    judged = _judged(answer, near, days)
    pane = Pane(
        series=(common, unusual, *judged, expected),
        bands=(Band(name=RANGE, low=low, high=high, tone="other"),),
        unit=money(answer.currency),
    )
    closer = replace(pane, series=(common, *judged, expected), height=120)
    return Chart(
        id="days",
        title="Cost by day against what was expected",
        description="Cost by day with the range in which it was expected, unusual days marked",
        buckets=days,
        panes=(replace(pane, height=150), closer) if _dwarfs(odd, usual) else (pane,),
        events=tuple(marked(events, days)),
        width=seen.width,
    )


def _judged(answer: Told, near: Sequence[Row], days: Sequence[date]) -> tuple[Series, ...]:
    """Draw the means that a drift was judged by: its days alone do not show why."""
    if text(answer.total, "kind") != "drift":
        return ()
    return (line("judged", "Mean of the week", column(near, days, "judged"), "accent"),)


def _above_zero(low: Values, near: Sequence[Row]) -> Values:
    """Cut a range at zero where no day cost less: the arithmetic knows no such bound."""
    costs = [amount(it, "cost") for it in near]
    if any(it is not None and it < 0 for it in costs):
        return low
    return tuple(None if it is None else max(it, Decimal(0)) for it in low)


def _dwarfs(odd: Values, usual: Values) -> bool:
    """Say whether the unusual days are so high that the others need a pane of their own."""
    tall, rest = (max((abs(it) for it in found if it), default=None) for found in (odd, usual))
    return tall is not None and rest is not None and tall > DWARFS * rest


def _steps(answer: Told, seen: Seen) -> Markup | None:
    """Draw who moved it: from what was expected of all its days to what was judged."""
    slow = text(answer.total, "kind") == "drift"
    expected = sum((amount(it, "expected") or Decimal(0) for it in answer.rows), Decimal(0))
    cost = sum((amount(it, "judged") or Decimal(0) for it in answer.rows), Decimal(0))
    moved: dict[str, Decimal] = {}
    for it in answer.rows:
        for part in rows(it, "contributors"):
            name = next((str(of) for key, of in part.items() if key != "deviation"), "")
            moved[name] = moved.get(name, Decimal(0)) + (amount(part, "deviation") or Decimal(0))
    if not moved:
        return None
    steps = [Step(name, by) for name, by in sorted(moved.items(), key=lambda it: -abs(it[1]))]
    rest = cost - expected - sum(moved.values(), Decimal(0))
    if abs(rest) >= Decimal("0.01"):
        steps.append(Step("everything else", rest))
    chart = Waterfall(
        id="moved",
        title="Who moved it",
        description="From the cost expected to the cost there was, by contributor",
        start=Step("expected", expected),
        steps=tuple(steps),
        end_name="weeks' means" if slow else "cost",
        unit=money(answer.currency),
        judged=False,
        width=seen.width,
    )
    return drawn(waterfall.draw(chart))


def _links(row: Row) -> Iterator[tuple[str, str]]:
    """Lead to whom it happened to, the rows of the bill, and the question in letters."""
    scope, name, first = text(row, "scope"), text(row, "name"), day(row, "start")
    if first is None:
        return
    last = day(row, "end") or first + timedelta(days=max(int(amount(row, "days") or 1) - 1, 0))
    days = {"from_": first.isoformat(), "to": (last + ONE_DAY).isoformat()}
    wide = {"from_": (first - timedelta(days=14)).isoformat(), "to": days["to"]}
    place = place_of(scope, name)
    if place:
        yield f"The {scope} in these days", str(Url(place).having(**days))
        explained = Url("/explain").having(**{scope: name}, **days)
        yield "The rows of the bill behind it", str(explained)
    asked = _asked(scope, name)
    if asked:
        by = "team" if scope == "service" else "service"
        yield f"In the Explorer, by {by}", str(Url("/explorer").having(a=asked, by=by, **wide))


def _asked(scope: str, name: str) -> str:
    """Write the question in letters; '' for a name that cannot stand between quotes."""
    mark = next((it for it in ('"', "'") if it not in name), "")
    return f"cost where {scope} = {mark}{name}{mark}" if mark and name.isprintable() else ""


def _near(row: Row, events: Sequence[Row]) -> Iterator[Row]:
    """Give what happened in the incident's days and just before."""
    first = day(row, "start")
    last = day(row, "end")
    for it in events:
        at = day(it, "at")
        if at and first and first - NEAR <= at and (last is None or at <= last):
            yield it


def _echoes(row: Row) -> Iterator[tuple[str, str, str]]:
    for echo in items(row, "echoes"):
        scope, _, name = str(echo).partition(" ")
        yield scope, name, place_of(scope, name)


def _says(form: Form, path: Mapping[str, str]) -> Ask:
    body = {"verdict": form.get("verdict", ""), "note": form.get("note", "").strip()}
    return Ask(path=f"{PATH}/{segment(path['id'])}/feedback", body=body, method="POST")


def _then(form: Form, _told: Told) -> str:
    return own(form.get("back", ""), "/incidents")


INCIDENT = Page(
    name="incident",
    path="/incidents/{id}",
    title="Incident",
    template="incident.html",
    asks=asks,
    then=then,
    show=show,
    needs=("incident",),
    section="incidents",
    csv="incident",
)
FEEDBACK = Act(
    name="feedback",
    path="/incidents/{id}/feedback",
    sends=_says,
    then=_then,
    done=lambda form, _told: f"Noted as {form.get('verdict', '')}; nothing is learnt from it",
)
