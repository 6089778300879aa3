"""Read Azure's cost exports into raw bills, never adding actual to amortised cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from costper.model.delivery import RawBill
from costper.model.names import quoted
from costper.model.outcome import Issue, Outcome
from costper.model.period import month_of
from costper.model.plural import plural
from costper.sources.azure_cost.projection import (
    CHARGE_TYPE,
    DATE,
    ESSENTIAL,
    Export,
    Exports,
    account,
    billing_period,
    projection,
)
from costper.sources.azure_cost.settings import AzureCostSettings
from costper.sources.base import ReadContext
from costper.sources.gather import Batch, gather
from costper.sources.grouping import grouped, without_copies
from costper.sources.probe import ask
from costper.sources.projection import Raw
from costper.sources.tabular import Sheet, columns_of, open_sheets, without_rows

STOPS = frozenset({"unreadable_file", "wrong_export", "exports_differ", "ambiguous_files"})
"""Issues after which nothing is landed."""

SETTLED_DAYS = 5
"""Azure's usage may change for 72 hours after the period, its invoice takes a little longer."""

ONLY_AMORTIZED = frozenset({"UnusedReservation", "UnusedSavingsPlan"})
ISO = re.compile(r"(\d{4})-(\d{1,2})-\d")
AMERICAN = re.compile(r"(\d{1,2})/\d{1,2}/(\d{4})")


def read(settings: AzureCostSettings, context: ReadContext) -> Outcome[RawBill]:
    """Give the exports as one bill for each month a manifest tells, one for other files.

    A fault in any file gives no bill at all.
    """
    actual = _gathered(settings.actual, settings, context)
    amortized = _gathered(settings.amortized, settings, context)
    bills: list[RawBill] = []
    issues: list[Issue] = []
    if actual and amortized:
        issues.extend(_differing(_told(actual), _told(amortized), context.source))
    for month in {**actual, **amortized}:
        both = actual.get(month, []), amortized.get(month, [])
        bill, met = _bill(*both, month, settings, context)
        issues.extend(met)
        bills.extend([bill] if bill else [])
    if any(issue.code in STOPS for issue in issues):
        return Outcome((), tuple(issues))
    given = _given(bool(actual), bool(amortized))
    return Outcome(tuple(bills), (*issues, *_doubts(given, context.source)))


def _gathered(
    paths: tuple[str, ...], settings: AzureCostSettings, context: ReadContext
) -> dict[date | None, list[Batch]]:
    """Gather the files of one export by the month their manifest tells."""
    months: dict[date | None, list[Batch]] = {}
    for batch in gather(settings.where(paths), context) if paths else []:
        months.setdefault(batch.billing_period, []).append(batch)
    return months


def _bill(
    actual: Sequence[Batch],
    amortized: Sequence[Batch],
    month: date | None,
    settings: AzureCostSettings,
    context: ReadContext,
) -> tuple[RawBill | None, tuple[Issue, ...]]:
    batches = [*actual, *amortized]
    files = [found for batch in batches for found in batch.files]
    context.progress(f"{context.source}: reading {plural(len(files), 'file')}")
    opened = open_sheets(files, context.workdir, progress=context.progress)
    if not opened.items or any(issue.code in STOPS for issue in opened.issues):
        return None, opened.issues
    empty = without_rows(opened.items, together=any(batch.manifest for batch in batches))
    count = sum(len(batch.files) for batch in actual)
    first, copies = _once(opened.items[:count])
    rest, more = _once(opened.items[count:])
    issues = (*opened.issues, *empty, *copies, *more, *_refusals(first, rest, context.source))
    if not any(issue.code in STOPS for issue in issues):
        issues = (*issues, *_torn(actual, first, settings), *_torn(amortized, rest, settings))
    if any(issue.code in STOPS for issue in issues):
        return None, issues
    sheets = (*first, *rest)
    given = _given(bool(first), bool(rest))
    raw = Raw(columns_of(sheets))
    export = Export(raw, given, len(first), _open_periods(sheets, raw, context.now))
    dropped = len(opened.items) - len(sheets)
    bill = RawBill(
        parts=tuple(sheet.part for sheet in sheets),
        projection=projection(export),
        billing_period=month,
        promised_files=_promised([batch.promised_files for batch in batches], dropped),
        promised_rows=_promised([batch.promised_rows for batch in batches])
        if not dropped
        else None,
    )
    return bill, issues


def _open_periods(sheets: Sequence[Sheet], raw: Raw, now: datetime) -> tuple[str, ...]:
    """Give the billing periods in the files that Azure may still change.

    They are named one by one, so that the same files read later are told apart only when a
    period has settled meanwhile.
    """
    select = f"SELECT DISTINCT CAST({billing_period(raw)} AS VARCHAR) FROM raw"  # noqa: S608 - quoted names
    found = [row[0] for row in ask([sheet.part for sheet in sheets], select) if row[0]]
    settled = timedelta(days=SETTLED_DAYS)
    return tuple(
        start
        for start in sorted(str(one) for one in found)
        if month_of(date.fromisoformat(start[:10])).end + settled > now.date()
    )


