"""The Explorer: any metric against any cost, by letters and formulas, drawn, saved and shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from costper.charts.data import Chart, Pane
from costper.charts.legend import listing
from costper.web.drawn import drawn
from costper.web.explorer.asking import (
    asks,
    can_look_ahead,
    fault,
    shown_answer,
    state_now,
    then,
    view_name,
)
from costper.web.explorer.columns import Column, columns_of
from costper.web.explorer.drawing import chart, timeline
from costper.web.explorer.form import COSTS, form
from costper.web.explorer.group_drawing import grouped_chart, named_chart
from costper.web.explorer.grouping import MOST, cell_count, drawn_groups, group_count
from costper.web.explorer.saved import is_modified, name_of
from costper.web.explorer.state import State
from costper.web.explorer.table import Table, ahead, inside, table
from costper.web.figures import picture
from costper.web.page import Answers, Page, Seen
from costper.web.period import within
from costper.web.told import NO_ROW, Row, Told, text

AGAINST = {
    "previous": "vs the days before",
    "year": "vs a year before",
    "weekday": "vs the same weekdays before",
    "month_to_date": "vs the month before",
}
OF_A_VIEW = ("view", "title", "description", "owner", "actor", "at", "declared", "version")
STILL_HERE = "Your question is still here: nothing is lost."
AHEAD = ("forecast", Told(404))
LARGE = 20_000
"""Rows of buckets and groups a page still offers to list one by one."""


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw the answer, and fill in the form that asks for another."""
    state, wrong = state_now(seen, told), fault(told)
    answer = shown_answer(told)
    asked = state if not wrong else _letters_alone(state)
    columns = columns_of(asked, answer) if answer else ()
    drawing = _chart(asked, columns, answer, told, seen.width) if answer else None
    found = told.get("view")
    view = found.first if found is not None and found.ok else NO_ROW
    stale = text(seen.problem or NO_ROW, "type").endswith("changed-meanwhile")
    groups = told.get("groups", answer)
    return {
        "state": state,
        "form": form(state, told, wrong, more=seen.url.get("add") == "formula"),
        "costs": COSTS,
        "compared": AGAINST.get(state.compare, ""),
        "sent_name": name_of(seen.sent) if seen.sent else "",
        "fault": wrong,
        "answer": answer,
        "columns": columns,
        "within": within(answer.question) if answer else "",
        "inside": inside(state) if "service" not in state.by else "",
        "chart": _picture(drawing),
        "legend": _legend(drawing, state),
        "table": _table(asked, columns, answer, told) if answer and answer.rows else None,
        "view": {name: text(view, name) for name in OF_A_VIEW},
        "stale": stale,
        "problem": _meanwhile(seen) if stale else seen.problem,
        "view_fault": _view_fault(found, seen),
        "modified": bool(view) and is_modified(state, view),
        "can_look_ahead": answer is not None and not wrong and can_look_ahead(state, answer),
        "group_count": group_count(groups, asked.by) if groups is not None and asked.by else 0,
        "most": MOST,
        "each": groups is not None and (cell_count(asked, groups) or LARGE) <= LARGE,
    }


def _table(state: State, columns: tuple[Column, ...], answer: Told, told: Answers) -> Table:
    return table(state, columns, answer, ahead(state, columns, answer, told.get(*AHEAD)))


def in_file(seen: Seen, told: Answers) -> Sequence[Row]:
    """Give the rows of the answer, and the days to come where they are looked at."""
    state, answer = state_now(seen, told), told["answer"]
    further = ahead(state, columns_of(state, answer), answer, told.get(*AHEAD))
    return (*answer.rows, *further)


def _meanwhile(seen: Seen) -> Mapping[str, object]:
    """Say that somebody else saved first, as people put it."""
    name = name_of(seen.sent)
    if not seen.sent.get("version"):
        return {"detail": f"A view called {name} is there already", "hint": STILL_HERE}
    return {"detail": f"Somebody saved or deleted {name} meanwhile", "hint": STILL_HERE}


def _letters_alone(state: State) -> State:
    return replace(state, formulas=(), by=(), shown=())


def _chart(
    state: State, columns: tuple[Column, ...], answer: Told, told: Answers, width: int
) -> Chart | None:
    more = {name: it for name, it in told.items() if it.ok}
    if state.by:
        groups = told.get("groups", answer)
        if state.grain == "whole":
            return named_chart(state, columns, answer, width)
        if "parts" not in more:
            return None
        drawn = drawn_groups(state, groups, more["parts"])
        return grouped_chart(state, columns, drawn, more, width)
    line = timeline(state, answer.rows)
    return chart(state, columns, line, more, width) if line.days else None


def _picture(drawing: Chart | None) -> Markup | None:
    return None if drawing is None else picture(drawing)


def _legend(drawing: Chart | None, state: State) -> Markup:
    """Name the series; panes of the same groups share their names."""
    if drawing is None:
        return Markup()
    keys: set[str] = set()
    panes: list[Pane] = []
    for pane in drawing.panes:
        series = tuple(it for it in pane.series if it.key not in keys)
        keys |= {it.key for it in series}
        panes.append(replace(pane, series=series))
    once = replace(drawing, panes=tuple(panes))
    return drawn(listing(once, lambda hide: str(state.having(hide=hide))))


def _view_fault(found: Told | None, seen: Seen) -> Mapping[str, object]:
    """Say why a saved view could not be opened."""
    if found is None:
        return NO_ROW
    if not found.ok:
        return {
            "detail": text(found.body, "detail") or f"no view {view_name(seen)}",
            "hint": "it may have been deleted; the saved views are listed above",
        }
    wrong = text(found.first, "fault")
    return {"detail": wrong, "hint": "what it asks cannot be read any more"} if wrong else NO_ROW


EXPLORER = Page(
    name="explorer",
    path="/explorer",
    title="Explorer",
    template="explorer.html",
    asks=asks,
    show=show,
    then=then,
    section="explorer",
    csv="answer",
    once="Ask of any days what something costs, by whom, and for each unit of what you count.",
    table=in_file,
)
SAVED_VIEW = replace(EXPLORER, name="view", path="/explorer/views/{name}")
