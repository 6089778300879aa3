"""The days a question reads: its period, what it is compared with, and all its formulas reach."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import cast

from costper.config.settings import Settings
from costper.economics.calendar import ONE_DAY, back, bucket_before, bucket_of, buckets
from costper.economics.compare import Image, image_of
from costper.economics.formula.reach import WINDOWS, Back, Reading
from costper.errors import UserError
from costper.model.period import Period
from costper.model.question import Grain, Question
from costper.pipeline.query.resolve import Resolved

DEFAULT_DAYS = 30
LONGEST_DAYS = 3660
BUCKETS_BACK: Mapping[Grain, int] = {"week": 11, "month": 5, "quarter": 3}
"""How many whole buckets come before that of the last settled day when no range is asked."""

MOST_PIECES = 400
"""With more pieces than these, days come back one by one."""

MOST_SPANS = 50_000
"""How many stretches of days a question may read: ten years by day, shifted a dozen times."""

Chain = tuple[Back, ...]
"""Calendar shifts in the order they are walked; () is the bucket itself."""

WHOLE = None
Position = int | None
"""Which bucket of the period, counted from 0; before it below 0; None is the whole period."""


def period_of(
    question: Question, letters: Sequence[Resolved], settings: Settings, now: datetime
) -> Period:
    """Settle the period; what is not said ends with the last day settled in every letter."""
    known = [one.settled for one in letters if one.settled is not None]
    last = min(known, default=now.date() - timedelta(days=settings.settle_days))
    since, until, days = question.since, question.until, question.days
    if until is None:
        until = since + timedelta(days=days) if since and days else last + ONE_DAY
    if since is None:
        begun = [one.held.first for one in letters if one.held.first and one.kind != "revenue"]
        usual = _usual_start(question, until, min(begun, default=until - ONE_DAY))
        since = until - timedelta(days=days) if days else usual
    if not since < until or (until - since).days > LONGEST_DAYS:
        raise UserError(
            f"the period from {since} to before {until} holds no day, or more than {LONGEST_DAYS}",
            where="from",
            hint=f"'to' is the first day that does not count; the last settled day is {last}",
        )
    return Period(since, until)


def _usual_start(question: Question, until: date, first: date) -> date:
    """Give the usual first day, but none before the data begin."""
    begun = min(first, until - ONE_DAY)
    if question.compare == "month_to_date":
        return (until - ONE_DAY).replace(day=1)
    found = bucket_of(until - ONE_DAY, question.grain)
    if question.grain not in BUCKETS_BACK:
        return max(until - timedelta(days=DEFAULT_DAYS), begun)
    for _ in range(BUCKETS_BACK[question.grain]):
        found = bucket_before(found, question.grain)
    return max(found.start, begun)


@dataclass(slots=True)
class Windows:
    """Where every bucket lies, shifted and compared, and the pieces all of them are made of.

    `pieces` are days in a row that no bucket, hole or rate cuts; they follow one another without
    overlap. Every span is some of them in a row, so each day is read and added up once.
    """

    period: Period
    grain: Grain
    image: Image | None = None
    buckets: tuple[Period, ...] = ()
    pieces: tuple[Period, ...] = ()
    starts: list[int] = field(default_factory=list[int])
    _spans: dict[tuple[Position, bool, Chain], Period | None] = field(
        default_factory=dict[tuple[Position, bool, Chain], Period | None]
    )

    def span(self, at: Position, then: bool, shifts: Chain = ()) -> Period | None:  # noqa: FBT001
        """Give the days of a bucket, in the period compared with (`then`), shifted back."""
        key = (at, then, shifts)
        if key not in self._spans:
            self._spans[key] = self._found(at, then, shifts)
        return self._spans[key]

    def _found(self, at: Position, then: bool, shifts: Chain) -> Period | None:  # noqa: FBT001
        if shifts:
            return self._shifted(at, then, shifts)
        if then:
            plain = self.span(at, then=False)
            return None if plain is None or self.image is None else self.image.of(plain)
        if at is None:
            return self.period
        if at >= 0:
            return self.buckets[at]
        after = self.span(at + 1, then=False)
        try:
            return None if after is None else bucket_before(after, self.grain)
        except (OverflowError, ValueError):
            return None

    def _shifted(self, at: Position, then: bool, shifts: Chain) -> Period | None:  # noqa: FBT001
        count, unit = shifts[-1]
        inner = self.span(at, then, shifts[:-1])
        if inner is None:
            return None
        return back(inner, count, unit, side_by_side=self._is_followed(at))

    def _is_followed(self, at: Position) -> bool:
        """Say whether another month or quarter comes after a bucket: the total holds both."""
        inside = at is not None and 0 <= at < len(self.buckets) - 1
        return inside and self.grain in {"month", "quarter"}

    def places(self, span: Period) -> range:
        """Give the pieces a span is made of, by their places."""
        return range(
            bisect_left(self.starts, span.start.toordinal()),
            bisect_left(self.starts, span.end.toordinal()),
        )

    @property
    def by_day(self) -> bool:
        """Say whether every piece is one day."""
        return all(piece.days == 1 for piece in self.pieces)

    @property
    def by_month(self) -> bool:
        """Say whether every piece lies in a calendar month that no other piece is in."""
        months = [piece.start.replace(day=1) for piece in self.pieces]
        ends = [(piece.end - ONE_DAY).replace(day=1) for piece in self.pieces]
        return months == ends and len(frozenset(months)) == len(months)

    @property
    def both(self) -> tuple[bool, ...]:
        """The period, and the one it is compared with."""
        return (False, True) if self.image else (False,)


def windows_of(
    question: Question,
    period: Period,
    readings: Iterable[Reading],
    holes: Iterable[Iterable[Period]],
) -> Windows:
    """Lay out a question's days. `holes` are runs of days some ratio leaves out."""
    found = Windows(
        period=period,
        grain=question.grain,
        image=image_of(period, question.compare, question.grain),
        buckets=buckets(period, question.grain),
    )
    spans = frozenset(_spans(found, frozenset(readings)))
    joined = tuple(_joined(spans))
    cuts = {edge for span in spans for edge in (span.start, span.end)}
    cuts |= {edge for runs in holes for run in runs for edge in (run.start, run.end)}
    pieces = tuple(_cut(joined, cuts))
    if len(pieces) > MOST_PIECES:
        pieces = tuple(Period(d, d + ONE_DAY) for span in joined for d in span.each_day())
    found.pieces = pieces
    found.starts = [piece.start.toordinal() for piece in pieces]
    return found


