"""Read bills in FOCUS, the open format of cloud bills: versions 0.5 to 1.4, CSV or Parquet.

In costper.yaml:

    sources:
      bill: {type: focus_file, path: bills/*.csv}
      aws:  {type: focus_file, path: "s3://acme-billing/exports/focus", cost_of_record: billed_cost}

**What it takes.** `.csv`, `.csv.gz`, `.tsv`, `.parquet`; one file, a pattern (`*`, `**`), a
folder, `s3://bucket/prefix`, or a list of these. A folder or prefix with manifests (AWS Data
Exports, Azure exports, or a `manifest.json` listing `files`) is read by them: for each billing
period exactly the files the newest manifest names, and a period whose files are not all there
is not landed. Deliveries replace what they cover; corrections are rows like any other.

**Files without a manifest.** Each file is a snapshot of the accounts and billing periods in it.
Two files that hold the same account and period are refused until `files` says what they are:

    files: parts        # they add up to one snapshot
    files: snapshots    # each holds the whole period; the last by name counts
    mode: append        # each adds to what is there (FOCUS "append" deliveries)

The same bytes twice count once, with a warning.

**Dialects.** `NULL`, `null`, `(null)` and empty cells mean nothing; `$10,000.00 `, `5e-06` and
`(12.50)` are amounts; times without a zone are UTC; `4/1/25` is the first of April 2025.
Columns are found by name without regard to case, older names too (ProviderName, AmortizedCost,
ChargeType, Region, UsageQuantity, x_InvoiceId). Columns that have no place of their own are kept
as JSON in `extras`, nothing is dropped.

**Settings.** `currency` and `account` stand in where the file names none (else the
organisation's currency, with a warning, and "(none)"). `cost_of_record: billed_cost` tells the
books to carry this bill by its billed cost, where the effective one cannot be trusted.
`outside: true` allows files outside the project. `endpoint_url`, `region`, `profile` are for
S3; secrets come only from boto3's own chain.

**Errors.** A row with the wrong number of cells, without a cost or with one that cannot be read
is an issue with file:row, and the rest go on. A file that is cut off, not UTF-8, without
BilledCost, with a column of the bill twice, or whose columns are of the wrong type changes
nothing. An amount of 10^12 or more, one written `1_000`, and a time before 1970 or after 2199
cannot be read. A CSV that does not end with a line end is told, for its last cell may be cut.
A billing currency that is not three letters is a virtual one and cannot be billed. A
ChargePeriodEnd that cannot be read becomes the end of the day the charge began, and a
BillingPeriodEnd not after its start the end of the month, both with a warning: the money stays. A
file with a header alone is told too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from costper.model.charge import CHARGE_COLUMNS
from costper.model.delivery import Mode, RawBill
from costper.model.outcome import Issue, Outcome
from costper.model.plural import plural
from costper.sources.base import ReadContext, Source
from costper.sources.focus_columns import NO_ACCOUNT, find, projection, scope, wrong_types
from costper.sources.gather import Batch, FileSettings, gather
from costper.sources.grouping import Files, Group, grouped, without_copies
from costper.sources.probe import Doubt, doubts
from costper.sources.projection import Raw, instant, rounded, trimmed
from costper.sources.tabular import Sheet, ambiguous_columns, open_sheets, without_rows

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
COSTS = ("BilledCost", "EffectiveCost", "ContractedCost", "ListCost")
STAND_INS = {
    "EffectiveCost": "the billed cost",
    "ContractedCost": "the effective cost",
    "ListCost": "the billed cost",
    "ChargeCategory": "Usage",
    "ChargePeriodEnd": "the end of the day the charge began",
    "BillingPeriodStart": "the month of the charge",
    "BillingAccountId": "",
    "BillingCurrency": "",
}
"""Columns a bill can do without, and what stands in for them."""


class FocusSettings(FileSettings):
    """What `type: focus_file` takes."""

    files: Files = "auto"
    """How files without a manifest relate: auto, parts (they add up), snapshots (last counts)."""
    mode: Mode = "overwrite"
    """Whether a delivery replaces what it covers (overwrite) or adds to it (append)."""
    currency: Currency | None = None
    """Billing currency where the file names none; the organisation's when left out."""
    account: str = ""
    """Billing account where the file names none; "(none)" when left out."""
    cost_of_record: Literal["effective_cost", "billed_cost"] | None = None
    """Which cost of this bill the books carry; the organisation's choice when left out."""


def read(settings: FocusSettings, context: ReadContext) -> Outcome[RawBill]:
    """Read the files into one RawBill for each snapshot or addition, in landing order."""
    bills: list[RawBill] = []
    issues: list[Issue] = []
    for batch in gather(settings, context):
        outcome = _read_batch(batch, settings, context)
        bills.extend(outcome.items)
        issues.extend(outcome.issues)
    return Outcome(tuple(bills), tuple(_folded(issues)))


def _folded(issues: Sequence[Issue]) -> Iterator[Issue]:
    """Tell of a column once, however many files lack it."""
    files = Counter(issue.message for issue in issues if issue.code == "stand_in")
    for issue in issues:
        many = files.pop(issue.message, 0) if issue.code == "stand_in" else 1
        if many == 1:
            yield issue
        elif many:
            yield replace(issue, message=f"{issue.message} ({many} files)")


