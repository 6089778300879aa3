"""Verdicts as answers: one question with its segments, or every sensible cost per unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from costper.config.settings import MetricSetting
from costper.economics.drift import Drift, posted
from costper.economics.formula.arithmetic import Amount
from costper.economics.verdict import percent
from costper.errors import UserError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.outcome import Issue
from costper.model.question import Question
from costper.pipeline.answer.frame import Readable, Standing
from costper.pipeline.query.answer import shown
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.facts import Facts, facts_of
from costper.pipeline.verdict.beside import MOVED, beside
from costper.pipeline.verdict.judged import Judged, Told, told
from costper.pipeline.verdict.pairs import Pairs, pairs_of
from costper.pipeline.verdict.sensible import question_about, sensible

NOTHING = Decimal(0)
EVERYTHING = "(all)"
OF_SEGMENTS = frozenset(("unmatched_groups", "not_broken_down"))
"""Doubts about the segments of one metric, which an overview does not list."""


def verdict_answer(
    books: Readable,
    question: Question,
    *,
    now: datetime,
    standing: Standing,
    least: Decimal = NOTHING,
    facts: Facts | None = None,
) -> Answer:
    """Judge a cost per unit in all (the total) and by segment (the rows), worst first.

    Without segments the only row is of everything. `least` is the money a drift must have moved
    to be called hidden.

    Raises:
        UserError: the question cannot be asked, or is no cost ÷ something measured.
    """
    pairs = pairs_of(books, question, now=now, standing=standing, facts=facts)
    found = told(pairs, least)
    asked = pairs.asked
    cells = _question_cells(pairs)
    total = _total(pairs, found)
    rows = tuple(_row(pairs, one) for one in found.segments)
    if not asked.question.by:
        rows = ({"segment": EVERYTHING, **_row(pairs, found.whole)},)
    known = beside(books, pairs, found.whole, now=now, standing=standing)
    issues = (*asked.issues, *_hidden_issues(pairs, found), *known)
    return _envelope(pairs, cells, rows, total, issues)


def overview_answer(
    books: Readable,
    question: Question,
    *,
    now: datetime,
    standing: Standing,
    least: Decimal = NOTHING,
) -> Answer:
    """Judge the total cost against every metric it is sensibly divided by, worst first.

    `question` has no letters: its days, groups and comparison are those of every metric. The
    segments of a metric that is broken down by the groups follow it, worst first. A metric of
    weeks or months is asked over whole ones: those said, else the last that ends within the days.
    Money, the company's own LLM calls, and what has no data are left out.

    Raises:
        UserError: there is no such metric, or the days cannot be asked.
    """
    facts = facts_of(books)
    metrics = tuple(sensible(books.settings, facts))
    if not metrics:
        raise UserError(
            "no metric that counts anything or anybody has data",
            where="metrics",
            hint="declare one of kind count or active_users and sync it, or say what to divide",
        )
    judged: list[tuple[Decimal, str, tuple[Row, ...]]] = []
    issues: list[Issue] = list(standing.issues)
    shown_days: Pairs | None = None
    moved: Judged | None = None
    for metric in metrics:
        wanted = question_about(metric, question, books, facts, now)
        try:
            pairs = pairs_of(books, wanted, now=now, facts=facts)
        except UserError as error:
            issues.append(_not_asked(metric, error))
            continue
        found = told(pairs, least)
        if shown_days is None or metric.grain == "day":
            shown_days = pairs
            moved = moved or (found.whole if found.whole.verdict.name in MOVED else None)
        judged.append((-found.whole.moved, metric.name, tuple(_metric_rows(metric, pairs, found))))
        issues += [one for one in pairs.asked.issues if one.code not in OF_SEGMENTS]
        issues += _hidden_issues(pairs, found)
    if shown_days is None:
        raise UserError("no metric can be asked", where="metrics", hint=issues[-1].message)
    rows = tuple(row for one in sorted(judged, key=lambda it: it[:2]) for row in one[2])
    issues += _other_days(rows, shown_days)
    if moved is not None:
        issues += beside(books, shown_days, moved, now=now, standing=standing)
    cells: dict[str, Cell] = {"noun": "verdicts", "by": question.by, "compare": question.compare}
    return _envelope(
        shown_days, cells, rows, {"metrics": len(judged)}, tuple(dict.fromkeys(issues))
    )


def _metric_rows(metric: MetricSetting, pairs: Pairs, found: Told) -> Iterator[Row]:
    """Write a metric's verdict in all, then those of its segments where it has any."""
    everything = dict.fromkeys(pairs.asked.question.by, EVERYTHING)
    days = _day_cells(pairs.asked)
    yield {
        "metric": metric.name,
        **everything,
        **_row(pairs, found.whole),
        "hidden": ", ".join(one.name for one in found.hidden),
        "sentence": found.sentence,
        **days,
    }
    for one in found.segments if pairs.splits else ():
        segment = {"metric": metric.name, **_row(pairs, one)}
        yield {**segment, "hidden": "", "sentence": "", **days}


def _other_days(rows: Sequence[Row], usual: Pairs) -> Iterator[Issue]:
    """Say which metrics were judged on other days than the answer says on top."""
    common = _day_cells(usual.asked)
    other = {
        str(row["metric"]): row
        for row in rows
        if any(row[name] != cell for name, cell in common.items())
    }
    for name, row in other.items():
        yield Issue(
            code="other_days",
            message=f"judged from {row['from']} to {row['to']} against "
            f"{row['compared_from']} to {row['compared_to']}",
            severity="info",
            where=name,
            hint="a metric of weeks or months of its own is judged over whole ones",
        )


