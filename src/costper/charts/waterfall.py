"""Draws why a number changed: from what it was, step by step, to what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from costper.charts import frame
from costper.charts.scale import TENTHS, Linear, drawable, extent
from costper.charts.svg import label, listed, tag, tenths, text
from costper.charts.text import shorten, width
from costper.charts.theme import Tone
from costper.charts.unit import NUMBER, SHORTENED_FROM, Unit, full, short
from costper.model.money import total

ROW = 26 * TENTHS
THICK = 14 * TENTHS
GAP = 8 * TENTHS
SLIVER = Decimal("0.2")
"""Steps that cover less than this share of the whole are drawn larger than life."""

Written = Callable[[Decimal, Unit], str]
NAMES = 3
"""Names take at most one part in so many of the width."""


@dataclass(frozen=True, slots=True)
class Step:
    """One reason and how much of the change is its own; None where it is not known."""

    name: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """From `start`, through steps, to their sum, which is computed: the picture adds up.

    `judged` colours a rise as bad and a fall as good; else both are colours without a verdict.
    """

    id: str
    title: str
    description: str
    start: Step
    steps: tuple[Step, ...]
    end_name: str
    unit: Unit = NUMBER
    judged: bool = True
    width: int = 640


@dataclass(frozen=True, slots=True)
class Drawn:
    """One bar: what it says, where it begins and ends, and its tone."""

    name: str
    amount: Decimal | None
    begin: Decimal
    end: Decimal
    tone: Tone
    whole: bool


def draw(chart: Waterfall) -> str:
    """Draw one row a step, names to the left, amounts to the right of their bars."""
    rows = bars_of(chart)
    written = [_amount(row, chart.unit, _writing(rows)) for row in rows]
    names = max(width(row.name) for row in rows)
    left = min(names, chart.width * TENTHS // NAMES) + GAP
    amounts = max(width(it) for it in written) + 2 * GAP
    low, high = _span(rows)
    right = max(chart.width * TENTHS - amounts, left + 400)
    scale = Linear(low, high, left + GAP, right)
    body = "".join(_row(row, index, scale, written[index], left) for index, row in enumerate(rows))
    return frame.picture(
        _links(rows, scale) + body,
        chart,
        size=(chart.width * TENTHS, ROW * len(rows)),
        facts={
            "chart": "waterfall",
            "names": listed(" ".join(row.name.split()) for row in rows),
            "texts": listed(written),
            "row": tenths(ROW),
        },
    )


def bars_of(chart: Waterfall) -> list[Drawn]:
    """Give the bars: each step begins where the one before it ends, the last is their sum."""
    start = _amount_or_zero(chart.start.amount)
    rows = [Drawn(chart.start.name, start, Decimal(0), start, "other", whole=True)]
    at = start
    for step in chart.steps:
        end = total([at, _amount_or_zero(step.amount)])
        known = step.amount is not None and drawable(step.amount)
        amount = step.amount if known else None
        rows.append(Drawn(step.name, amount, at, end, _tone(end - at, chart), whole=False))
        at = end
    rows.append(Drawn(chart.end_name, at, Decimal(0), at, "ink", whole=True))
    return rows


def _amount_or_zero(amount: Decimal | None) -> Decimal:
    return amount if amount is not None and drawable(amount) else Decimal(0)


def _tone(change: Decimal, chart: Waterfall) -> Tone:
    if not chart.judged:
        return "1" if change > 0 else "second"
    return "bad" if change > 0 else "good"


def _span(rows: Sequence[Drawn]) -> tuple[Decimal, Decimal]:
    """Span all bars from zero; but where steps would be slivers, cut the whole bars' feet off."""
    edges = [it for row in rows if not row.whole for it in (row.begin, row.end)]
    low, high = extent([*edges, *(row.end for row in rows)], from_zero=True)
    if edges and low == 0 and 0 < max(edges) - min(edges) < high * SLIVER:
        return min(edges) - (max(edges) - min(edges)) / 2, high
    return (low, high) if low < high else (low, low + 1)


def _writing(rows: Sequence[Drawn]) -> Written:
    """Write to cents, so that readers can add up; large amounts in short."""
    large = any(abs(row.amount) >= SHORTENED_FROM for row in rows if row.amount is not None)
    return short if large else full


def _amount(row: Drawn, unit: Unit, written: Written) -> str:
    if row.amount is None:
        return "—"
    sign = "+" if not row.whole and row.amount > 0 else ""
    return f"{sign}{written(row.amount, unit)}"


def _row(row: Drawn, index: int, scale: Linear, written: str, left: int) -> str:
    middle = index * ROW + ROW // 2
    foot = max(row.begin, scale.low) if row.whole and scale.low > 0 else row.begin
    begin, end = sorted((scale.place(foot), scale.place(row.end)))
    strong = "c-strong c-f-ink" if row.whole else "c-f-muted"
    path = f"M{tenths(begin)} {tenths(middle)}h{tenths(max(end - begin, 10))}"
    amount_class = strong if row.whole or not row.amount else f"c-f-{row.tone}"
    return tag(
        "g",
        tag("title", text(f"\u2068{row.name}\u2069: {written}")),
        label(shorten(row.name, left - GAP), 0, middle + 40, strong),
        tag("path", class_=f"c-bars c-s-{row.tone}", stroke_width=tenths(THICK), d=path)
        if row.amount
        else "",
        _cut(begin, middle) if row.whole and foot != row.begin else "",
        label(written, end + GAP, middle + 40, amount_class),
        class_="c-step",
        data_step=index,
    )


def _cut(begin: int, middle: int) -> str:
    """Show that a bar's foot was cut off: two slanting gaps."""
    x, y = begin + 10 * TENTHS, middle + THICK
    slash = f"l{tenths(THICK)} {tenths(-2 * THICK)}"
    path = f"M{tenths(x)} {tenths(y)}{slash}M{tenths(x + 60)} {tenths(y)}{slash}"
    return tag("path", class_="c-rule c-cut c-s-surface", stroke_width=2, d=path)


def _links(rows: Sequence[Drawn], scale: Linear) -> str:
    """Join each bar's end with the beginning of the next."""
    path = "".join(
        f"M{tenths(scale.place(row.end))} {tenths(index * ROW + (ROW + THICK) // 2)}"
        f"v{tenths(ROW - THICK if rows[index + 1].amount else ROW)}"
        for index, row in enumerate(rows[:-1])
    )
    return tag("path", class_="c-rule c-s-muted", d=path)
