"""Read the files of a Cloud Billing export into one raw bill."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from costper.errors import SourceError
from costper.model.delivery import RawBill
from costper.model.outcome import Issue, Outcome
from costper.model.period import month_of
from costper.model.plural import plural
from costper.sources.base import ReadContext
from costper.sources.gather import Batch, gather
from costper.sources.gcp_billing.files import Faults, rows_of
from costper.sources.gcp_billing.projection import projection
from costper.sources.gcp_billing.rows import COLUMNS, charges
from costper.sources.gcp_billing.settings import GcpBillingSettings
from costper.sources.grouping import Group, grouped, without_copies
from costper.sources.hashing import sha256_of
from costper.sources.paths import Found
from costper.sources.probe import ask
from costper.sources.projection import Raw, trimmed
from costper.sources.staging import RowWriter
from costper.sources.tabular import Sheet

SETTLED_DAYS = 7
"""Google issues the invoice by the fifth working day of the next month."""


def read(settings: GcpBillingSettings, context: ReadContext) -> Outcome[RawBill]:
    """Give a bill for each snapshot or addition; a file that cannot be read stops them all."""
    bills: list[RawBill] = []
    issues: list[Issue] = []
    for batch in gather(settings, context):
        context.progress(f"{context.source}: reading {plural(len(batch.files), 'file')}")
        staged = _staged_batch(batch, context)
        issues.extend(staged.issues)
        sheets, copies = (staged.items, []) if batch.manifest else without_copies(staged.items)
        groups = grouped(batch, sheets, files=settings.files, mode=settings.mode, scope=scope)
        issues.extend([*copies, *groups.issues])
        bills.extend(_bill(group, settings, context) for group in groups.items)
    stopped = any(issue.code == "unreadable_file" for issue in issues)
    return Outcome(() if stopped else tuple(bills), tuple(issues))


def scope(raw: Raw) -> tuple[str, str]:
    """Give the SQL of a snapshot's account and billing period: the invoice month."""
    return trimmed(raw.find("billing_account_id")), trimmed(raw.find("invoice_month"))


def _bill(group: Group, settings: GcpBillingSettings, context: ReadContext) -> RawBill:
    return RawBill(
        parts=tuple(sheet.part for sheet in group.sheets),
        projection=projection(_open_months(group, settings, context.now)),
        mode=settings.mode,
        billing_period=group.batch.billing_period,
        promised_files=group.batch.promised_files,
    )


def _open_months(group: Group, settings: GcpBillingSettings, now: datetime) -> tuple[str, ...]:
    """Give the invoice months in the files that Google may still change.

    They are named one by one, so that the same files read later are told apart only when a
    month has settled meanwhile. What is appended never changes.
    """
    if settings.mode == "append":
        return ()
    parts = [sheet.part for sheet in group.sheets]
    found = sorted(str(row[0]) for row in ask(parts, "SELECT DISTINCT invoice_month FROM raw"))
    settled = timedelta(days=SETTLED_DAYS)
    ends = {month: month_of(date.fromisoformat(month)).end for month in found}
    return tuple(month for month, end in ends.items() if end + settled > now.date())


def _staged_batch(batch: Batch, context: ReadContext) -> Outcome[Sheet]:
    sheets: list[Sheet] = []
    issues: list[Issue] = []
    for found in batch.files:
        try:
            sheet, faults = _staged(found, context)
        except SourceError as error:
            issues.append(Issue("unreadable_file", error.message, error.where, hint=error.hint))
        else:
            sheets.append(sheet)
            issues.extend(faults)
    return Outcome(tuple(sheets), tuple(issues))


def _staged(found: Found, context: ReadContext) -> tuple[Sheet, list[Issue]]:
    faults = Faults(found.origin)
    met: list[Issue] = []
    target = context.workdir / f"{len(list(context.workdir.iterdir())):05}-gcp.parquet"
    with RowWriter(target, COLUMNS, found.origin) as out:
        for row_no, row in rows_of(found, context, faults, met):
            try:
                made = list(charges(row))  # all of the row, or nothing of it
            except ValueError as error:
                faults.add(row_no, str(error))
                continue
            for cells in made:
                out.add(cells, row=row_no)
    part = replace(out.part, sha256=sha256_of(found.path))
    return Sheet(part, out.columns), [*met, *faults.told()]
