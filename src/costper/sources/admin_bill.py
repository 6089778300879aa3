"""What the bills of LLM providers' admin APIs share: their days, their rows, how those read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from costper.model.delivery import RawBill
from costper.model.money import plain
from costper.model.outcome import Issue
from costper.model.period import Period, month_of
from costper.sources.base import ReadContext
from costper.sources.headers import RawColumn
from costper.sources.projection import Raw, constant, flag, instant, money, quantity, tags, text
from costper.sources.projection import json as json_text
from costper.sources.staging import RowWriter

SETTLING_DAYS = 3
"""Bills of so many last days may still change: their charges are marked estimated."""

COLUMNS = (
    "issuer",
    "account",
    "month",
    "month_end",
    "day",
    "day_end",
    "project",
    "description",
    "category",
    "meter",
    "model",
    "amount",
    "currency",
    "quantity",
    "unit",
    "tags",
    "estimated",
    "extras",
)
RAW = Raw(tuple(RawColumn(name, name) for name in COLUMNS))
PROJECTION: dict[str, str] = {
    **{
        cost: money(RAW.find("amount"))
        for cost in ("billed_cost", "effective_cost", "contracted_cost", "list_cost")
    },
    "billing_currency": text(RAW.find("currency")),
    "service_provider_name": text(RAW.find("issuer")),
    "invoice_issuer_name": text(RAW.find("issuer")),
    "service_name": text(RAW.find("issuer")),
    "service_category": constant("AI and Machine Learning"),
    "service_subcategory": constant("Generative AI"),
    "billing_account_id": text(RAW.find("account")),
    "sub_account_id": text(RAW.find("project")),
    "billing_period_start": instant(RAW.find("month")),
    "billing_period_end": instant(RAW.find("month_end")),
    "charge_period_start": instant(RAW.find("day")),
    "charge_period_end": instant(RAW.find("day_end")),
    "charge_category": text(RAW.find("category")),
    "charge_frequency": constant("Usage-Based"),
    "charge_description": text(RAW.find("description")),
    "sku_id": text(RAW.find("model")),
    "sku_meter": text(RAW.find("meter")),
    "consumed_quantity": quantity(RAW.find("quantity")),
    "consumed_unit": text(RAW.find("unit")),
    "tags": tags(RAW.find("tags")),
    "estimated": flag(RAW.find("estimated")),
    "extras": json_text(RAW.find("extras")),
}
"""How each canonical column is read; what is billed is all these APIs tell of a cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a day's bill, in words every provider's line is turned into.

    `project` is whatever the provider divides an account into; `extras` keeps what has no column.
    """

    day: date
    description: str
    amount: Decimal
    currency: str
    project: str = ""
    model: str = ""
    meter: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    extras: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who bills, and whom: the name on the bill and the account it is of."""

    name: str
    account: str


def whole_months(today: date, months: int, wanted: Period | None) -> Period:
    """Give the days to ask for: whole months, because a month is replaced as a whole, to today.

    Today is left out: it is not over.

    >>> whole_months(date(2026, 11, 20), 2, None)
    Period(start=datetime.date(2026, 10, 1), end=datetime.date(2026, 11, 20))
    >>> whole_months(date(2026, 11, 20), 2, Period(date(2026, 8, 9), date(2026, 8, 10)))
    Period(start=datetime.date(2026, 8, 1), end=datetime.date(2026, 9, 1))
    """
    if wanted is None or not wanted.days:
        at = today.year * 12 + today.month - months
        return Period(date(at // 12, at % 12 + 1, 1), today)
    last = wanted.end - timedelta(days=1)
    end = min(month_of(last).end, today)
    return Period(min(wanted.start.replace(day=1), end), end)


def bills_of(
    lines: Iterable[Line], window: Period, issuer: Issuer, context: ReadContext
) -> tuple[RawBill, ...]:
    """Give each month of the window that has lines, as a snapshot that replaces the last one."""
    held = [line for line in lines if window.holds(line.day)]
    found: list[RawBill] = []
    for month in window.months():
        own = [line for line in held if month.holds(line.day)]
        if own:
            found.append(_bill(own, month.start.replace(day=1), issuer, context))
    return tuple(found)


def _bill(lines: Sequence[Line], month: date, issuer: Issuer, context: ReadContext) -> RawBill:
    """Write a month's lines in one fixed order, so that the same bill is the same bytes."""
    origin = f"{context.source}:{month:%Y-%m}"
    rows = [_row(line, month, issuer, context.now.date()) for line in lines]
    with RowWriter(context.workdir / f"bill-{month:%Y-%m}.parquet", COLUMNS, origin) as out:
        for row in sorted(rows, key=lambda row: [row[name] for name in COLUMNS]):
            out.add(row)
    return RawBill(
        parts=(out.part,), projection=PROJECTION, account=issuer.account, billing_period=month
    )


def _row(line: Line, month: date, issuer: Issuer, today: date) -> dict[str, str]:
    said = {"model": line.model, "project": line.project}
    return {
        "issuer": issuer.name,
        "account": issuer.account,
        "month": month.isoformat(),
        "month_end": month_of(month).end.isoformat(),
        "day": line.day.isoformat(),
        "day_end": (line.day + timedelta(days=1)).isoformat(),
        "project": line.project,
        "description": line.description,
        "category": "Credit" if line.amount < 0 else "Usage",
        "meter": line.meter,
        "model": line.model,
        "amount": plain(line.amount, 0),
        "currency": line.currency,
        "quantity": "" if line.quantity is None else plain(line.quantity, 0),
        "unit": line.unit,
        "tags": json.dumps({key: word for key, word in said.items() if word}, ensure_ascii=False),
        "estimated": "true" if (today - line.day).days <= SETTLING_DAYS else "false",
        "extras": json.dumps(dict(line.extras), ensure_ascii=False),
    }


def no_days_yet(window: Period, context: ReadContext) -> Issue:
    """Say that the window has no whole day yet: the first of a month, and only this month."""
    return Issue(
        code="no_days_yet",
        message=f"{window.start:%Y-%m} has no finished day yet",
        where=context.source,
        severity="info",
        hint="set months: 2 to keep reading the month before",
    )


def text_of(value: object) -> str:
    """Give what a reply says in a field, '' for null."""
    return "" if value is None else str(value)
