"""Read the files of an AWS report into raw bills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from costper.model.delivery import Part, RawBill
from costper.model.outcome import Issue, Outcome
from costper.model.plural import plural
from costper.sources.aws_cur.columns import report_columns
from costper.sources.aws_cur.costs import NET, RESERVATION, SAVINGS_PLAN, UNUSED, Report
from costper.sources.aws_cur.projection import billing_period, keep, projection
from costper.sources.aws_cur.settings import AwsCurSettings
from costper.sources.aws_cur.unused import line_types, unused_part
from costper.sources.base import ReadContext
from costper.sources.gather import Batch, gather
from costper.sources.grouping import Group, grouped, without_copies
from costper.sources.projection import Raw
from costper.sources.tabular import Sheet, columns_of, open_sheets, without_rows

ESSENTIAL = (
    "line_item_unblended_cost",
    "line_item_line_item_type",
    "line_item_usage_start_date",
    "line_item_usage_end_date",
    "line_item_currency_code",
    "bill_payer_account_id",
)
STOPS = frozenset({"unreadable_file", "not_a_report", "two_reports"})
"""Issues after which nothing is landed."""

PLANS = {
    "savings plan": (SAVINGS_PLAN, ("SavingsPlanCoveredUsage", "SavingsPlanRecurringFee")),
    "reservation": (RESERVATION, ("DiscountedUsage", "RIFee")),
}


def read(settings: AwsCurSettings, context: ReadContext) -> Outcome[RawBill]:
    """Give the report as one bill for each manifest, one for files without any.

    A file that cannot be read, or is no report, gives no bill at all.
    """
    batches = gather(settings, context)
    faults = list(_same_month(batches, context.source))
    bills: list[RawBill] = []
    for batch in batches:
        found = _read_batch(batch, settings, context)
        bills.extend(found.items)
        faults.extend(found.issues)
    stopped = any(fault.code in STOPS for fault in faults)
    return Outcome(() if stopped else tuple(bills), tuple(faults))


def scope(raw: Raw) -> tuple[str, str]:
    """Give the SQL of a snapshot's account and billing period: one report is one account."""
    return "''", billing_period(report_columns(raw.columns))


def _read_batch(batch: Batch, settings: AwsCurSettings, context: ReadContext) -> Outcome[RawBill]:
    context.progress(f"{context.source}: reading {plural(len(batch.files), 'file')}")
    opened = open_sheets(batch.files, context.workdir, progress=context.progress)
    faults = [*opened.issues, *_not_reports(opened.items)]
    faults += without_rows(opened.items, together=bool(batch.manifest))
    if any(fault.code in STOPS for fault in faults):
        return Outcome((), tuple(faults))
    sheets, copies = (opened.items, []) if batch.manifest else without_copies(opened.items)
    groups = grouped(batch, sheets, files=settings.files, mode="overwrite", scope=scope)
    bills: list[RawBill] = []
    faults += [*copies, *groups.issues]
    for group in groups.items:
        bill, met = _bill(group, settings, context)
        bills.append(bill)
        faults.extend(met)
    return Outcome(tuple(bills), tuple(faults))


def _bill(
    group: Group, settings: AwsCurSettings, context: ReadContext
) -> tuple[RawBill, list[Issue]]:
    columns = report_columns(columns_of(group.sheets))
    kinds = [line_types(sheet, columns) for sheet in group.sheets]
    told = Report(columns, net=settings.costs == "net")
    halves = tuple(_halves(group.sheets, kinds, told, context))
    report = replace(told, halves=bool(halves))
    bill = RawBill(
        parts=(*(sheet.part for sheet in group.sheets), *halves),
        projection=projection(report),
        keep=keep(columns),
        account=settings.account,
        billing_period=group.batch.billing_period,
        promised_files=_more(group.batch.promised_files, len(halves)),
        promised_rows=_more(group.batch.promised_rows, sum(part.rows for part in halves)),
    )
    present = frozenset[str]().union(*kinds)
    return bill, list(_doubts(report, present, context.source))


def _more(promised: int | None, staged: int) -> int | None:
    """Count what was staged besides the vendor's files, so that it stands in for none of them."""
    return None if promised is None else promised + staged


def _same_month(batches: Sequence[Batch], source: str) -> Iterator[Issue]:
    """Refuse two reports of one month: one would replace the other."""
    counts = Counter(batch.billing_period for batch in batches if batch.manifest)
    for month, count in counts.items():
        if count > 1:
            yield Issue(
                code="two_reports",
                message=f"{count} exports lie there for {month or 'an unknown month'}",
                where=source,
                hint="one source is one report: name its own folder in `path`",
            )


def _halves(
    sheets: Sequence[Sheet],
    kinds: Sequence[frozenset[str]],
    report: Report,
    context: ReadContext,
) -> Iterator[Part]:
    formulas = {"SavingsPlanRecurringFee": SAVINGS_PLAN, "RIFee": RESERVATION}
    for sheet, present in zip(sheets, kinds, strict=True):
        here = replace(report, columns=report_columns(sheet.columns))
        fees = [fee for fee in UNUSED if fee in present and here.has(formulas[fee])]
        if fees:
            target = context.workdir / f"{len(list(context.workdir.iterdir())):05}-unused.parquet"
            part = unused_part(sheet, here, fees, target)
            if part is not None:
                yield part


def _not_reports(sheets: Sequence[Sheet]) -> Iterator[Issue]:
    for sheet in sheets:
        columns = report_columns(sheet.columns)
        missing = [name for name in ESSENTIAL if columns.get(name) is None]
        if missing:
            yield Issue(
                code="not_a_report",
                message=f"no column {', '.join(missing)}: this is not a Cost and Usage Report",
                where=sheet.part.origin,
                hint="for FOCUS files say `type: focus_file`; nothing was changed",
            )


def _doubts(report: Report, present: frozenset[str], source: str) -> Iterator[Issue]:
    for plan, (formula, kinds) in PLANS.items():
        if present & set(kinds) and not report.has(formula):
            yield Issue(
                code="not_amortised",
                message=f"the report lacks {plan} columns: its effective cost is unblended",
                where=source,
                severity="warning",
                hint="include resource ids and all columns in the export, then deliver it again",
            )
    net = report.columns.get(NET["line_item_unblended_cost"])
    if report.net and net is None:
        yield Issue(
            code="no_net_costs",
            message="the report has no net columns: costs are before negotiated discounts",
            where=source,
            severity="warning",
            hint="AWS adds them for accounts with a discount; else say `costs: unblended`",
        )
    if not report.net and net is not None and "discount" in report.columns.maps:
        yield Issue(
            code="discounts_left_out",
            message="the report keeps discounts in a column of their own: unblended costs are"
            " higher than the invoice wherever a discount applies",
            where=source,
            severity="info",
            hint="say `costs: net` to follow the invoice",
        )
