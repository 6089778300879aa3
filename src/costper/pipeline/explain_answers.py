"""Answers that prove a number: the bill rows behind it, or the legs a bill row became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from costper.allocation.explain import OTHERS, Line, derivation, undivided
from costper.economics.currency import MISSING_RATE, Rates, sum_of
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.instant import instant
from costper.model.money import EXACT, total
from costper.pipeline.answer.customer import customer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.unsaid import refuse_plan
from costper.pipeline.answer.value import value as value_of
from costper.pipeline.explain import ROWS_SHOWN, SOURCE, Explanation, explain
from costper.pipeline.explain_charge import Part, explain_charge
from costper.store.books import Books
from costper.store.runs import listed_runs


def explain_answer(
    books: Books,
    frame: Frame,
    dimension: str,
    value: str,
    *,
    rows: int | None = ROWS_SHOWN,
    after: int | None = None,
) -> Answer:
    """Explain what a value costs in the frame's period: lines that add up to it exactly.

    Every line names its bill row by file and row, or sums up `rows` of them. `total` holds the
    cost of record in the home currency and in each it was billed in, with the rates between them;
    a line's cost is in its own currency. `after` turns the pages of the lines with a bill row: each
    page adds up, as the lines of the others are summed up in it.

    Raises UnknownNameError, with the nearest, when the books never heard of the value; one they
    write in another way is explained as they write it.
    """
    refuse_plan(frame, (dimension,))
    found = explain(books, dimension, value, frame.period, rows=rows, after=after)
    if not found.parts:
        written = _as_written(frame, dimension, value)
        if written != value:
            return explain_answer(books, frame, dimension, written, rows=rows, after=after)
    made = frame.answer(
        {"noun": dimension, dimension: value, "bill_rows": found.rows, "parts": found.parts},
        tuple(_line(line, dimension) for line in found.lines),
        _sums(found, frame.rates),
        found.issues,
    )
    return replace(made, measures={"rate": "price", "amount": "number"})


def _sums(found: Explanation, rates: Rates) -> Row:
    """Give the cost in the home currency and, where it was billed in others, in each of them.

    `converted` has a line for each currency and rate that held: amount times rate is cost; they add
    up to the cost exactly.
    """
    if not found.totals:
        return {}
    if set(found.totals) == {rates.home}:
        return {"cost": found.totals[rates.home]}
    days: dict[tuple[str, Decimal | None], list[tuple[date, Decimal]]] = {}
    for (currency, day), cost in found.days.items():
        days.setdefault((currency, rates.on(currency, day)), []).append((day, cost))
    lines = tuple(_converted(*key, own) for key, own in days.items())
    sums = [_in_home(total([cost for _, cost in own]), rate) for (_, rate), own in days.items()]
    return {
        "cost": sum_of(sums),
        **{f"cost_{currency.lower()}": cost for currency, cost in found.totals.items()},
        "converted": lines,
    }


def _in_home(amount: Decimal, rate: Decimal | None) -> Decimal | Absent:
    if rate is None:
        return MISSING_RATE if amount else amount
    return EXACT.multiply(amount, rate)


def _converted(
    currency: str, rate: Decimal | None, days: Sequence[tuple[date, Decimal]]
) -> dict[str, Cell]:
    """Write what was billed in one currency on the days of one rate, and what that is at home."""
    amount = total([cost for _, cost in days])
    return {
        "currency": currency,
        "first_day": days[0][0],
        "last_day": days[-1][0],
        "amount": amount,
        "rate": MISSING_RATE if rate is None else rate,
        "cost": _in_home(amount, rate),
    }


def charge_answer(books: Books, name: str) -> Answer:
    """Explain one bill row: every leg it became a part of, adding up to its cost exactly."""
    found = explain_charge(books, name)
    runs = listed_runs(books.control, ("current",))
    return Answer(
        question={
            "noun": "charge",
            "charge": found.bill.charge,
            "bill_row": f"{found.bill.file}:{found.bill.row_no}",
            "description": found.bill.description,
            "row_cost": found.bill.whole,
        },
        rows=tuple(_part(part) for part in found.parts),
        total={"cost": total([part.cost for part in found.parts])},
        currency=found.currency,
        as_of=instant(max((run.created_at for run in runs), default="")),
        settled_through=None,
        estimated=False,
        coverage=None,
    )


def _as_written(frame: Frame, dimension: str, value: str) -> str:
    """Give the value as the books write it; UnknownNameError when nothing ever had it."""
    if dimension == SOURCE:
        return _source(frame, value)
    known = customer(frame, value) if dimension == "customer" else value_of(frame, dimension, value)
    return str(known.question[dimension])


def _source(frame: Frame, value: str) -> str:
    """Give a source that has charges, or is declared; UnknownNameError for any other."""
    rows = frame.books.marts.query("SELECT DISTINCT source FROM dimension_daily")
    known = {str(one) for one in rows.column(SOURCE).to_pylist()}
    known |= {one.name for one in frame.books.settings.sources if one.kind == "bill"}
    if value not in known:
        raise UnknownNameError(SOURCE, value, sorted(known))
    return value


def _line(line: Line, dimension: str) -> Row:
    bill = line.bill
    others = {name: value for name, value in line.dims.items() if name != dimension}
    return {
        "day": line.day if bill else None,
        "bill_row": f"{bill.file}:{bill.row_no}" if bill else OTHERS,
        "charge": bill.charge if bill else "",
        "description": bill.description if bill else "",
        "row_cost": bill.whole if bill else None,
        "day_cost": bill.cost if bill else None,
        "parts": line.rows,
        **others,
        "rule": f"{line.rule}@{line.version}" if line.version else line.rule,
        "method": line.method,
        "reason": line.reason,
        "how": _how(line),
        "currency": line.currency,
        "cost": line.cost,
    }


def _how(line: Line) -> str:
    """Say how a line follows from its bill row and the pools it went through, or what it sums up.

    The last division is named by the pool it was made of; a chain names each.
    """
    direct = undivided(line.reason, line.to)
    if line.bill is None:
        by = (
            f"{line.rule}, stage {line.stage}, {line.method}" if line.method != "direct" else direct
        )
        noun = "part" if line.rows == 1 else "parts"
        return f"{line.rows:,} {noun}: {by if line.rule else direct}"
    steps = tuple(reversed(line.steps))
    pools = " | ".join(step.pool_text() for step in steps)
    return derivation(line.bill, steps, direct) + (f"; {pools}" if pools else "")


def _part(part: Part) -> Row:
    return {
        "day": part.day,
        **part.dims,
        "rule": f"{part.rule}@{part.version}" if part.version else part.rule,
        "method": part.method,
        "reason": part.reason,
        "how": derivation(part.bill, part.steps, undivided(part.reason, part.to)),
        "currency": part.currency,
        "cost": part.cost,
    }
