"""Writes the engineering bill: an AWS Cost and Usage Report, hourly, one gzip file a month."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO

from costper.demo.company import ENGINEERING_PAYER, clock
from costper.demo.engineering import HourlyCharge
from costper.model.period import Period

COLUMN_NAMES = """
identity/LineItemId identity/TimeInterval bill/InvoiceId bill/BillingEntity bill/BillType
bill/PayerAccountId bill/BillingPeriodStartDate bill/BillingPeriodEndDate
lineItem/UsageAccountId lineItem/LineItemType lineItem/UsageStartDate lineItem/UsageEndDate
lineItem/ProductCode lineItem/UsageType lineItem/Operation lineItem/AvailabilityZone
lineItem/ResourceId lineItem/UsageAmount lineItem/NormalizationFactor
lineItem/NormalizedUsageAmount lineItem/CurrencyCode lineItem/UnblendedRate
lineItem/UnblendedCost lineItem/BlendedRate lineItem/BlendedCost lineItem/LineItemDescription
lineItem/TaxType lineItem/LegalEntity product/ProductName product/productFamily
product/region product/servicecode pricing/publicOnDemandCost pricing/publicOnDemandRate
pricing/term pricing/unit reservation/EffectiveCost reservation/ReservationARN
reservation/UnusedAmortizedUpfrontFeeForBillingPeriod reservation/UnusedRecurringFee
resourceTags/user:environment resourceTags/user:service resourceTags/user:team
savingsPlan/SavingsPlanArn savingsPlan/SavingsPlanEffectiveCost savingsPlan/SavingsPlanRate
savingsPlan/TotalCommitmentToDate savingsPlan/UsedCommitment
"""
COLUMNS = tuple(COLUMN_NAMES.split())
PLAN_ARN = "arn:aws:savingsplans::500000000005:savingsplan/8c1d-dev"
AMAZON = "Amazon Web Services, Inc."


def cur_file(charges: Sequence[HourlyCharge], month: Period) -> bytes:
    """Write one billing period; no clock goes into the gzip header, so bytes repeat."""
    out = StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(COLUMNS)
    period = {
        "bill/BillingPeriodStartDate": clock(month.start),
        "bill/BillingPeriodEndDate": clock(month.end),
        "bill/InvoiceId": f"{month.start:%Y%m}0815",
    }
    for charge in charges:
        row = _row(charge) | period
        sheet.writerow([row.get(column, "") for column in COLUMNS])
    return gzip.compress(out.getvalue().encode(), compresslevel=6, mtime=0)


def _row(charge: HourlyCharge) -> dict[str, str]:
    return _item(charge) | _cost(charge) | _plan(charge) | _tags(charge)


def _item(charge: HourlyCharge) -> dict[str, str]:
    machine = charge.machine
    start, end = clock(charge.day, charge.hour), clock(charge.day, charge.hour + 1)
    resource = f"{machine.resource}-{charge.number}"
    name = f"{charge.account.number}|{resource}|{charge.kind}|{start}"
    return {
        "identity/LineItemId": hashlib.sha256(name.encode()).hexdigest()[:52],
        "identity/TimeInterval": f"{start}/{end}",
        "bill/BillingEntity": "AWS",
        "bill/BillType": "Anniversary",
        "bill/PayerAccountId": ENGINEERING_PAYER.number,
        "lineItem/UsageAccountId": charge.account.number,
        "lineItem/LineItemType": charge.kind,
        "lineItem/UsageStartDate": start,
        "lineItem/UsageEndDate": end,
        "lineItem/ProductCode": machine.product.code,
        "lineItem/UsageType": machine.usage,
        "lineItem/Operation": machine.operation,
        "lineItem/ResourceId": "" if charge.kind == "SavingsPlanNegation" else resource,
        "lineItem/LineItemDescription": f"{machine.usage}, per hour",
        "lineItem/LegalEntity": AMAZON,
        "product/ProductName": machine.product.name,
        "product/region": "us-east-1",
        "product/servicecode": machine.product.code,
    }


def _cost(charge: HourlyCharge) -> dict[str, str]:
    cost = format(charge.unblended, "f")
    return {
        "lineItem/UsageAmount": "1",
        "lineItem/CurrencyCode": "USD",
        "lineItem/UnblendedRate": cost,
        "lineItem/UnblendedCost": cost,
        "lineItem/BlendedRate": cost,
        "lineItem/BlendedCost": cost,
        "pricing/publicOnDemandCost": cost if "Usage" in charge.kind else "",
        "pricing/term": "OnDemand" if charge.kind == "Usage" else "",
        "pricing/unit": "Hrs",
    }


def _plan(charge: HourlyCharge) -> dict[str, str]:
    if charge.kind == "Usage":
        return {}
    return {
        "savingsPlan/SavingsPlanArn": PLAN_ARN,
        "savingsPlan/SavingsPlanEffectiveCost": _or_empty(charge.plan_cost),
        "savingsPlan/TotalCommitmentToDate": _or_empty(charge.committed),
        "savingsPlan/UsedCommitment": _or_empty(charge.used),
    }


def _or_empty(amount: Decimal | None) -> str:
    return "" if amount is None else format(amount, "f")


def _tags(charge: HourlyCharge) -> dict[str, str]:
    return {f"resourceTags/user:{key}": value for key, value in charge.tags.items()}
