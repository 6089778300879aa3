"""A question in letters, answered in the envelope every answer travels in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from costper.economics.calendar import bucket_of
from costper.economics.formula.arithmetic import CONTEXT, PRECISION, Amount
from costper.economics.formula.label import label
from costper.economics.formula.units import Unit
from costper.model.answer import Absent, Answer, Cell, Measure, Row
from costper.model.money import MONEY_SCALE, RATE_SCALE
from costper.pipeline.query.asked import Asked, LetterInfo
from costper.pipeline.query.read import TOTAL, Key
from costper.pipeline.query.windows import WHOLE, Position

SHOWN = 12
"""Decimal places, or digits where a number is small, of what no decimal can write exactly."""

EXACT_PLACES = MONEY_SCALE + RATE_SCALE
"""Decimal places of an amount that was converted; what has more, or every digit, is a quotient."""


def answer_of(asked: Asked) -> Answer:
    """Write typed values as an answer: one row for each bucket and group.

    Each row has every letter and formula, with `_previous` and `_change_percent` where a period
    is compared. The total is made anew from all days and groups; `buckets` in it are the totals
    of each bucket where there are groups as well. The question can be asked again as it is.
    """
    return Answer(
        question=_question(asked),
        rows=tuple(_rows(asked)),
        total=_total(asked),
        currency=asked.currency,
        as_of=asked.as_of,
        settled_through=asked.settled_through,
        estimated=asked.estimated,
        coverage=asked.standing.coverage,
        unallocated=asked.standing.unallocated,
        issues=asked.issues,
        measures=dict(_measures(asked)),
    )


def names_of(asked: Asked) -> tuple[str, ...]:
    """Name every value column, letters first."""
    return (*asked.letters, *asked.formulas)


def shown(value: Amount) -> Amount:
    """Round what no decimal writes exactly; an exact amount, a converted one too, keeps its digits.

    >>> shown(CONTEXT.divide(Decimal(1), Decimal(3))), shown(Decimal("0.5"))
    (Decimal('0.333333333333'), Decimal('0.5'))
    """
    if isinstance(value, Absent):
        return value
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= MONEY_SCALE:
        return value
    plain = value.normalize(CONTEXT)
    _, digits, exponent = plain.as_tuple()
    if isinstance(exponent, int) and -exponent <= EXACT_PLACES and len(digits) < PRECISION:
        return plain
    places = max(SHOWN, SHOWN - 1 - value.adjusted())
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, CONTEXT)


def _rows(asked: Asked) -> Iterator[Row]:
    """Write bucket by bucket, all groups of it at once."""
    grain, by = asked.question.grain, asked.question.by
    groups = asked.groups if by else (TOTAL,)
    positions: range | tuple[None] = range(len(asked.buckets)) if grain else (WHOLE,)
    words = [dict(zip(by, key, strict=False)) for key in groups]
    for at in positions:
        bucket, doubts = _bucket(asked, at), _doubts(asked, TOTAL, at)
        columns = _columns(asked, at)
        for key, said, cells in zip(
            groups, words, zip(*columns.values(), strict=True), strict=True
        ):
            row: dict[str, Cell] = {**bucket, **said}
            if key in asked.statuses:
                row["status"] = asked.statuses[key]
            row.update(zip(columns, cells, strict=True))
            row.update(doubts)
            if "filled" in doubts:
                row["filled"] = asked.filled(key, at)
            yield row


def _columns(asked: Asked, at: Position) -> dict[str, Sequence[Amount]]:
    """Give the cells of all groups at a bucket, by column."""
    now = {name: asked.column(name, at) for name in names_of(asked)}
    columns: dict[str, Sequence[Amount]] = {
        name: list(map(shown, found)) for name, found in now.items()
    }
    if asked.compared is None:
        return columns
    for name, found in now.items():
        before = asked.column(name, at, compared=True)
        columns[f"{name}_previous"] = list(map(shown, before))
        columns[f"{name}_change_percent"] = asked.changes(found, before, at)
    return columns


def _bucket(asked: Asked, at: Position) -> dict[str, Cell]:
    """Name a bucket by its first day: a week by its Monday, even where the period cuts it."""
    grain = asked.question.grain
    return {} if at is None else {grain: bucket_of(asked.buckets[at].start, grain).start}


def _cells(asked: Asked, key: Key, at: Position) -> dict[str, Cell]:
    now = {name: asked.value(name, key, at) for name in names_of(asked)}
    cells: dict[str, Cell] = {name: shown(value) for name, value in now.items()}
    if asked.compared is None:
        return cells
    for name, value in now.items():
        before = asked.value(name, key, at, compared=True)
        cells[f"{name}_previous"] = shown(before)
        cells[f"{name}_change_percent"] = asked.change(value, before, at)
    return cells


def _doubts(asked: Asked, key: Key, at: Position) -> dict[str, Cell]:
    """Say of a row whether days of its bucket are cut off or lack data, may change, are made up."""
    cells: dict[str, Cell] = {}
    if at is not None:
        bucket, grain = asked.buckets[at], asked.question.grain
        if grain != "day":
            cut = bucket != bucket_of(bucket.start, grain)
            cells["partial"] = cut or asked.values.lacks(at)
        cells["estimated"] = not asked.settled(at)
    if any(asked.resolved(name).fills for name in asked.letters):
        cells["filled"] = asked.filled(key, at)
    return cells


def _total(asked: Asked) -> Row:
    cells = {**_cells(asked, TOTAL, WHOLE), **_doubts(asked, TOTAL, WHOLE)}
    for name, share in asked.matched.items():
        cells[f"{name}_matched_percent"] = share if isinstance(share, Absent) else _percent(share)
    if asked.question.grain and asked.question.by:
        cells["buckets"] = tuple(
            {
                **_bucket(asked, at),
                **_cells(asked, TOTAL, at),
                **_doubts(asked, TOTAL, at),
            }
            for at in range(len(asked.buckets))
        )
    return cells


def _percent(share: Decimal) -> Decimal:
    return CONTEXT.multiply(share, Decimal(100)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _question(asked: Asked) -> dict[str, Cell]:
    """Echo the question, with its days filled in: it can be asked again word for word."""
    question = asked.question
    cells: dict[str, Cell] = {
        "noun": "query",
        "letters": tuple(
            {
                "name": one.name,
                "kind": one.kind,
                "of": one.of,
                "where": one.where,
                "aggregation": one.aggregation,
            }
            for one in question.letters
        ),
        "formulas": tuple({"name": one.name, "text": one.text} for one in question.formulas),
        "grain": question.grain,
        "by": question.by,
        "compare": question.compare,
        "from": asked.period.start,
        "to": asked.period.end,
        "unit": question.unit,
        "scale": question.scale,
    }
    if asked.compared is not None:
        cells |= {"compared_from": asked.compared.start, "compared_to": asked.compared.end}
    infos = (*asked.letters.values(), *asked.formulas.values())
    return {**cells, "results": tuple(_result(asked, info) for info in infos)}


def _result(asked: Asked, info: LetterInfo) -> Row:
    """Say what a column is: its label by bucket and in the total, and what it has data for."""
    return {
        "name": info.name,
        "label": info.label,
        "total_label": label(info.unit, scale=asked.scale_of(info.name)),
        "measure": _measure(info.unit),
        "aggregation": info.aggregation,
        "settled_through": info.settled_through,
        "timezone": info.timezone,
        "coverage_percent": None if info.coverage is None else _percent(info.coverage),
    }


def _measures(asked: Asked) -> Iterator[tuple[str, Measure]]:
    infos: Mapping[str, LetterInfo] = {**asked.letters, **asked.formulas}
    for name, info in infos.items():
        plain = _measure(info.unit)
        yield name, plain
        yield f"{name}_previous", plain


def _measure(unit: Unit) -> Measure:
    """Say how a column is read: an amount, an amount per something, a percentage, a number."""
    if unit.percent or (not unit.money and not unit.nouns and unit.size == 100):  # noqa: PLR2004
        return "percent"
    if unit.money > 0:
        return "rate" if unit.nouns else "money"
    return "number"
