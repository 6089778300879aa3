"""Days nothing is known of: which letters lack them, and what a ratio leaves out for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from costper.economics.calendar import ONE_DAY
from costper.model.answer import Absent
from costper.model.money import plain
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.pipeline.query.answer import shown
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.infos import days_within
from costper.pipeline.query.read import TOTAL
from costper.pipeline.query.resolve import Resolved
from costper.pipeline.query.values import Where


def gap_issues(asked: Asked, letters: Sequence[Resolved]) -> Iterator[Issue]:
    """Count the days some letter lacks, and say what a ratio is of where it leaves days out."""
    for one in letters:
        if one.settled is None or one.kind == "revenue" or one.grain != "day" or one.fills:
            continue
        end = min(asked.period.end, one.settled + ONE_DAY)
        lost = (end - asked.period.start).days - asked.letters[one.name].days_with_data
        if lost > 0:
            yield Issue(
                code="days_without_data",
                message=f"{lost} of {asked.period.days} days hold no data of {one.name}",
                where=one.name,
                severity="warning",
                hint=_hint(one, asked.period),
                count=lost,
            )
    yield from _paired(asked)


def _hint(one: Resolved, period: Period) -> str:
    first = one.held.first
    if first is not None and period.start < first:
        return f"they are gaps, not zeros; its data begin on {first}"
    rule = "; a gap rule of the metric may fill them" if one.kind == "metric" else ""
    return f"they are gaps, not zeros{rule}"


def _paired(asked: Asked) -> Iterator[Issue]:
    """Say of each ratio that leaves days out what it divides: the columns beside it show more."""
    pieces = asked.values.windows.pieces
    places = asked.values.windows.places(asked.period)
    for name, holes in asked.holes.items():
        left = sum(pieces[place].days for place in places if place in holes)
        if not left or name not in asked.formulas:
            continue
        days = asked.period.days - left
        said = "1 day" if days == 1 else f"{days} days"
        lacking = ", ".join(_lacking(asked, name))
        yield Issue(
            code="days_without_data",
            message=f"{name} is over the {said} of {asked.period.days} {_which(asked, name)} "
            f"({lacking}){_amounts(asked, name)}",
            where=name,
            severity="warning",
            hint="the letters beside it show all their days; each total is over those it has",
            count=left,
        )


def _which(asked: Asked, name: str) -> str:
    """Say which days a ratio keeps: over revenue a hole inside counts, as in margins."""
    letters = [asked.resolved(letter) for letter in asked.reads[name]]
    if any(one.kind == "metric" and one.pairs for one in letters):
        return "that all its letters have data on"
    return "from the first to the last that has cost"


def _lacking(asked: Asked, name: str) -> Iterator[str]:
    """Name the letters that have data on fewer days than are asked for."""
    at = None if asked.question.grain else 0
    for letter in sorted(asked.reads[name]):
        one = asked.resolved(letter)
        days = days_within(one, asked.period)
        days += asked.values.filled(letter, Where(TOTAL, at))
        if one.pairs and one.kind != "revenue" and days < asked.period.days:
            yield f"{letter} has {days}"


def _amounts(asked: Asked, name: str) -> str:
    """Give a ratio's letters on its own days, where each is a number."""
    at = None if asked.question.grain else 0
    where = Where(TOTAL, at)
    said: list[str] = []
    for letter in sorted(asked.reads[name]):
        value = shown(asked.values.value(letter, where, asked.holes[name]))
        if isinstance(value, Absent):
            return ""
        places = 0 if asked.resolved(letter).kind == "metric" else 2
        said.append(f"{letter} = {plain(value, places)}")
    return f": there {', '.join(said)}"
