"""Turn one row of a Cloud Billing export into charges: its cost, and each of its credits."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import cast

Cells = dict[str, str | None]

COLUMNS = (
    "amount",
    "list_amount",
    "kind",
    "currency",
    "billing_account_id",
    "project_id",
    "project_name",
    "seller",
    "invoice_month",
    "start",
    "end",
    "description",
    "service",
    "sku_id",
    "sku",
    "resource",
    "resource_name",
    "region",
    "quantity",
    "unit",
    "pricing_quantity",
    "pricing_unit",
    "tags",
    "extras",
)
"""The staged columns, all text."""

KINDS = {
    "": "Usage",
    "regular": "Usage",
    "tax": "Tax",
    "adjustment": "Adjustment",
    "rounding_error": "Adjustment",
}
TAG_LISTS = {"labels": "", "project_labels": "project/", "system_labels": "system/", "tags": "tag/"}
"""Lists of key and value, and what their keys begin with in the books."""

EXTRAS = (
    "cost_type",
    "transaction_type",
    "location_zone",
    "export_time",
    "currency_conversion_rate",
    "price_effective_price",
    "adjustment_info_type",
    "adjustment_info_mode",
    "service_id",
)


def charges(row: Mapping[str, object]) -> Iterator[Cells]:
    """Give the staged cells of a row: one charge for its cost, one for each credit.

    `row` has dotted or nested names, and lists as lists or as their JSON or Python text.
    Raises ValueError saying what cannot be read.
    """
    flat = flattened(row)
    kind = text(flat.get("cost_type"))
    if kind.casefold() not in KINDS:
        raise ValueError(f"unknown cost_type {kind!r}")
    shared = _shared(flat)
    cost = amount(flat, "cost")
    at_list = amount(flat, "cost_at_list") if text(flat.get("cost_at_list")) else cost
    yield {
        **shared,
        **_used(flat),
        "amount": cost,
        "list_amount": at_list,
        "kind": KINDS[kind.casefold()],
        "description": text(flat.get("sku_description")) or None,
        "extras": _json(_told(flat)),
    }
    for credit in entries(flat.get("credits"), "credits"):
        yield {
            **shared,
            "amount": amount(credit, "amount"),
            "list_amount": "0",
            "kind": "Credit",
            "description": text(credit.get("full_name")) or text(credit.get("name")) or None,
            "extras": _json({**_told(flat), **_credit(credit)}),
        }


def flattened(row: Mapping[str, object], before: str = "") -> dict[str, object]:
    """Write nested and dotted names alike: service.id becomes service_id.

    >>> flattened({"service": {"id": "A"}, "sku.id": "B"})
    {'service_id': 'A', 'sku_id': 'B'}
    """
    flat: dict[str, object] = {}
    for key, value in row.items():
        name = f"{before}{_plain(key)}"
        inner = _record(value)
        if inner is not None and not _wrapped(inner):
            flat |= flattened(inner, f"{name}_")
        else:
            flat[name] = value
    return flat


@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    return name.strip().replace(".", "_").casefold()


def entries(value: object, name: str) -> list[Mapping[str, object]]:
    """Read a repeated field: a list, its JSON text, or its Python text; none is no entry."""
    if value is None or value in ("", "[]", []):
        return []
    found = _parsed(value, name) if isinstance(value, str) else value
    wrapped = _record(found)
    if wrapped is not None and _wrapped(wrapped):
        found = [_element(each) for each in cast("Iterable[object]", wrapped["list"] or [])]
    if found is None:
        return []
    listed = cast("list[object]", found) if isinstance(found, list) else [found]
    records = [_record(each) for each in listed]
    if None in records:
        raise ValueError(f"{name} is not a list of records")
    return [record for record in records if record is not None]


def amount(cells: Mapping[str, object], name: str) -> str:
    """Read an amount as its exact text; ValueError where there is none or it is no number."""
    written = text(cells.get(name))
    try:
        if not Decimal(written).is_finite():
            raise ValueError(f"{name} is not a number: {written!r}")
    except InvalidOperation as error:
        raise ValueError(f"{name} is not a number: {written!r}") from error
    return written


def text(value: object) -> str:
    """Write a cell as text without spaces around it; a float as the shortest that is it."""
    if value is None:
        return ""
    if not isinstance(value, str):
        value = repr(value) if isinstance(value, float) else str(value)
    found = value.strip()
    return "" if found in ("None", "null") else found


def _shared(flat: Mapping[str, object]) -> Cells:
    cells = {
        "currency": flat.get("currency"),
        "billing_account_id": flat.get("billing_account_id"),
        "project_id": flat.get("project_id"),
        "project_name": flat.get("project_name"),
        "seller": flat.get("seller_name"),
        "invoice_month": _month(text(flat.get("invoice_month"))),
        "start": flat.get("usage_start_time"),
        "end": flat.get("usage_end_time"),
        "service": flat.get("service_description"),
        "sku_id": flat.get("sku_id"),
        "sku": flat.get("sku_description"),
        "resource": text(flat.get("resource_global_name")) or flat.get("resource_name"),
        "resource_name": flat.get("resource_name"),
        "region": text(flat.get("location_region")) or flat.get("location_location"),
        "tags": _json(_tags(flat)),
    }
    return {name: text(value) or None for name, value in cells.items()}


def _used(flat: Mapping[str, object]) -> Cells:
    """Say how much was used; on the cost only, so that its credits do not count it again."""
    names = {
        "quantity": "usage_amount",
        "unit": "usage_unit",
        "pricing_quantity": "usage_amount_in_pricing_units",
        "pricing_unit": "usage_pricing_unit",
    }
    return {name: text(flat.get(raw)) or None for name, raw in names.items()}


def _month(written: str) -> str:
    """Read an invoice month: 202208 or 2022-08.

    >>> _month("202208")
    '2022-08-01'
    """
    digits = written.removesuffix(".0").replace("-", "")
    if len(digits) != len("YYYYMM") or not digits.isdecimal() or not 0 < int(digits[4:]) <= 12:  # noqa: PLR2004
        raise ValueError(f"invoice.month is not a month: {written!r}")
    return f"{digits[:4]}-{digits[4:]}-01"


def _tags(flat: Mapping[str, object]) -> dict[str, str]:
    return {
        f"{prefix}{text(each.get('key'))}": text(each.get("value"))
        for name, prefix in TAG_LISTS.items()
        for each in entries(flat.get(name), name)
        if text(each.get("key"))
    }


def _told(flat: Mapping[str, object]) -> dict[str, str]:
    return {name: found for name in EXTRAS if (found := text(flat.get(name)))}


def _credit(credit: Mapping[str, object]) -> dict[str, str]:
    names = ("id", "type", "name")
    return {f"credit_{name}": found for name in names if (found := text(credit.get(name)))}


def _json(cells: Mapping[str, str]) -> str | None:
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":")) if cells else None


def _record(value: object) -> Mapping[str, object] | None:
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def _wrapped(value: Mapping[str, object]) -> bool:
    """Say whether this is the shape BigQuery gives a repeated field in Parquet."""
    return set(value) == {"list"}


def _element(each: object) -> object:
    record = _record(each)
    if record is not None and set(record) in ({"element"}, {"item"}):
        return next(iter(record.values()))
    return each


@lru_cache(maxsize=4096)
def _parsed(written: str, name: str) -> object:
    """Read JSON, or what Python prints for a list, as pandas writes it into a CSV."""
    if not written.strip():
        return None
    try:
        return cast("object", json.loads(written, parse_float=str, parse_int=str))
    except ValueError:
        pass
    try:
        return cast("object", ast.literal_eval(written))
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError(f"{name} is neither JSON nor a list: {written[:60]!r}") from error
