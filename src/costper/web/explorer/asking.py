"""What the Explorer asks the API, round by round: each question hangs on the answers before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from costper.web.chosen import chosen_metric
from costper.web.explorer.grouping import (
    ASKED_WHOLE,
    cell_count,
    group_count,
    limited,
    shown_groups,
)
from costper.web.explorer.lines import Formula, Line, worded
from costper.web.explorer.saved import VIEWS, opened
from costper.web.explorer.state import State, is_asked, read_state
from costper.web.page import Answers, Ask, Asks, Seen
from costper.web.told import NO_ROW, Told, rows, text
from costper.web.url import segment

QUERY = "/api/v1/query"
SOME = {"limit": "12"}
AHEAD = "30"
SUGGESTED = ("teams", "services", "environments", "customers")
OF_COSTS = ("plan", "source", "charge_category")
"""Dimensions whose values are asked with their cost, as nothing lists them."""

MOST_ASKED = 8
"""Dimensions that only metrics have, and whose values are asked for."""


def asks(seen: Seen) -> Asks:
    """Ask for the words a question may use, and for the saved view that is to be opened."""
    asked: dict[str, Ask] = {
        "metrics": Ask(path="/api/v1/metrics", params={"limit": "200"}),
        "views": Ask(path=VIEWS, params={"limit": "200"}),
        **{it: Ask(path=f"/api/v1/costs/{it}", params=SOME) for it in SUGGESTED},
        **{values_of(it): _ask({"letters": {"a": "cost"}, "by": [it]}) for it in OF_COSTS},
    }
    if view_name(seen):
        asked["view"] = Ask(path=f"{VIEWS}/{segment(view_name(seen))}")
    if seen.url.get("shared"):
        asked["share"] = Ask(path=f"/api/v1/shares/{segment(seen.url.get('shared'))}")
    return asked


def view_name(seen: Seen) -> str:
    """Give the name of the saved view the screen is of."""
    return seen.path.get("name", "") or seen.url.get("view")


def state_now(seen: Seen, told: Answers) -> State:
    """Give what is on screen: what the address asks, a saved view, or a sensible beginning."""
    view = told.get("view")
    if is_asked(seen.url):
        return read_state(seen.url)
    if view is not None and view.ok and not text(view.first, "fault"):
        return opened(seen.url, view_name(seen), view.first)
    return _beginning(read_state(seen.url), told.get("metrics", Told(0)))


def _beginning(state: State, metrics: Told) -> State:
    """Ask what a thousand users cost; only what is spent where nobody counts users."""
    metric = chosen_metric(metrics)
    cost = Line("b", "cost")
    if not metric:
        return replace(state, lines=(replace(cost, name="a"),), view="")
    lines = (Line("a", f"metric {metric}"), cost)
    formulas = state.formulas or (Formula("result", "b / (a / 1000)"),)
    return replace(state, lines=lines, formulas=formulas, view="")


def then(seen: Seen, told: Answers) -> Asks:
    """Ask the question; then what its picture needs, or the letters alone where it is refused."""
    state = state_now(seen, told)
    answer = told.get("answer")
    if answer is None:
        return {**_question(state), **_values_of_metrics(told["metrics"])}
    if not answer.ok:
        return _letters(state, answer)
    if "annotations" in told:
        return {}
    days = {name: text(answer.question, name) for name in ("from", "to")}
    groups = told.get("groups", answer)
    return {
        "annotations": Ask(path="/api/v1/annotations", params=days),
        **_parts(state, groups, told["metrics"], days),
        **_ahead(state, answer),
    }


def values_of(dimension: str) -> str:
    """Name the answer whose rows are by the values of a dimension."""
    return f"values of {dimension}"


def _values_of_metrics(metrics: Told) -> Asks:
    """Ask for the values of what only metrics are broken down by, each of the first that is."""
    listed = {*OF_COSTS, *(it.removesuffix("s") for it in SUGGESTED)}
    found: dict[str, Ask] = {}
    for metric in metrics.rows:
        for it in rows(metric, "dimensions"):
            name = values_of(text(it, "dimension"))
            if text(it, "dimension") in listed or name in found or len(found) == MOST_ASKED:
                continue
            letter = f"metric {worded(text(metric, 'metric'))}"
            found[name] = _ask({"letters": {"a": letter}, "by": [text(it, "dimension")]})
    return found


def _question(state: State) -> Asks:
    if not state.by:
        return {"answer": _ask(state.body)}
    if state.get("rows") == "all":
        return {"answer": _ask(state.body), "groups": _ask(_whole(state).body)}
    return {"answer": _ask(_whole(state).body)}


def _whole(state: State) -> State:
    """Ask for the whole period as one bucket."""
    return replace(state, grain="whole")


def _parts(state: State, groups: Told, metrics: Told, days: Mapping[str, str]) -> Asks:
    """Ask for the groups bucket by bucket, of many only the largest, and for all together."""
    if not state.by or state.grain == "whole" or not groups.ok:
        return {}
    plain = replace(state, compare="none")
    shown, many = shown_groups(state, groups), cell_count(state, groups)
    small = many is not None and many <= ASKED_WHOLE
    some = plain if small else limited(plain, shown, groups, metrics)
    parts = {"parts": _ask({**some.asked, **days})}
    if len(shown) == group_count(groups, state.by):
        return parts
    return {**parts, "together": _ask({**replace(plain, by=()).asked, **days})}


def _ahead(state: State, answer: Told) -> Asks:
    """Ask for the days to come, where they are wanted and can be known."""
    if not state.get("ahead") or not can_look_ahead(state, answer):
        return {}
    return {"forecast": Ask(path="/api/v1/forecast", params={"days": AHEAD})}


def can_look_ahead(state: State, answer: Told) -> bool:
    """Say whether the forecast of all cost goes on from the picture: by day, all settled."""
    costs = [it for it in state.lines if it.text == "cost"]
    last = text(answer.body, "settled_through")
    until = text(answer.question, "to")
    return bool(costs) and state.grain == "day" and not state.by and bool(last) and until > last


def _letters(state: State, answer: Told) -> Asks:
    """Ask for the letters that are not at fault, without formulas and groups."""
    wrong = text(answer.problem, "parameter")
    lines = tuple(it for it in state.lines if it.name != wrong)
    if not lines or wrong in {"from", "to", "days", "range"}:
        return {}
    return {"letters": _ask(replace(state, lines=lines, formulas=(), by=(), scale="").body)}


def _ask(body: Mapping[str, object]) -> Ask:
    return Ask(path=QUERY, body=body)


def shown_answer(told: Answers) -> Told | None:
    """Give the answer that is on screen: the question's, or that of its letters alone."""
    return next(
        (it for it in (told.get("answer"), told.get("letters")) if it is not None and it.ok), None
    )


def fault(told: Answers) -> Mapping[str, object]:
    """Give why the question is not answered; an empty row where it is."""
    answer = told.get("answer")
    return NO_ROW if answer is None else answer.problem
