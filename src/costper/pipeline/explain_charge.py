"""Walks from one row of a bill to every leg it became a part of, adding up to the last digit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from costper.allocation.explain import BillRow, Step, charge_id, day_share, portions, ratio_of
from costper.allocation.match import NO_RULE
from costper.errors import UserError
from costper.model.category import kept_category
from costper.model.charge import CHARGE_COLUMNS
from costper.model.dimension import RESERVED, UNALLOCATED
from costper.model.names import quoted
from costper.model.period import month_of
from costper.pipeline.bill_rows import TOLD, Shape, daily_rows
from costper.pipeline.chain import Chain, Row
from costper.pipeline.explain import shape_of
from costper.store.books import Books
from costper.store.deliveries import files_of
from costper.store.engine import Parameter

CHARGE = re.compile(
    r"(?P<source>.+)/(?P<delivery>[0-9]{1,9})/(?P<file>[0-9]{1,9}):(?P<row>[0-9]{1,18})"
)
TEXTS = frozenset({"text", "tags"})
HOW = "SOURCE/DELIVERY/FILE:ROW, as `costper explain customer NAME` prints it"
ONE = "source = $source AND delivery_id = $delivery AND file_no = $file AND row_no = $row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How much of a bill row came to rest where; `steps` are the divisions, the first one first.

    `bill` is the row's part of the day; `to` what a charge that is not divided names.
    """

    bill: BillRow

    day: date
    currency: str
    dims: Mapping[str, str]
    rule: str
    version: str
    to: str
    method: str
    reason: str
    steps: tuple[Step, ...]
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeExplanation:
    """Where a bill row went; the parts add up to the row's cost of record, exactly."""

    bill: BillRow
    currency: str
    parts: tuple[Part, ...]


def explain_charge(books: Books, name: str) -> ChargeExplanation:
    """Explain one bill row; UserError when its id cannot be read or no such row is there."""
    found = CHARGE.fullmatch(name)
    if found is None:
        raise UserError(f"{name!r} is not the id of a bill row", hint=HOW)
    params: dict[str, Parameter] = {
        "source": found["source"],
        "delivery": int(found["delivery"]),
        "file": int(found["file"]),
        "row": int(found["row"]),
    }
    months = books.engine.query(
        f"SELECT charge_period_start AS start FROM charges WHERE {ONE}", params
    ).to_pylist()
    if not months:
        raise UserError(f"the books hold no bill row {name!r}", hint=HOW)
    days = _days(books, params)
    files = {file.file_no: file.origin for file in files_of(books.control, days[0]["delivery_id"])}
    bills = [_bill(books, day, files) for day in days]
    parts = [
        part for day, bill in zip(days, bills, strict=True) for part in _followed(books, day, bill)
    ]
    return ChargeExplanation(
        bill=replace(bills[0], cost=bills[0].whole, share=Fraction(1)),
        currency=days[0]["currency"],
        parts=tuple(parts),
    )


def _days(books: Books, params: Mapping[str, Parameter]) -> list[Row]:
    """Give the row's part of each day, with all words any run may have looked at."""
    columns = [column.name for column in CHARGE_COLUMNS if column.kind in TEXTS]
    sql = daily_rows(books, ONE, params, columns)
    rows: list[Row] = books.engine.query(
        f"SELECT * FROM ({sql}) AS r ORDER BY day", params
    ).to_pylist()
    return rows


def _followed(books: Books, day: Row, bill: BillRow) -> Iterator[Part]:
    """Follow one day of the row through the run of its month."""
    shape = shape_of(books, month_of(day["day"]).start)
    chain = Chain(books, shape)
    leg = _leg(books, shape, day)
    number = 0 if leg["rests"] else chain.first_pool(leg)
    walk = _Walk(chain, shape, bill)
    if number:
        yield from walk.divided(number, bill.cost, ())
    else:
        yield from walk.resting(leg, bill.cost, ())


