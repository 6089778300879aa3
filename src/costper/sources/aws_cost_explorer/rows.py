"""Pieces of a Cost Explorer bill as raw rows of text, and how they read as charges."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from costper.model.money import plain
from costper.model.period import month_of
from costper.sources.aws_cost_explorer.axis import ACCOUNT, RECORD_TYPE, SERVICE, Axis
from costper.sources.aws_cost_explorer.cut import Bill, Piece
from costper.sources.headers import RawColumn
from costper.sources.projection import Raw, constant, flag, instant, money, tags, text
from costper.sources.projection import json as json_text

REMAINDER = "(remainder)"
CATEGORY_PREFIX = "cost_category:"
"""Before the name of a cost category among the tags, as the CUR source has it."""
COLUMNS = (
    "payer",
    "month",
    "month_end",
    "day",
    "day_end",
    "account",
    "account_name",
    "service",
    "record_type",
    "charge_category",
    "commitment_status",
    "description",
    "billed",
    "effective",
    "currency",
    "tags",
    "estimated",
    "extras",
)

RAW = Raw(tuple(RawColumn(name, name) for name in COLUMNS))
PROJECTION: dict[str, str] = {
    "billed_cost": money(RAW.find("billed")),
    "effective_cost": money(RAW.find("effective")),
    "contracted_cost": money(RAW.find("billed")),
    "list_cost": money(RAW.find("billed")),
    "billing_currency": text(RAW.find("currency")),
    "service_provider_name": constant("AWS"),
    "invoice_issuer_name": constant("AWS"),
    "billing_account_id": text(RAW.find("payer")),
    "sub_account_id": text(RAW.find("account")),
    "sub_account_name": text(RAW.find("account_name")),
    "billing_period_start": instant(RAW.find("month")),
    "billing_period_end": instant(RAW.find("month_end")),
    "charge_period_start": instant(RAW.find("day")),
    "charge_period_end": instant(RAW.find("day_end")),
    "charge_category": text(RAW.find("charge_category")),
    "commitment_discount_status": text(RAW.find("commitment_status")),
    "charge_description": text(RAW.find("description")),
    "service_name": text(RAW.find("service")),
    "tags": tags(RAW.find("tags")),
    "estimated": flag(RAW.find("estimated")),
    "extras": json_text(RAW.find("extras")),
}
"""How each canonical column is read. Cost Explorer tells no contracted and no list price of a
row: both are its billed cost."""

CATEGORIES: tuple[tuple[str, str], ...] = (
    ("tax", "Tax"),
    ("refund|discount$", "Adjustment"),
    ("credit", "Credit"),
    ("fee$|^recurring|^upfront|^support", "Purchase"),
    ("usage$|^savingsplannegation$", "Usage"),
)
"""Patterns over a record type in lower-case letters, the first match wins.

Record types are an open set, spelled differently by the console and by the service. Refunds and
discounts have no category of their own in FOCUS; the record type stays readable as the
description. A negation takes back the on-demand price that covered usage shows, so it is usage.
"""

COMMITMENT = (
    ("^discountedusage$|^savingsplancoveredusage$", "Used"),
    ("^rifee$|^savingsplanrecurringfee$", "Unused"),
)
"""What is known of commitments: the effective cost of a recurring fee is what went unused."""


def charge_category(record_type: str) -> str:
    """Give the FOCUS category of a record type; an unknown one is an Adjustment.

    >>> [charge_category(t) for t in ("DiscountedUsage", "Solution Provider Program Discount")]
    ['Usage', 'Adjustment']
    >>> [charge_category(t) for t in ("SavingsPlanRecurringFee", "Tax", "Other")]
    ['Purchase', 'Tax', 'Adjustment']
    """
    return matching(CATEGORIES, record_type) or "Adjustment"


def matching(patterns: Sequence[tuple[str, str]], record_type: str) -> str:
    """Give the word of the first pattern that fits a record type, '' when none does."""
    letters = re.sub("[^a-z]", "", record_type.lower())
    return next((word for form, word in patterns if re.search(form, letters)), "")


def rows_of(bill: Bill, month: date, payer: str) -> list[dict[str, str]]:
    """Give a month's pieces as rows in one fixed order, so the same bill is the same bytes."""
    period = month_of(month)
    rows = [
        {
            "payer": payer,
            "month": period.start.isoformat(),
            "month_end": period.end.isoformat(),
            **row_of(piece, bill),
        }
        for piece in bill.pieces
        if period.holds(piece.day)
    ]
    return sorted(rows, key=lambda row: [row[name] for name in COLUMNS])


def row_of(piece: Piece, bill: Bill) -> dict[str, str]:
    """Give one piece as text, its amounts with all their digits."""
    account = piece.values.get(ACCOUNT, "")
    record_type = piece.values.get(RECORD_TYPE, "")
    service = piece.values.get(SERVICE, "")
    return {
        "day": piece.day.isoformat(),
        "day_end": (piece.day + timedelta(days=1)).isoformat(),
        "account": account,
        "account_name": bill.names.get(account, ""),
        "service": REMAINDER if piece.cut else service,
        "record_type": record_type,
        "charge_category": "Adjustment" if piece.cut else charge_category(record_type),
        "commitment_status": "" if piece.cut else matching(COMMITMENT, record_type),
        "description": described(piece) if piece.cut else record_type,
        "billed": plain(piece.amounts.billed, 0),
        "effective": plain(piece.amounts.effective, 0),
        "currency": bill.currency,
        "tags": as_json(dict(tags_of(piece.values))),
        "estimated": "true" if piece.estimated else "false",
        "extras": as_json({"record_type": record_type} if record_type else {}),
    }


def described(piece: Piece) -> str:
    """Say what a remainder is: which cut, inside what, and which service if it is known."""
    inside = ", ".join(f"{axis.key}={value or '(none)'}" for axis, value in piece.values.items())
    what = "rounding of" if piece.rounding else "not found in"
    return f"{what} the cut by {piece.cut}" + (f" inside {inside}" if inside else "")


def tags_of(values: Mapping[Axis, str]) -> Iterator[tuple[str, str]]:
    """Give the tags a piece carries; `team$`, the group without a value, is no tag at all."""
    for axis, value in sorted(values.items(), key=lambda item: (item[0].kind, item[0].key)):
        if axis.kind != "DIMENSION" and value:
            yield ("" if axis.kind == "TAG" else CATEGORY_PREFIX) + axis.key, value


def as_json(found: Mapping[str, str]) -> str:
    """Write a JSON object."""
    return json.dumps(found, ensure_ascii=False)
