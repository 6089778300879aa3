"""The category the books keep a charge under: FOCUS's, with unused commitments by themselves."""

from __future__ import annotations

from costper.model.charge import CHARGE_CATEGORIES

UNUSED_COMMITMENT = "Unused commitment"
"""What was committed to and nothing used; FOCUS calls it Usage whose status is Unused."""

UNUSED = "unused"
KEPT_CATEGORIES = (*CHARGE_CATEGORIES, UNUSED_COMMITMENT)
"""The values of `charge_category` in legs, pools and every mart made of them."""


def kept_category(category: str, status: str) -> str:
    """Give the category a charge is kept under, of its own category and commitment status.

    >>> kept_category("Usage", "Unused"), kept_category("Usage", "Used")
    ('Unused commitment', 'Usage')
    """
    unused = category == "Usage" and status.lower() == UNUSED
    return UNUSED_COMMITMENT if unused else category


def kept_category_sql(prefix: str = "") -> str:
    """Write the same choice as SQL over a relation of charges.

    >>> kept_category_sql("d.").startswith("CASE WHEN d.charge_category = 'Usage'")
    True
    """
    return (
        f"CASE WHEN {prefix}charge_category = 'Usage' "
        f"AND LOWER({prefix}commitment_discount_status) = '{UNUSED}' "
        f"THEN '{UNUSED_COMMITMENT}' ELSE {prefix}charge_category END"
    )