def _spans(windows: Windows, readings: frozenset[Reading]) -> Iterator[Period]:
    positions: list[Position] = [*range(len(windows.buckets)), WHOLE]
    reaches = frozenset(map(_reach, readings))
    many = sum(window + len(positions) for window, _ in reaches) * len(windows.both)
    if many > MOST_SPANS:
        raise UserError(
            f"the formulas reach {many} stretches of days, and at most {MOST_SPANS} are read",
            where="formula",
            hint="ask for fewer days, a coarser grain or fewer shifts",
        )
    for window, shifts in reaches:
        wanted = {at if at is None else at - step for at in positions for step in range(window)}
        for then in windows.both:
            for at in wanted:
                found = windows.span(at, then, shifts)
                if found is not None and found.days:
                    yield found


def _reach(reading: Reading) -> tuple[int, Chain]:
    """Give how many buckets back a reading goes, and its shifts; running sums stay inside."""
    window = max((count for count, unit in reading.moves if unit == "BUCKETS"), default=1)
    moves = (move for move in reading.moves if move[1] not in WINDOWS)
    return window, cast("Chain", tuple(moves))


def _joined(spans: Iterable[Period]) -> Iterator[Period]:
    """Join spans that touch or overlap."""
    held: Period | None = None
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if held is None or span.start > held.end:
            if held is not None:
                yield held
            held = span
        else:
            held = Period(held.start, max(held.end, span.end))
    if held is not None:
        yield held


def joined(pieces: Sequence[Period]) -> tuple[Period, ...]:
    """Give the stretches pieces cover."""
    return tuple(_joined(pieces))


def _cut(stretches: Iterable[Period], cuts: Iterable[date]) -> Iterator[Period]:
    ordered = sorted(cuts)
    for stretch in stretches:
        inside = [cut for cut in ordered if stretch.start < cut < stretch.end]
        yield from (Period(*pair) for pair in pairwise((stretch.start, *inside, stretch.end)))


def runs(missing: Iterable[int]) -> tuple[Period, ...]:
    """Give days (as ordinals) as stretches of days in a row."""
    return joined([Period(date.fromordinal(day), date.fromordinal(day + 1)) for day in missing])
