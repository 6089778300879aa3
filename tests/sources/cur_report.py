"""Write AWS reports for tests, and read them."""

import csv
from collections.abc import Sequence
from pathlib import Path

from tests.sources.projected import Row, charges, context, read

from costper.sources.aws_cur import SOURCE

PERIOD = {
    "bill/PayerAccountId": "111111111111",
    "bill/InvoiceId": "42",
    "bill/BillingPeriodStartDate": "2026-08-01T00:00:00Z",
    "bill/BillingPeriodEndDate": "2026-09-01T00:00:00Z",
    "lineItem/UsageAccountId": "222222222222",
    "lineItem/CurrencyCode": "USD",
    "lineItem/UsageStartDate": "2026-08-02T00:00:00Z",
    "lineItem/UsageEndDate": "2026-08-02T01:00:00Z",
    "lineItem/ProductCode": "AmazonEC2",
}
COVERED = "savingsPlan/SavingsPlanEffectiveCost"
TOTAL = "savingsPlan/TotalCommitmentToDate"
USED = "savingsPlan/UsedCommitment"
RESERVED = "reservation/EffectiveCost"
UNUSED_UPFRONT = "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod"
UNUSED_FEE = "reservation/UnusedRecurringFee"
AMORTISED = (COVERED, TOTAL, USED, RESERVED, UNUSED_UPFRONT, UNUSED_FEE)
PLAN = {"savingsPlan/SavingsPlanARN": "arn:plan"}
RESERVATION = {"reservation/ReservationARN": "arn:reservation"}


def line(kind: str, cost: object, **other: object) -> dict[str, str]:
    """Give one line of a CUR 1.x report; keyword `a__b` is the column `a/b`."""
    named = {key.replace("__", "/"): str(value) for key, value in other.items()}
    return PERIOD | {"lineItem/LineItemType": kind, "lineItem/UnblendedCost": str(cost)} | named


def report(path: Path, lines: Sequence[dict[str, str]], *extra: str) -> Path:
    """Write a CSV report with the columns of its lines and the extra ones."""
    headers = dict.fromkeys([*(key for each in lines for key in each), *extra])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(headers), restval="")
        writer.writeheader()
        writer.writerows(lines)
    return path


def projected(tmp_path: Path, name: str = "cur.csv", **said: object) -> list[Row]:
    """Read one report and give its charges."""
    outcome = read(SOURCE, {"path": name} | said, context(tmp_path, tmp_path))
    assert not outcome.failed, outcome.issues
    [bill] = outcome.items
    return charges(bill, tmp_path)