def scope(raw: Raw) -> tuple[str, str]:
    """Give the SQL of a snapshot's account and billing period, of files of one export."""
    return account(raw), billing_period(raw)


def _once(sheets: Sequence[Sheet]) -> tuple[tuple[Sheet, ...], list[Issue]]:
    """Leave out copies of a file; files without rows are no copies of each other."""
    kept, issues = without_copies([sheet for sheet in sheets if sheet.part.rows])
    return (*kept, *(sheet for sheet in sheets if not sheet.part.rows)), issues


def _torn(
    batches: Sequence[Batch], sheets: Sequence[Sheet], settings: AzureCostSettings
) -> tuple[Issue, ...]:
    """Tell of months that several files of one export hold, where nothing says how they relate."""
    if not sheets or any(batch.manifest for batch in batches):
        return ()
    loose = Batch(files=())
    return grouped(loose, sheets, files=settings.files, mode="overwrite", scope=scope).issues


def _told(months: Iterable[date | None]) -> set[str]:
    return {f"{month:%Y-%m}" if month else "files without a manifest" for month in months}


def _promised(counts: Sequence[int | None], dropped: int = 0) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) - dropped if len(known) == len(counts) else None


def _given(actual: bool, amortized: bool) -> Exports:  # noqa: FBT001 - two facts, one answer
    if actual and amortized:
        return "both"
    return "actual" if actual else "amortized"


def _refusals(actual: Sequence[Sheet], amortized: Sequence[Sheet], source: str) -> Iterator[Issue]:
    yield from _not_exports([*actual, *amortized])
    told = {sheet.part.sha256 for sheet in actual if sheet.part.rows}
    twice = told & {sheet.part.sha256 for sheet in amortized}
    for sheet in amortized:
        if sheet.part.sha256 in twice:
            yield _refused(
                sheet, "the same file is given as actual and as amortized", "correct one path"
            )
    for sheet in actual:
        unused = sorted(_words(sheet, CHARGE_TYPE) & ONLY_AMORTIZED)
        if unused:
            yield _refused(
                sheet,
                f"rows of type {', '.join(unused)} are only in amortised cost, not in actual",
                "give this file as `amortized`",
            )
    if actual and amortized:
        yield from _differing(_months(actual), _months(amortized), source)


def _not_exports(sheets: Sequence[Sheet]) -> Iterator[Issue]:
    for sheet in sheets:
        raw = Raw(sheet.columns)
        missing = [what for what, names in ESSENTIAL.items() if raw.find(*names) is None]
        if missing:
            yield _refused(
                sheet,
                f"no column for {', '.join(missing)}: this is not a Cost Management export",
                "for FOCUS exports say `type: focus_file`",
            )


def _differing(actual: set[str], amortized: set[str], source: str) -> Iterator[Issue]:
    """Refuse months told by one export only: one of their two costs would be 0."""
    for month in sorted(actual ^ amortized):
        lacking = "amortized" if month in actual else "actual"
        yield Issue(
            code="exports_differ",
            message=f"the {lacking} export lacks {month}; nothing was changed",
            where=source,
            hint=f"add it to the {lacking} export, or take it out of the other",
        )


def _doubts(given: Exports, source: str) -> Iterator[Issue]:
    if given == "both":
        return
    lacking, column = (
        ("amortized", "effective_cost") if given == "actual" else ("actual", "billed_cost")
    )
    yield Issue(
        code="one_export",
        message=f"only the {given} export is given: {column} repeats it",
        where=source,
        severity="warning",
        hint=f"give the {lacking} export of the same months as well",
    )


def _refused(sheet: Sheet, message: str, hint: str) -> Issue:
    return Issue(
        code="wrong_export",
        message=f"{message}; nothing was changed",
        where=sheet.part.origin,
        hint=hint,
    )


def _months(sheets: Sequence[Sheet]) -> set[str]:
    """Give the months the rows' dates lie in, as YYYY-MM; what is no date is not counted."""
    found: set[str] = set()
    for sheet in sheets:
        for written in _words(sheet, DATE):
            iso, american = ISO.match(written), AMERICAN.match(written)
            if iso:
                found.add(f"{iso[1]}-{int(iso[2]):02}")
            elif american:
                found.add(f"{american[2]}-{int(american[1]):02}")
    return found


def _words(sheet: Sheet, names: Sequence[str]) -> set[str]:
    """Give the different cells of a column, as text."""
    column = Raw(sheet.columns).find(*names)
    if column is None:
        return set()
    cell = f"CAST({quoted(column.name)} AS VARCHAR)"
    rows = ask([sheet.part], f"SELECT DISTINCT {cell} FROM raw")  # noqa: S608 - a quoted name
    return {str(row[0]).strip() for row in rows}
