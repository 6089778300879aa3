"""The canonical charge: one line of any vendor's bill, with FOCUS names in snake_case.

Source of the names: FOCUS 1.4 Cost and Usage columns (https://focus.finops.org). The 1.0-1.3
`ProviderName` is read as `service_provider_name`. After the door no code asks which cloud a
charge came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from costper.model.money import MONEY_SQL

Kind = Literal["text", "money", "quantity", "instant", "tags", "json", "flag", "day", "count"]

SQL_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "money": MONEY_SQL,
    "quantity": "DECIMAL(38,18)",
    "instant": "TIMESTAMP",
    "tags": "VARCHAR",
    "json": "VARCHAR",
    "flag": "BOOLEAN",
    "day": "DATE",
    "count": "BIGINT",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it holds, and whether a row without it is a bad row.

    `tags` is a JSON object text with keys sorted as the source gave them, raw values kept.
    `instant` is UTC without a zone. `focus` is the FOCUS column name, empty for our own.
    """

    name: str
    kind: Kind
    focus: str = ""
    required: bool = False

    @property
    def sql_type(self) -> str:
        """The column's type in DuckDB's dialect."""
        return SQL_TYPES[self.kind]


def _focus(name: str, kind: Kind = "text", *, required: bool = False) -> Column:
    return Column(_snake(name), kind, name, required)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).removeprefix("_")


CHARGE_COLUMNS: tuple[Column, ...] = (
    _focus("BilledCost", "money", required=True),
    _focus("EffectiveCost", "money", required=True),
    _focus("ContractedCost", "money", required=True),
    _focus("ListCost", "money", required=True),
    _focus("BillingCurrency", required=True),
    _focus("PricingCurrency"),
    _focus("PricingCurrencyEffectiveCost", "money"),
    _focus("ServiceProviderName"),
    _focus("InvoiceIssuerName"),
    _focus("BillingAccountId", required=True),
    _focus("SubAccountId"),
    _focus("SubAccountName"),
    _focus("BillingPeriodStart", "instant", required=True),
    _focus("BillingPeriodEnd", "instant", required=True),
    _focus("ChargePeriodStart", "instant", required=True),
    _focus("ChargePeriodEnd", "instant", required=True),
    _focus("ChargeCategory", required=True),
    _focus("ChargeClass"),
    _focus("ChargeFrequency"),
    _focus("ChargeDescription"),
    _focus("ServiceCategory"),
    _focus("ServiceSubcategory"),
    _focus("ServiceName"),
    _focus("SkuId"),
    _focus("SkuPriceId"),
    _focus("SkuMeter"),
    _focus("SkuPriceDetails", "json"),
    _focus("ResourceId"),
    _focus("ResourceName"),
    _focus("ResourceType"),
    _focus("RegionId"),
    _focus("PricingCategory"),
    _focus("PricingQuantity", "quantity"),
    _focus("PricingUnit"),
    _focus("ConsumedQuantity", "quantity"),
    _focus("ConsumedUnit"),
    _focus("CommitmentDiscountId"),
    _focus("CommitmentDiscountStatus"),
    _focus("CommitmentDiscountType"),
    _focus("InvoiceId"),
    _focus("InvoiceDetailId"),
    _focus("Tags", "tags"),
    _focus("AllocatedMethodId"),
    _focus("AllocatedMethodDetails", "json"),
    _focus("AllocatedResourceId"),
    _focus("AllocatedResourceName"),
    _focus("AllocatedTags", "tags"),
    Column("estimated", "flag"),
    Column("extras", "json"),
)
"""What every source projects its rows onto, in this order.

`estimated` is true while the vendor may still change the row. `extras` is a JSON object text
with the columns of the source that have no canonical place.
"""

PROVENANCE_COLUMNS: tuple[Column, ...] = (
    Column("source", "text", required=True),
    Column("delivery_id", "count", required=True),
    Column("file_no", "count", required=True),
    Column("row_no", "count", required=True),
)
"""Which delivery, file and row a charge came from; row 1 is the header of a CSV."""

CHARGE_CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
ATTRIBUTES: dict[str, str] = {
    "provider": "service_provider_name",
    "billing_account": "billing_account_id",
    "account": "sub_account_id",
    "account_name": "sub_account_name",
    "service_name": "service_name",
    "service_category": "service_category",
    "resource": "resource_id",
    "resource_name": "resource_name",
    "resource_type": "resource_type",
    "region": "region_id",
    "sku": "sku_id",
    "description": "charge_description",
    "charge_category": "charge_category",
    "charge_class": "charge_class",
    "commitment_status": "commitment_discount_status",
    "source": "source",
}
"""Names a dimension or a rule may use, and the charge column each one reads.

`tags.KEY` reads the tag KEY (keys compared trimmed, case-folded, NFC).
"""
