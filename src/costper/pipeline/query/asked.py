"""A question that has been asked: its values by group and bucket, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from costper.economics.calendar import ONE_DAY
from costper.economics.compare import NOT_SETTLED, PREVIOUS_INCOMPLETE, change_percent
from costper.economics.formula.arithmetic import Amount, combine
from costper.economics.formula.columns import Column, column, local_formulas, settled
from costper.economics.formula.evaluate import Sheet, cell, sheet_of
from costper.economics.formula.tree import Chain, Expression, Name, Number, Step
from costper.economics.formula.units import Unit
from costper.economics.trend import NEW
from costper.model.answer import Absent
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.model.question import LetterKind, Question
from costper.pipeline.query.facts import Coverage
from costper.pipeline.query.read import TOTAL, Key
from costper.pipeline.query.resolve import Resolved
from costper.pipeline.query.values import NO_HOLES, NOTHING_OF, Operands, Values, Where
from costper.pipeline.query.windows import WHOLE, Position

Sides = Mapping[str, Amount]
"""By letter, the share (0..1) of its sum that lies in groups every letter has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterInfo:
    """What is known of one letter or formula.

    `coverage` is of a metric or a formula the share (0..1) of the settled days it has data for,
    of cost the share of its gross cost that is allocated. `kind` '' is a formula.
    """

    name: str
    kind: LetterKind | str
    label: str
    unit: Unit
    aggregation: str = ""
    settled_through: date | None = None
    timezone: str = ""
    coverage: Decimal | None = None
    keys: tuple[str, ...] = ()
    days_with_data: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The answer to a question as typed values; nothing in it is rounded.

    `groups` are the keys found, dearest first: words in the order of the question's `by`; () is
    everything together (TOTAL), which is never the sum of ratios but the ratio of sums. `buckets`
    are the days of each bucket of the grain, WHOLE is the whole period. `left_out` are days after
    it that were asked for and have none to be compared with.
    """

    question: Question
    period: Period
    compared: Period | None
    left_out: Period
    buckets: tuple[Period, ...]
    letters: Mapping[str, LetterInfo]
    formulas: Mapping[str, LetterInfo]
    groups: tuple[Key, ...]
    statuses: Mapping[Key, str]
    matched: Sides
    settled_through: date | None
    estimated: bool
    currency: str
    standing: Coverage
    issues: tuple[Issue, ...]
    as_of: str = ""
    values: Values
    expressions: Mapping[str, Expression]
    reads: Mapping[str, frozenset[str]]
    """The letters each letter and formula is made of."""
    holes: Mapping[str, frozenset[int]]
    _refusals: dict[tuple[str, Position], Absent | None] = field(
        default_factory=dict[tuple[str, Position], Absent | None]
    )
    _sheets: dict[str, Sheet[Where]] = field(default_factory=dict[str, Sheet[Where]])

    _local: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Settle which formulas have whole columns."""
        object.__setattr__(self, "_local", local_formulas(self.expressions))

    def value(
        self, name: str, key: Key = TOTAL, bucket: Position = WHOLE, *, compared: bool = False
    ) -> Amount:
        """Give a letter's or formula's value; null with a reason where there is none.

        `compared` gives it in the period compared with: `previous_incomplete` where the books do
        not reach back to its start.
        """
        refusal = self._refusal(name, bucket) if compared else None
        if refusal is not None:
            return refusal
        at = 0 if bucket is None and not self.question.grain else bucket
        where = Where(key, at, compared)
        if name not in self.expressions:
            return self.values.value(name, where)
        found = cell(self.expressions[name], where, self._sheet(name))
        if isinstance(found, Absent) or self.scale_of(name) == 1:
            return found
        return combine(found, "*", Decimal(self.scale_of(name)))

    def column(self, name: str, bucket: Position = WHOLE, *, compared: bool = False) -> Column:
        """Give `value` of every group at once, in their order; TOTAL's where nothing is grouped."""
        groups = self.groups if self.question.by else (TOTAL,)
        refusal = self._refusal(name, bucket) if compared else None
        if refusal is not None:
            return [refusal] * len(groups)
        at = 0 if bucket is None and not self.question.grain else bucket
        where = Where(TOTAL, at, compared)
        if name not in self.expressions:
            return self.values.column(name, groups, where)
        if name not in self._local:
            return [self.value(name, key, bucket, compared=compared) for key in groups]
        found = settled(self._formula_column(name, groups, where))
        scale = Number(Decimal(self.scale_of(name)))
        if scale.value == 1:
            return found
        return column(Chain(Name(name), (Step("*", scale),)), len(groups), lambda _: found)

    def _formula_column(self, name: str, groups: Sequence[Key], where: Where) -> Column:
        """Work out a formula's column; each name in it once, on the days this formula keeps."""
        holes = self.holes.get(name, NO_HOLES)
        known: dict[str, Column] = {}

        def named(word: str) -> Column:
            if word not in known:
                known[word] = (
                    column(self.expressions[word], len(groups), named)
                    if word in self.expressions
                    else self.values.column(word, groups, where, holes)
                )
            return known[word]

        return named(name)

    def change_percent(self, name: str, key: Key = TOTAL, bucket: Position = WHOLE) -> Amount:
        """Say by how many per cent of |before| a value moved, rounded to one decimal.

        Null: "new" where there was nothing or zero before, `previous_incomplete`, `not_settled`.
        """
        now = self.value(name, key, bucket)
        before = self.value(name, key, bucket, compared=True)
        return self.change(now, before, bucket)

    def change(self, now: Amount, before: Amount, bucket: Position = WHOLE) -> Amount:
        """Say by how many per cent of |before| two values of a bucket differ."""
        return self.changes((now,), (before,), bucket)[0]

    def changes(self, now: Column, before: Column, bucket: Position = WHOLE) -> Column:
        """Say it of many groups at once."""
        final = self.settled(bucket)
        return [_change(*pair, final=final) for pair in zip(now, before, strict=True)]

    def scale_of(self, name: str) -> int:
        """Say what a result is multiplied by: ratios alone are per so many."""
        info = self.formulas.get(name)
        scaled = info is not None and info.unit.ratio and not info.unit.percent
        return self.question.scale if scaled else 1

    def settled(self, bucket: Position = WHOLE) -> bool:
        """Say whether every day of a bucket is final in every letter."""
        span = self.period if bucket is None else self.buckets[bucket]
        return self.settled_through is not None and span.end <= self.settled_through + ONE_DAY

    def filled(self, key: Key, bucket: Position = WHOLE) -> int:
        """Count the days of a bucket that gap rules made up, in all letters."""
        return sum(self.values.filled(name, Where(key, bucket)) for name in self.letters)

    def resolved(self, name: str) -> Resolved:
        """Give a letter with everything its words leave open."""
        return self.values.letters[name]

    def _sheet(self, name: str) -> Sheet[Where]:
        found = self._sheets.get(name)
        if found is None:
            operands = Operands(self.values, self.holes.get(name, frozenset()))
            found = self._sheets[name] = sheet_of(operands, self.expressions)
        return found

    def _refusal(self, name: str, bucket: Position) -> Absent | None:
        if (name, bucket) not in self._refusals:
            self._refusals[name, bucket] = self._incomplete(name, bucket)
        return self._refusals[name, bucket]

    def _incomplete(self, name: str, bucket: Position) -> Absent | None:
        windows = self.values.windows
        span = windows.span(bucket, then=True)
        if windows.image is None or span is None or not windows.image.whole:
            return PREVIOUS_INCOMPLETE
        for letter in self.reads[name]:
            one = self.values.letters[letter]
            if one.kind != "revenue" and (one.held.first is None or span.start < one.held.first):
                return PREVIOUS_INCOMPLETE
        return None


def _change(now: Amount, before: Amount, *, final: bool) -> Amount:
    if isinstance(now, Absent):
        return now
    if isinstance(before, Absent):
        return NEW if before in NOTHING_OF.values() else before
    return change_percent(now, before) if final else NOT_SETTLED