def _leg(books: Books, shape: Shape, day: Row) -> Row:
    """Say where a charge stood before the first division: its key, and whether it rests there."""
    same = " AND ".join(f"{quoted(name)} = ${n}" for n, name in _numbered(("source", *shape.used)))
    words = books.engine.query(
        f"SELECT * FROM dimension_map WHERE month = $month AND {same}",
        {"month": shape.month} | {n: day[name] for n, name in _numbered(("source", *shape.used))},
    ).to_pylist()
    if not words:
        raise UserError(
            f"{shape.month:%Y-%m} was not allocated since this bill landed",
            hint="run `costper allocate apply`",
        )
    dims = {f"dim_{name}": words[0][f"dim_{name}"] for name in shape.definition.names}
    number: int = words[0]["rule"]
    nobody = number == NO_RULE and dims["dim_customer"] in RESERVED
    rule = None if number == NO_RULE else shape.definition.rules[number]
    rests = rule is None or (rule.driver == "direct" and dims[f"dim_{rule.to}"] not in RESERVED)
    return {
        **{name: day[name] for name in ("day", "currency", "source")},
        "charge_category": kept_category(day["charge_category"], day["commitment_discount_status"]),
        **dims,
        **({"dim_customer": UNALLOCATED} if nobody else {}),
        "stage": 1,
        "rule": rule.name if rule else "",
        "method": "" if nobody else "direct",
        "reason": "no_rule" if nobody else "",
        "rests": rests,
    }


def _numbered(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(f"word_{place}", name) for place, name in enumerate(names)]


@dataclass(frozen=True, slots=True)
class _Walk:
    """Follows one day's part of a bill row to its rests."""

    chain: Chain
    shape: Shape
    bill: BillRow

    def resting(self, leg: Row, amount: Decimal, steps: tuple[Step, ...]) -> Iterator[Part]:
        """Follow an amount from a leg: into a later pool, or to its rest."""
        number = self.chain.next_pool(leg)
        if number:
            yield from self.divided(number, amount, steps)
            return
        yield self._rest(leg, amount, steps)

    def divided(self, number: int, amount: Decimal, steps: tuple[Step, ...]) -> Iterator[Part]:
        """Divide an amount as its pool was divided."""
        self.chain.read((number,))
        parts = self.chain.parts(number)
        shares = _shares(self.chain, self.chain.pools[number], parts, amount)
        for part, share in zip(parts, shares, strict=True):
            so_far = (*steps, self.chain.step(part))
            if part["moved"]:
                yield from self.resting(part, share, so_far)
            else:
                yield self._rest(part, share, so_far)

    def _rest(self, part: Row, amount: Decimal, steps: tuple[Step, ...]) -> Part:
        return Part(
            bill=self.bill,
            day=part["day"],
            currency=part["currency"],
            dims={name: part[f"dim_{name}"] for name in self.shape.definition.names},
            rule=part["rule"],
            version=self.chain.version(part["rule"]),
            to=self.chain.to(part["rule"]),
            method=part["method"],
            reason=part["reason"],
            steps=steps,
            cost=amount,
        )


def _shares(chain: Chain, pool: Row, parts: Sequence[Row], amount: Decimal) -> list[Decimal]:
    """Give each part its share: by what it got, or where the pool cancels out by its weight."""
    costs = [chain.cost(part) for part in parts]
    whole = chain.cost(pool)
    if whole:
        return portions(amount, costs, whole, ratio_of(None, None))
    weights = [part["weight"] or Decimal(0) for part in parts]
    total = sum(weights, Decimal(0))
    if not total:
        return [amount, *(Decimal(0) for _ in parts[1:])]
    return portions(amount, weights, total, ratio_of(None, None))


def _bill(books: Books, day: Row, files: Mapping[int, str]) -> BillRow:
    record = shape_of(books, month_of(day["day"]).start).definition.record
    column = record.column(day["source"])
    words = [str(day[name]) for name in TOLD if day[name]]
    return BillRow(
        charge=charge_id(day),
        file=files.get(day["file_no"], f"file {day['file_no']}"),
        row_no=day["row_no"],
        description=" · ".join(dict.fromkeys(words)),
        cost=day[column],
        whole=day[f"full_{column}"],
        share=day_share(day["charge_period_start"], day["charge_period_end"], day["day"]),
    )
