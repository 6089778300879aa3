"""Asks a question in letters: settles its words and days, reads once, and gives typed values."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pyarrow as pa

from costper.config.settings import Settings
from costper.economics.calendar import ONE_DAY
from costper.economics.compare import comparable
from costper.economics.formula.order import order_formulas
from costper.economics.formula.tree import Expression
from costper.economics.formula.units import Unit
from costper.errors import UserError
from costper.model.period import Period
from costper.model.question import Question
from costper.pipeline.answer.frame import Readable, Standing
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.facts import Coverage, Facts, facts_of
from costper.pipeline.query.groups import grouped
from costper.pipeline.query.infos import formula_infos, letter_info, units_of
from costper.pipeline.query.issues import issues_of
from costper.pipeline.query.layout import laid_out, letters_read
from costper.pipeline.query.read import Reader
from costper.pipeline.query.resolve import Resolved, resolved
from costper.pipeline.query.segments import Days, missing_segments
from costper.pipeline.query.spans import dated
from costper.pipeline.query.statement import MOST_LINES, Statement, Writer, either
from costper.pipeline.query.unknown import knowing
from costper.pipeline.query.values import Values
from costper.pipeline.query.windows import Windows, period_of
from costper.pipeline.query.written import checked

COVERAGES_KEPT = 1_000
LINES_KEPT = 200_000
"""How many rows of statements are kept for questions that read the same: about 20 MB."""

MOST_CELLS = 1_000_000
"""How many numbers an answer may have: 5,000 customers by month for eight years, compared."""


SURELY = 4
"""An estimate refuses only what is so many times too many: days differ."""

MANY_PARTS, MANY_KEYS = 5, 3
"""From so many letters by so many keys on, time included, rows are counted before they are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A question with all its words settled, and the one statement it becomes.

    `left_out` are the last days asked for that have none to be compared with.
    `coverage` is that of the cost it looks at, where a question before asked the same.
    """

    question: Question
    letters: tuple[Resolved, ...]
    expressions: Mapping[str, Expression]
    units: Mapping[str, Unit]
    period: Period
    left_out: Period
    windows: Windows
    holes: Mapping[str, frozenset[int]]
    statement: Statement
    coverage: Coverage | None = None


def ask(
    books: Readable,
    question: Question,
    *,
    now: datetime,
    standing: Standing | None = None,
    facts: Facts | None = None,
) -> Asked:
    """Answer a question: its numbers come of one statement on the marts.

    What is to be said of them (segments a metric lacks, unpriced calls) may take a small one more.
    `facts` (of facts_of) save four small statements while the books do not change.

    Raises:
        UserError: a name nobody declared, a formula that means nothing, days that cannot be
            asked; `where` names the letter or formula and the column.
    """
    facts = facts or facts_of(books)
    prepared = prepare(books, question, now=now, facts=facts)
    reader = Reader(prepared.letters, prepared.statement, prepared.windows, facts)
    reader.read(_lines(books, prepared, now, facts))
    if prepared.coverage is None:
        _keep_coverage(prepared, reader.coverage, facts)
    else:
        reader.coverage = prepared.coverage
    stands = standing or Standing()
    known_from = min(facts.payers_since.values(), default=date.min)
    found = _asked(books, prepared, reader, now, stands, known_from)
    found = grouped(found, prepared.letters)
    buckets = len(found.buckets) if question.grain else 1
    values = len(found.reads) * (2 if found.compared else 1)
    _check_size(max(len(found.groups), 1) * buckets * values, MOST_CELLS)
    lacking = missing_segments(books, Days(found.period, found.compared), prepared.letters, facts)
    issues = issues_of(books, found, prepared.letters, facts, lacking)
    return replace(found, issues=(*stands.issues, *issues))


def _lines(books: Readable, prepared: Prepared, now: datetime, facts: Facts) -> pa.Table:
    """Read what the letters say; another formula over the same letters reads it no second time."""
    statement = prepared.statement
    kept = facts.lines.get(statement.mark) if prepared.coverage is not None else None
    if kept is not None:
        return kept
    _foretell(books, prepared, now, facts)
    found = books.marts.query(statement.sql, statement.params.values)
    _check_size(found.num_rows, MOST_LINES)
    if found.num_rows + sum(it.num_rows for it in list(facts.lines.values())) > LINES_KEPT:
        facts.lines.clear()
    if found.num_rows <= LINES_KEPT:
        facts.lines[statement.mark] = found
    return found


def _foretell(books: Readable, prepared: Prepared, now: datetime, facts: Facts) -> None:
    """Refuse what would give too many rows before the engine has all of them in memory at once.

    Letter after letter is counted, in a question of many letters by several keys and days; after
    the first it is left, where as many of each would be far from too many.
    """
    parts, limit = prepared.statement.parts, MOST_LINES
    keys = len(prepared.question.by) + bool(prepared.question.grain)
    if len(parts) < MANY_PARTS or keys < MANY_KEYS:
        return
    if prepared.question.grain == "day":  # a day in the midst says about how many all have
        day = prepared.period.start + ONE_DAY * (prepared.period.days // 2)
        asked = replace(prepared.question, since=day, until=day + ONE_DAY)
        first = prepare(books, asked, now=now, facts=facts).statement
        about = _rows_of(books, first.parts[0], first) * prepared.period.days * len(parts)
        _check_size(about // SURELY, limit)
    found = 0
    for part in parts:
        found += _rows_of(books, part, prepared.statement)
        _check_size(found, limit)
        if part is parts[0] and 2 * found * len(parts) < limit:
            return


def _rows_of(books: Readable, part: str, statement: Statement) -> int:
    """Count the rows of one letter, up to one more than there may be."""
    sql = f"SELECT COUNT(*) AS n FROM (SELECT 1 FROM ({part}) AS p LIMIT {MOST_LINES + 1}) AS q"
    found: int = books.marts.query(sql, statement.params.values).to_pylist()[0]["n"]
    return found


def prepare(books: Readable, question: Question, *, now: datetime, facts: Facts) -> Prepared:
    """Settle everything a question's words leave open, and write its statement."""
    letters, expressions, units = meaning(books.settings, question, facts, now)
    letters = knowing(books, letters, facts)
    question = dated(question, letters, books.settings, now)
    wanted = period_of(question, letters, books.settings, now)
    by_day = all(one.grain == "day" for one in letters)
    period = comparable(wanted, question.compare) if by_day else wanted
    windows, holes = laid_out(question, period, letters, expressions)
    writer = Writer(books.settings, facts, windows, now.date() + ONE_DAY)
    coverage = facts.coverage.get(_looked_at(letters, period))
    return Prepared(
        question=question,
        letters=letters,
        expressions=expressions,
        units=units,
        period=period,
        left_out=Period(period.end, wanted.end),
        windows=windows,
        holes=holes,
        statement=writer.statement(letters, covered=coverage is None),
        coverage=coverage,
    )


