"""What the real Cost Explorer refuses, and how it reads a question about a ledger's lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from costper.model.money import EXACT

Json = dict[str, Any]
METRICS = (
    "AmortizedCost",
    "BlendedCost",
    "NetAmortizedCost",
    "NetUnblendedCost",
    "NormalizedUsageAmount",
    "UnblendedCost",
    "UsageQuantity",
)
GROUP_DIMENSIONS = (
    "AZ",
    "INSTANCE_TYPE",
    "INVOICING_ENTITY",
    "LEGAL_ENTITY_NAME",
    "LINKED_ACCOUNT",
    "OPERATION",
    "PLATFORM",
    "PURCHASE_TYPE",
    "RECORD_TYPE",
    "REGION",
    "SERVICE",
    "TENANCY",
    "USAGE_TYPE",
)
MATCH_OPTIONS = {"EQUALS", "ABSENT", "CASE_SENSITIVE"}
HISTORY_MONTHS = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line item of the ledger; `tags` are (key, value), a tag not there is no tag."""

    day: date
    account: str = "111111111111"
    service: str = "Amazon Elastic Compute Cloud - Compute"
    record_type: str = "Usage"
    usage_type: str = "BoxUsage:m5.large"
    tags: tuple[tuple[str, str], ...] = ()
    category: str = ""
    unblended: Decimal = Decimal(0)
    amortized: Decimal = Decimal(0)
    unit: str = "USD"

    def amount(self, metric: str) -> Decimal:
        """Give the line's amount in one metric; Net ones are a tenth lower."""
        whole = self.amortized if "Amortized" in metric else self.unblended
        return EXACT.multiply(whole, Decimal("0.9")) if metric.startswith("Net") else whole

    def dimension(self, key: str) -> str:
        """Give the line's value of a dimension."""
        return {
            "LINKED_ACCOUNT": self.account,
            "SERVICE": self.service,
            "RECORD_TYPE": self.record_type,
            "USAGE_TYPE": self.usage_type,
        }.get(key, f"No{key.title().replace('_', '')}")

    def value(self, kind: str, key: str) -> str:
        """Give the line's value of a dimension, tag or cost category; '' for none."""
        if kind == "DIMENSION":
            return self.dimension(key)
        return self.category if kind == "COST_CATEGORY" else dict(self.tags).get(key, "")


class Refused(Exception):  # noqa: N818 - it is an answer of the service, by its own name
    """The service refuses: an error code and a message."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def insist(condition: object, message: str, code: str = "ValidationException") -> None:
    if not condition:
        raise Refused(code, message)


def first_of_month(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def granularity_is_daily(request: Json) -> bool:
    granularity = request["Granularity"]
    insist(granularity in {"DAILY", "MONTHLY"}, f"{granularity} granularity is not enabled")
    return bool(granularity == "DAILY")


def metrics_of(request: Json) -> Sequence[str]:
    metrics: list[str] = request["Metrics"]
    insist(metrics, "Metrics must not be empty")
    insist(len(set(metrics)) == len(metrics), "Metrics must not repeat")
    for metric in metrics:
        insist(metric in METRICS, f"unknown metric {metric}")
    return metrics


def groups_of(request: Json) -> Sequence[tuple[str, str]]:
    """Read GroupBy: at most two keys, each known."""
    groups: list[Json] = request.get("GroupBy", [])
    insist(len(groups) <= 2, "Group Definition must have at most 2 elements")
    found = [(group.get("Type", ""), group.get("Key", "")) for group in groups]
    insist(len(set(found)) == len(found), "Group Definitions must not repeat")
    for kind, key in found:
        insist(kind in {"DIMENSION", "TAG", "COST_CATEGORY"}, f"unknown group type {kind}")
        known = kind != "DIMENSION" or key in GROUP_DIMENSIONS
        insist(
            known and key,
            f"Group Definition dimension is invalid. Valid values are "
            f"{', '.join(GROUP_DIMENSIONS)}",
        )
    return found


def key_of(line: Line, kind: str, key: str) -> str:
    value = line.value(kind, key)
    return value if kind == "DIMENSION" else f"{key}${value}"


def slices_of(start: date, end: date, *, daily: bool) -> Iterator[tuple[date, date]]:
    at = start
    while at < end:
        after = at + timedelta(days=1) if daily else min(first_of_month(at, 1), end)
        yield at, after
        at = after


Test = Callable[[Line], bool]


def filter_of(expression: Json | None) -> Test:
    """Read an Expression: one operator at its root, And and Or with at least two parts."""
    if expression is None:
        return lambda _line: True
    insist(len(expression) == 1, "Expression must have exactly one root operator")
    operator, inner = next(iter(expression.items()))
    if operator in {"And", "Or"}:
        insist(len(inner) >= 2, f"{operator} needs at least two expressions")
        tests = [filter_of(part) for part in inner]
        fold = all if operator == "And" else any
        return lambda line: fold(test(line) for test in tests)
    if operator == "Not":
        test = filter_of(inner)
        return lambda line: not test(line)
    kinds = {"Dimensions": "DIMENSION", "Tags": "TAG", "CostCategories": "COST_CATEGORY"}
    insist(operator in kinds, f"unknown operator {operator}")
    return values_test(kinds[operator], inner)


def values_test(kind: str, inner: Mapping[str, Any]) -> Test:
    """Read a simple expression; no value can be asked for only by ABSENT."""
    key, values = inner.get("Key", ""), inner.get("Values", [])
    options = set(inner.get("MatchOptions", ["EQUALS", "CASE_SENSITIVE"]))
    insist(key, "Key must be set")
    insist(options <= MATCH_OPTIONS, f"unsupported MatchOptions {sorted(options)}")
    if kind == "DIMENSION":
        insist(key in GROUP_DIMENSIONS, f"dimension {key} cannot be filtered by")
        insist("ABSENT" not in options, "ABSENT is not for dimensions")
    if "ABSENT" in options:
        insist(not values, "ABSENT takes no Values")
        return lambda line: line.value(kind, key) == ""
    insist(values and all(values), "Values must not be empty")
    return lambda line: line.value(kind, key) in values