def _not_asked(metric: MetricSetting, error: UserError) -> Issue:
    return Issue(
        code="not_divisible",
        message=f"no cost per {metric.name}: {error.message}",
        severity="warning",
        where=metric.name,
        hint=error.hint,
    )


def _row(pairs: Pairs, one: Judged) -> Row:
    """Write what was judged; `says` is the verdict for people, its growth with two decimals."""
    judged = one.verdict
    return {
        **dict(zip(pairs.asked.question.by, one.key, strict=False)),
        "verdict": judged.name,
        "says": _says(one),
        "growth_percent": judged.growth,
        "severity": judged.severity,
        "quadrant": judged.quadrant,
        "why": judged.why,
        "cost": _posted(one.now.cost),
        "previous_cost": _posted(one.before.cost),
        "cost_growth_percent": judged.cost_growth,
        "units": shown(one.now.units),
        "previous_units": shown(one.before.units),
        "units_growth_percent": judged.unit_growth,
        "cost_per_unit": shown(pairs.unit_cost(one.key)),
        "previous_cost_per_unit": shown(pairs.unit_cost(one.key, compared=True)),
        **_cause_cells(one),
        **_shift_cells(one),
    }


def _posted(cost: Amount) -> Amount:
    """Give a cost with the digits its parts have, so that a row adds up as it stands."""
    return cost if isinstance(cost, Absent) else posted(cost)


def _cause_cells(one: Judged) -> dict[str, Cell]:
    """Give what moved the cost: volume + efficiency = change."""
    if isinstance(one.cause, Absent):
        return dict.fromkeys(("change", "volume", "efficiency"), one.cause)
    found = one.cause
    return {
        "change": found.change,
        "volume": found.volume,
        "efficiency": found.efficiency,
    }


def _shift_cells(one: Judged) -> dict[str, Cell]:
    """Give a segment's part of the movement of the whole's unit cost."""
    if one.shift is None:
        return {}
    return {
        "rate_per_unit": one.shift.rate,
        "mix_per_unit": one.shift.mix,
        "unmatched_per_unit": one.shift.unmatched,
        "moved_share_percent": percent(one.shift.moved),
    }


def _says(one: Judged) -> str:
    judged = one.verdict
    words = [judged.arrow, judged.label]
    if isinstance(judged.growth, Decimal):
        words.append(f"{judged.growth:+.2f} %".replace("-", "\N{MINUS SIGN}"))
    if judged.severity:
        words.append(f"({judged.severity}{', stranded cost' if judged.stranded else ''})")
    if judged.why:
        words.append(f"({judged.why.replace('_', ' ')})")
    return " ".join(word for word in words if word)


def _total(pairs: Pairs, found: Told) -> Row:
    """Write the whole: its verdict, what moved it, and what it does not speak for."""
    return {
        **_row(pairs, found.whole),
        **_drift_cells(found.drift),
        "sentence": found.sentence,
        "hidden": tuple(
            {
                "segment": one.name,
                "verdict": one.verdict.name,
                "says": _says(one),
                "growth_percent": one.verdict.growth,
                "efficiency": one.moved,
            }
            for one in found.hidden
        ),
    }


def _drift_cells(found: Drift | Absent) -> dict[str, Cell]:
    """Write what a movement is made of, per unit and in money; null together."""
    names = ("rate", "mix", "unmatched", "rest")
    if isinstance(found, Absent):
        lost: dict[str, Cell] = {"change_per_unit": found}
        return lost | {f"{name}_per_unit": found for name in names} | dict.fromkeys(names, found)
    return {
        "change_per_unit": found.change,
        **{f"{name}_per_unit": part for name, part in zip(names, found.parts, strict=True)},
        **dict(zip(names, found.costs, strict=True)),
    }


def _hidden_issues(pairs: Pairs, found: Told) -> Iterator[Issue]:
    """Warn of segments that drift behind a healthy whole."""
    by = " / ".join(pairs.asked.question.by)
    for one in found.hidden:
        yield Issue(
            code="hidden_drift",
            message=f"cost per {pairs.noun} is healthy in all, but not of {by} {one.name}: "
            f"{_says(one)}",
            severity="warning",
            where=one.name,
            hint="the total does not show it; ask for this segment alone",
        )


def _question_cells(pairs: Pairs) -> dict[str, Cell]:
    asked = pairs.asked
    info = asked.formulas[pairs.name]
    texts = {one.name: one.text for one in asked.question.formulas}
    return {
        "noun": "verdict",
        "formula": texts[pairs.name],
        "label": info.label,
        "by": asked.question.by,
        "compare": asked.question.compare,
    }


def _day_cells(asked: Asked) -> dict[str, Cell]:
    """Say which days were judged, and against which."""
    cells: dict[str, Cell] = {"from": asked.period.start, "to": asked.period.end}
    if asked.compared is not None:
        cells |= {"compared_from": asked.compared.start, "compared_to": asked.compared.end}
    return cells


def _envelope(
    pairs: Pairs,
    cells: dict[str, Cell],
    rows: Sequence[Row],
    total: Row,
    issues: tuple[Issue, ...],
) -> Answer:
    asked = pairs.asked
    return Answer(
        question={**cells, **_day_cells(asked), "days": asked.period.days},
        rows=tuple(rows),
        total=total,
        currency=asked.currency,
        as_of=asked.as_of,
        settled_through=asked.settled_through,
        estimated=asked.estimated,
        coverage=asked.standing.coverage,
        unallocated=asked.standing.unallocated,
        issues=issues,
        measures={
            "units": "number",
            "previous_units": "number",
            **dict.fromkeys(("cost_per_unit", "previous_cost_per_unit"), "rate"),
        },
    )