def _looked_at(letters: Sequence[Resolved], period: Period) -> Hashable:
    """Name the cost some letters look at: whatever is asked of it, as much of it is allocated."""
    return (period, either([one for one in letters if one.kind == "cost"]))


def _keep_coverage(prepared: Prepared, found: Coverage, facts: Facts) -> None:
    """Keep how much of the cost is allocated for the next question of these days."""
    if any(one.kind == "cost" for one in prepared.letters):
        if len(facts.coverage) >= COVERAGES_KEPT:
            facts.coverage.clear()
        facts.coverage[_looked_at(prepared.letters, prepared.period)] = found


def meaning(
    settings: Settings, question: Question, facts: Facts, now: datetime
) -> tuple[tuple[Resolved, ...], Mapping[str, Expression], Mapping[str, Unit]]:
    """Give letters with their words settled, formulas in their order, and the units of all.

    Raises:
        UserError: a word means nothing; `where` names the letter or formula and the column.
    """
    checked(question)
    letters = resolved(settings, question, facts, now)
    _check_keys(question, letters)
    expressions = order_formulas(question.formulas, [one.name for one in letters])
    return letters, expressions, units_of(question, letters, expressions, settings.currency)


def _asked(
    books: Readable,
    prepared: Prepared,
    reader: Reader,
    now: datetime,
    standing: Standing,
    known_from: date,
) -> Asked:
    question, letters, period = prepared.question, prepared.letters, prepared.period
    names = [one.name for one in letters]
    settled = _settled(letters, now.date() - timedelta(days=books.settings.settle_days))
    image = prepared.windows.image
    return Asked(
        question=question,
        period=period,
        compared=image.period if image else None,
        left_out=prepared.left_out,
        buckets=prepared.windows.buckets,
        letters={one.name: letter_info(one, prepared.units, period, question) for one in letters},
        formulas=formula_infos(question, prepared.expressions, prepared.units),
        groups=(),
        statuses={},
        matched={},
        settled_through=settled,
        estimated=reader.coverage.estimated or settled is None or period.end > settled + ONE_DAY,
        currency=books.settings.currency,
        standing=reader.coverage,
        issues=(),
        as_of=standing.as_of,
        values=Values(
            letters=dict(zip(names, letters, strict=True)),
            series=dict(zip(names, reader.series, strict=True)),
            windows=prepared.windows,
            by=question.by,
            until=now.date() + ONE_DAY,
            known_from=known_from,
        ),
        expressions=prepared.expressions,
        reads=letters_read(names, prepared.expressions),
        holes=prepared.holes,
    )


def _settled(letters: Sequence[Resolved], usual: date) -> date | None:
    """Give the last day settled in every letter; revenue alone is settled as usual."""
    if all(one.kind == "revenue" for one in letters):
        return usual
    return min((one.settled for one in letters if one.settled), default=None)


def _check_size(many: int, most: int) -> None:
    if many > most:
        raise UserError(
            f"the answer would be made of more than {most:,} numbers",
            where="by",
            hint="ask for fewer groups (a condition), fewer days or a coarser grain",
        )


def _check_keys(question: Question, letters: Sequence[Resolved]) -> None:
    if any(len(one.keys) == len(question.by) for one in letters):
        return
    raise UserError(
        f"no letter is broken down by all of {', '.join(question.by)}",
        where="by",
        hint="; ".join(f"{one.name} by {', '.join(one.keys) or 'none of them'}" for one in letters),
    )
