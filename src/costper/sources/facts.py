"""Read a small file whose rows become Python values: dated facts such as customers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from costper.model.names import quoted
from costper.model.outcome import Issue, Outcome
from costper.sources.base import ReadContext
from costper.sources.gather import FileSettings, gather
from costper.sources.grouping import without_copies
from costper.sources.headers import RawColumn
from costper.sources.probe import ask
from costper.sources.projection import Raw, instant, money, named, quantity, trimmed
from costper.sources.tabular import Sheet, columns_of, missing_columns, open_sheets

Fact = TypeVar("Fact")
FieldKind = Literal["text", "name", "day", "amount", "quantity"]
READERS: dict[FieldKind, Callable[[RawColumn | None], str]] = {
    "text": trimmed,
    "name": named,
    "amount": money,
    "quantity": quantity,
    "day": lambda raw: f"CAST({instant(raw)} AS DATE)",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a fact: its name, the headers it goes by, and how it is read."""

    name: str
    headers: tuple[str, ...]
    kind: FieldKind = "text"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row, read: `values` by field name (None where empty), `where` is file:row."""

    where: str
    values: Mapping[str, str | Decimal | date | None]

    def text(self, name: str) -> str:
        """Give a text field, "" where empty."""
        value = self.values[name]
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> Decimal | None:
        """Give an amount or a quantity."""
        value = self.values[name]
        return value if isinstance(value, Decimal) else None

    def day(self, name: str) -> date | None:
        """Give a day."""
        value = self.values[name]
        return value if isinstance(value, date) else None


def read_rows(
    fields: Sequence[Field],
    columns: Mapping[str, str],
    settings: FileSettings,
    context: ReadContext,
) -> Outcome[Row]:
    """Read all rows of the files; a row with a field that cannot be read is an issue.

    `columns` says which column holds a field where it is not one of its own headers. No row is
    given at all when a file cannot be trusted or a required column is not there.
    """
    files = [found for batch in gather(settings, context) for found in batch.files]
    opened = open_sheets(files, context.workdir, progress=context.progress)
    issues = list(opened.issues)
    wanted = [_wanted(field, columns) for field in fields]
    for sheet in opened.items:
        needed = [f for f in wanted if f.required or f.name in columns]
        absent = [f for f in needed if Raw(sheet.columns).find(*f.headers) is None]
        issues += missing_columns(sheet, [field.headers[0] for field in absent])
    if len(opened.items) < len(files) or any(i.code == "missing_column" for i in issues):
        return Outcome((), tuple(issues))
    sheets, copies = without_copies(opened.items)
    rows = Outcome((), ()) if not sheets else _rows(sheets, wanted)
    return Outcome(rows.items, (*issues, *copies, *rows.issues))


def kept(
    facts: Iterable[tuple[Row, Fact]], key: Callable[[Fact], Hashable], what: str
) -> Outcome[Fact]:
    """Keep one fact of each key: the same told twice is one, told otherwise it is an issue."""
    first: dict[Hashable, tuple[Row, Fact]] = {}
    issues: list[Issue] = []
    for row, fact in facts:
        before, held = first.setdefault(key(fact), (row, fact))
        if held != fact:
            issues.append(
                Issue(
                    code="conflict",
                    message=f"{what} is told otherwise in {before.where}; this row was left out",
                    where=row.where,
                    hint="correct one of the two, or give them different dates",
                )
            )
    return Outcome(tuple(fact for _, fact in first.values()), tuple(issues))


def bad_row(row: Row, message: str, hint: str = "") -> Issue:
    """Say why a row was left out."""
    return Issue(code="bad_row", message=f"{message}; left out", where=row.where, hint=hint)


def _wanted(field: Field, columns: Mapping[str, str]) -> Field:
    if field.name not in columns:
        return field
    return Field(field.name, (columns[field.name],), field.kind, field.required)


def _rows(sheets: Sequence[Sheet], fields: Sequence[Field]) -> Outcome[Row]:
    raw = Raw(columns_of(sheets))
    found = [raw.find(*field.headers) for field in fields]
    reads = [READERS[field.kind](column) for field, column in zip(fields, found, strict=True)]
    told = [f"CAST({quoted(c.name)} AS VARCHAR)" if c else "NULL" for c in found]
    blanks = [named if field.kind == "name" else trimmed for field in fields]
    empty = [f"{blank(column)} IS NULL" for blank, column in zip(blanks, found, strict=True)]
    select = ", ".join(("_file", "_row", *reads, *told, *empty))
    parts = [sheet.part for sheet in sheets]
    rows: list[Row] = []
    issues: list[Issue] = []
    for answer in ask(parts, f"SELECT {select} FROM raw ORDER BY _file, _row"):  # noqa: S608
        where = f"{parts[answer[0]].origin}:{answer[1]}"
        size = len(fields)
        values, texts, empties = (answer[2 + i * size : 2 + (i + 1) * size] for i in range(3))
        faults = list(_faults(where, fields, values, texts, empties))
        issues += faults
        if not faults:
            names = (field.name for field in fields)
            rows.append(Row(where, dict(zip(names, values, strict=True))))
    return Outcome(tuple(rows), tuple(issues))


def _faults(
    where: str,
    fields: Sequence[Field],
    values: Sequence[object],
    texts: Sequence[str | None],
    empties: Sequence[bool],
) -> Iterator[Issue]:
    for field, value, text, empty in zip(fields, values, texts, empties, strict=True):
        if value is None and (not empty or field.required):
            said = "is empty" if empty else f"{text!r} is not {_WORDS[field.kind]}"
            yield Issue(
                code="bad_row",
                message=f"{field.name} {said}; the row was left out",
                where=where,
            )


_WORDS: dict[FieldKind, str] = {
    "text": "a text",
    "name": "a name",
    "day": "a date",
    "amount": "an amount",
    "quantity": "a number",
}
