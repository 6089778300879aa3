"""The form of a question: its fields, what may be written in them, and what is wrong where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from costper.web.explorer.asking import values_of
from costper.web.explorer.grouping import dimensions
from costper.web.explorer.lines import HOWS, Line, worded
from costper.web.explorer.state import (
    COMPARES,
    GRAINS,
    SINGLE,
    WORD,
    State,
    next_letter,
    usual_compare,
)
from costper.web.page import Answers
from costper.web.period import PRESETS, Choice
from costper.web.told import NO_ROW, Row, Told, number, rows, text

COSTS = (
    ("cost", "Cost"),
    ("cost billed_cost", "Cost as billed"),
    ("cost list_cost", "Cost at list prices"),
    ("cost contracted_cost", "Cost at contracted prices"),
    ("cost effective_cost", "Cost, amortised"),
    ("revenue", "Revenue"),
)
SPANS = (
    "last 30 days",
    "last 12 weeks",
    "last month",
    "last 3 months",
    "last quarter",
    "last year",
    "month to date",
    "quarter to date",
    "year to date",
)
PERIOD = frozenset(("from", "to", "days", "range"))
VALUES = (
    ("teams", "team"),
    ("services", "service"),
    ("environments", "environment"),
    ("customers", "customer"),
)
"""Answers that list values of a dimension; those of others are asked for."""

MOST_VALUES = 12
"""How many values of a dimension are suggested."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a field: in words, and where in its text (from 1; 0 is all of it)."""

    message: str
    hint: str
    before: str = ""
    at: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineField:
    """The fields of one letter, and the address without it."""

    line: Line
    param: str
    options: tuple[tuple[str, str], ...]
    without: str
    what: Mistake | None = None
    where: Mistake | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaField:
    """One formula, and the address without it."""

    text: str
    name: str
    without: str
    mistake: Mistake | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """All fields. What is wrong with none of them is in `mistake`."""

    lines: tuple[LineField, ...]
    formulas: tuple[FormulaField, ...]
    metrics: tuple[str, ...]
    suggestions: tuple[str, ...]
    dimensions: tuple[str, ...]
    compares: tuple[tuple[str, str], ...]
    spans: tuple[str, ...]
    hows: tuple[str, ...]
    grains: tuple[Choice, ...]
    presets: tuple[Choice, ...]
    add: str
    period: Mistake | None = None
    by: Mistake | None = None
    mistake: Mistake | None = None


def form(state: State, told: Answers, wrong: Row, *, more: bool = False) -> Form:
    """Fill in the form; `more` gives one more field for a formula."""
    metrics = told["metrics"]
    names = tuple(text(it, "metric") for it in metrics.rows)
    found = Form(
        lines=tuple(_line(state, it, names, wrong, _strangers(told)) for it in state.lines),
        formulas=tuple(_formulas(state, wrong, more=more)),
        metrics=names,
        suggestions=tuple(_suggestions(state, told)),
        dimensions=dimensions(state, metrics),
        compares=COMPARES,
        spans=SPANS,
        hows=HOWS,
        grains=tuple(_grains(state)),
        presets=tuple(_presets(state)),
        add=next_letter(state),
    )
    if not wrong:
        return found
    parameter, whole = text(wrong, "parameter"), _mistake(wrong)
    if parameter in PERIOD:
        return replace(found, period=whole)
    if parameter == "by":
        return replace(found, by=whole)
    placed = any(it.what or it.where for it in found.lines) or any(
        it.mistake for it in found.formulas
    )
    return found if placed else replace(found, mistake=whole)


def _strangers(told: Answers) -> Mapping[str, Mistake]:
    """Give, by letter, a value its condition names that the books do not know."""
    answer = told.get("answer")
    found = () if answer is None else rows(answer.body, "issues")
    return {
        text(it, "where"): Mistake(text(it, "message"), text(it, "hint"))
        for it in reversed(found)
        if text(it, "code") == "unknown_value"
    }


def _line(
    state: State, line: Line, names: Sequence[str], wrong: Row, strangers: Mapping[str, Mistake]
) -> LineField:
    mistakes: dict[str, Mistake] = {}
    if line.name in strangers:
        mistakes["where"] = strangers[line.name]
    if text(wrong, "parameter") == line.name:
        field, position = line.place(int(number(wrong.get("position")) or 0))
        written = line.where if field == "where" else line.what
        mistakes[field] = _mistake(wrong, written, position)
    options = tuple((f"metric {worded(it)}", it.replace("_", " ")) for it in names)
    known = {it for it, _ in (*options, *COSTS)}
    if line.what not in known:
        options = (*options, (line.what, line.what))
    others = tuple(it for it in state.lines if it.name != line.name)
    return LineField(
        line=line,
        param=line.name if line.name in SINGLE else f"{WORD}.{line.name}",
        options=options,
        without=str(replace(state, lines=others).url) if others else "",
        **mistakes,
    )


def _formulas(state: State, wrong: Row, *, more: bool) -> Iterator[FormulaField]:
    parameter = text(wrong, "parameter")
    position = int(number(wrong.get("position")) or 0)
    for at, it in enumerate(state.formulas):
        is_this = parameter == f"formula {it.name}" or (parameter == "formula" and at == 0)
        others = tuple(one for place, one in enumerate(state.formulas) if place != at)
        yield FormulaField(
            text=it.text,
            name=it.name,
            without=str(replace(state, formulas=others).url),
            mistake=_mistake(wrong, it.text, position + it.begins) if is_this else None,
        )
    if more or not state.formulas:
        yield FormulaField(text="", name="result", without="")


def _mistake(wrong: Row, written: str = "", position: int = 0) -> Mistake:
    message = text(wrong, "detail") or text(wrong, "title")
    hint = text(wrong, "hint")
    if not position or not written:
        return Mistake(message, hint)
    at = min(position - 1, len(written))
    return Mistake(message, hint, written[:at], written[at : at + 1] or " ", written[at + 1 :])


def _suggestions(state: State, told: Answers) -> Iterator[str]:
    """Give conditions one may want: every known dimension with values the books have."""
    known = dimensions(state, told["metrics"])
    listed = (*VALUES, *((values_of(it), it) for it in known if values_of(it) in told))
    found: set[str] = set()
    for answer, name in listed:
        for row in _rows(told, answer)[:MOST_VALUES]:
            value = text(row, name)
            if value and '"' not in value:
                found.add(name)
                yield f"{name} = {value}" if value.isidentifier() else f'{name} = "{value}"'
    yield from (f"{it} is present" for it in known if it not in found)


def _rows(told: Mapping[str, Told], name: str) -> tuple[Row, ...]:
    answer = told.get(name)
    return answer.rows if answer is not None and answer.ok else (NO_ROW,)


def _grains(state: State) -> Iterator[Choice]:
    """Give the grains as links; each has its own usual comparison, unless another is chosen."""
    is_usual = state.compare == usual_compare(state.grain)
    for grain in GRAINS:
        compare = usual_compare(grain) if is_usual else state.compare
        kept = replace(state, grain=grain, compare=compare).having(page=None, rows=None)
        yield Choice(grain.capitalize(), str(kept), grain == state.grain)


def _presets(state: State) -> Iterator[Choice]:
    days = state.days or ("30" if state.grain == "day" and not state.period else "")
    for name, count in PRESETS:
        kept = replace(state, days=count, since="", until="", span="").having(page=None)
        yield Choice(name, str(kept), count == days)
