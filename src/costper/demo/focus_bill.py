"""Writes the production bill: FOCUS 1.2 with the columns AWS adds, one CSV file a month."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import StringIO

from costper.demo.company import ORGANISATION, PAYER, clock
from costper.demo.production import SAVINGS_PLAN, Charge
from costper.model.period import Period

COLUMN_NAMES = """
AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingAccountType
BillingCurrency BillingPeriodEnd BillingPeriodStart CapacityReservationId
CapacityReservationStatus ChargeCategory ChargeClass ChargeDescription ChargeFrequency
ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory CommitmentDiscountId
CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus
CommitmentDiscountType CommitmentDiscountUnit ConsumedQuantity ConsumedUnit ContractedCost
ContractedUnitPrice EffectiveCost InvoiceId InvoiceIssuerName ListCost ListUnitPrice
PricingCategory PricingCurrency PricingCurrencyContractedUnitPrice
PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice PricingQuantity PricingUnit
ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType
ServiceCategory ServiceName ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId
SubAccountId SubAccountName SubAccountType Tags x_Discounts x_Operation x_ServiceCode
"""
COLUMNS = tuple(COLUMN_NAMES.split())
REGION_NAMES = {"us-east-1": "US East (N. Virginia)", "eu-central-1": "EU (Frankfurt)"}
AMAZON = "Amazon Web Services, Inc."


def focus_csv(charges: Sequence[Charge], month: Period) -> str:
    """Write one billing period; the order of the rows is the order of `charges`."""
    period = {"BillingPeriodStart": clock(month.start), "BillingPeriodEnd": clock(month.end)}
    out = StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(COLUMNS)
    for charge in charges:
        row = _row(charge) | period | {"InvoiceId": f"{month.start:%Y%m}0417"}
        sheet.writerow([row.get(column, "") for column in COLUMNS])
    return out.getvalue()


def _row(charge: Charge) -> dict[str, str]:
    return _money(charge) | _who(charge) | _what(charge) | _commitment(charge)


def _money(charge: Charge) -> dict[str, str]:
    committed = charge.pricing == "savings_plan" and charge.category == "Usage"
    contracted = charge.listed if committed else charge.billed
    return {
        "BilledCost": _plain(charge.billed),
        "EffectiveCost": _plain(charge.cost),
        "ListCost": _plain(charge.listed),
        "ContractedCost": _plain(contracted),
        "BillingCurrency": "USD",
        "PricingCurrency": "USD",
        "PricingCurrencyEffectiveCost": _plain(charge.cost),
    }


def _plain(amount: Decimal) -> str:
    """Write an amount without an exponent, with all its places."""
    return format(amount, "f")


def _who(charge: Charge) -> dict[str, str]:
    marketplace = charge.pricing == "marketplace"
    return {
        "BillingAccountId": PAYER.number,
        "BillingAccountName": f"{ORGANISATION} Inc.",
        "BillingAccountType": "Management Account",
        "SubAccountId": charge.account.number,
        "SubAccountName": charge.account.name,
        "SubAccountType": "Member Account",
        "ProviderName": "AWS Marketplace" if marketplace else "AWS",
        "PublisherName": "Datadog, Inc." if marketplace else AMAZON,
        "InvoiceIssuerName": AMAZON,
    }


def _what(charge: Charge) -> dict[str, str]:
    first, last = charge.hours
    quantity = "" if charge.quantity is None else _plain(charge.quantity)
    return {
        "ChargeCategory": charge.category,
        "ChargeDescription": charge.description,
        "ChargeFrequency": "Recurring" if charge.category == "Purchase" else "Usage-Based",
        "ChargePeriodStart": clock(charge.day, first),
        "ChargePeriodEnd": clock(charge.day, last),
        "ConsumedQuantity": quantity if charge.category == "Usage" else "",
        "ConsumedUnit": charge.unit if charge.category == "Usage" else "",
        "PricingQuantity": quantity,
        "PricingUnit": charge.unit,
        "RegionId": charge.region,
        "RegionName": REGION_NAMES.get(charge.region, ""),
        "ResourceId": charge.resource,
        "ResourceName": charge.resource.rpartition("/")[2].rpartition(":")[2],
        "ResourceType": charge.resource.partition("/")[0].partition(":")[0],
        "ServiceCategory": charge.product.category,
        "ServiceName": charge.product.name,
        "SkuId": f"{charge.product.code}-{charge.usage}" if charge.usage else "",
        "SkuMeter": charge.usage,
        "Tags": _json(charge.tags),
        "x_ServiceCode": charge.product.code,
    }


def _json(tags: Mapping[str, str]) -> str:
    return json.dumps(dict(tags), separators=(",", ":"))


def _commitment(charge: Charge) -> dict[str, str]:
    if charge.pricing != "savings_plan":
        return {"PricingCategory": "Standard" if charge.category == "Usage" else ""}
    return {
        "PricingCategory": "Committed" if charge.category == "Usage" else "Standard",
        "CommitmentDiscountCategory": "Spend",
        "CommitmentDiscountId": SAVINGS_PLAN,
        "CommitmentDiscountName": "Compute, 1 year, no upfront",
        "CommitmentDiscountStatus": charge.commitment_status,
        "CommitmentDiscountType": "Compute Savings Plans",
    }