def _read_batch(batch: Batch, settings: FocusSettings, context: ReadContext) -> Outcome[RawBill]:
    if not batch.files:
        return Outcome((), (_nothing_there(batch),))
    context.progress(f"{context.source}: reading {plural(len(batch.files), 'file')}")
    opened = open_sheets(batch.files, context.workdir, progress=context.progress)
    issues = [*opened.issues, *(issue for sheet in opened.items for issue in _unfit(sheet))]
    issues += without_rows(opened.items, together=bool(batch.manifest))
    if len(opened.items) < len(batch.files) or any(i.code in UNFIT for i in issues):
        return Outcome((), tuple(issues))
    sheets, copies = (opened.items, []) if batch.manifest else without_copies(opened.items)
    groups = grouped(batch, sheets, files=settings.files, mode=settings.mode, scope=scope)
    issues += [*copies, *groups.issues]
    bills: list[RawBill] = []
    for group in groups.items:
        issues += [
            issue for sheet in group.sheets for issue in _stand_ins(sheet, settings, context)
        ]
        issues += _doubts(group)
        bills.append(_bill(group, settings, context))
    return Outcome(tuple(bills), tuple(issues))


UNFIT = ("missing_column", "wrong_type", "ambiguous_column")
NAMES = tuple(column.focus for column in CHARGE_COLUMNS if column.focus)


def _bill(group: Group, settings: FocusSettings, context: ReadContext) -> RawBill:
    return RawBill(
        parts=tuple(sheet.part for sheet in group.sheets),
        projection=projection(
            group.raw, currency=settings.currency or context.currency, account=settings.account
        ),
        mode=settings.mode,
        billing_period=group.batch.billing_period,
        promised_files=group.batch.promised_files,
        promised_rows=group.batch.promised_rows,
    )


def _nothing_there(batch: Batch) -> Issue:
    return Issue(
        code="incomplete_delivery",
        message=f"names {batch.promised_files} files and none of them is there",
        where=batch.manifest,
        severity="error" if batch.promised_files else "warning",
        hint="wait until the delivery is complete, then sync again",
    )


def _unfit(sheet: Sheet) -> Iterator[Issue]:
    raw = Raw(sheet.columns)
    for name in ("BilledCost", "ChargePeriodStart"):
        if find(raw, name) is None:
            yield Issue(
                code="missing_column",
                message=f"there is no column {name}, so this is no FOCUS bill; not landed",
                where=f"{sheet.part.origin}:1",
                hint="aws_cur, gcp_billing and azure_cost read the vendors' own formats",
            )
    yield from ambiguous_columns(sheet, NAMES)
    for name, kind in wrong_types(raw):
        yield Issue(
            code="wrong_type",
            message=f"column {name} is {kind}, which cannot hold it; not landed",
            where=sheet.part.origin,
            hint="export it again, or as CSV",
        )


def _stand_ins(sheet: Sheet, settings: FocusSettings, context: ReadContext) -> Iterator[Issue]:
    raw = Raw(sheet.columns)
    told = {
        "BillingAccountId": settings.account or NO_ACCOUNT,
        "BillingCurrency": settings.currency or context.currency,
    }
    said = {"BillingAccountId": settings.account, "BillingCurrency": settings.currency}
    for name, stand_in in STAND_INS.items():
        if find(raw, name) is None and not said.get(name):
            yield Issue(
                code="stand_in",
                message=f"there is no column {name}; {stand_in or told[name]} stands in",
                where=f"{sheet.part.origin}:1",
                severity="warning",
                hint="say `currency` or `account` in the source" if name in told else "",
            )


def _doubts(group: Group) -> list[Issue]:
    raw = group.raw
    start, end = find(raw, "ChargePeriodStart"), find(raw, "ChargePeriodEnd")
    currency = find(raw, "BillingCurrency")
    fine = [condition for name in COSTS if (condition := rounded(find(raw, name))) != "FALSE"]
    asked = [
        Doubt(
            code="rounded",
            condition=" OR ".join(fine),
            message="a cost has more than 21 decimal places and was rounded",
        ),
        Doubt(
            code="period_end",
            condition=f"coalesce({instant(end)} > {instant(start)}, FALSE) = FALSE" if end else "",
            message="ChargePeriodEnd is missing, unreadable or not after its start;"
            " the end of the day stands in",
        ),
        Doubt(
            code="billing_period_end",
            condition=_backwards(group.raw),
            message="BillingPeriodEnd is not after its start; the month's end stands in",
            hint="export the bill again; the row's money is in the period that it starts",
        ),
        Doubt(
            code="virtual_currency",
            condition=f"NOT regexp_matches(upper({trimmed(currency)}), '^[A-Z]{{3}}$')"
            if currency
            else "",
            message="a virtual currency cannot be billed; the rows are bad",
            hint="BillingCurrency is a three-letter code; tokens belong in PricingCurrency",
        ),
    ]
    return doubts([sheet.part for sheet in group.sheets], [d for d in asked if d.condition])


def _backwards(raw: Raw) -> str:
    """Write the condition of a row whose billing period ends before it began; '' for never."""
    ended, begun = find(raw, "BillingPeriodEnd"), find(raw, "BillingPeriodStart")
    if ended is None:
        return ""
    month = f"CAST(date_trunc('month', {instant(find(raw, 'ChargePeriodStart'))}) AS TIMESTAMP)"
    start = f"coalesce({instant(begun)}, {month})" if begun else month
    return f"coalesce({instant(ended)} <= {start}, FALSE)"


SOURCE = Source(name="focus_file", kind="bill", settings=FocusSettings, read=read)
