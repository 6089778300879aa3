"""An answer as a table: Arrow, pandas, polars, plain rows, or HTML in a notebook."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from costper.errors import BooksError, UserError
from costper.model.envelope import places_of
from costper.model.money import plain
from costper.pipeline.export.columns import ENVELOPE, TOTAL

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Value = Any
"""Text, a whole number, a Decimal, a day, True or False, None, or a list of these or of rows."""

SHOWN_ROWS = 50
COVERED_PLACES = 3


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Table:
    """One answer. Amounts are exact decimals in the books' currency, days are UTC dates.

    What does not exist is null; where it has a reason, a column `<column>_reason` says it.
    """

    _table: pa.Table
    _told: Mapping[str, Any]

    @classmethod
    def of_stream(cls, stream: bytes) -> Table:
        """Read what a door gives."""
        table = pa.ipc.open_stream(stream).read_all()
        return cls(table, cast("Mapping[str, Any]", json.loads(_metadata(table)[ENVELOPE])))

    @classmethod
    def of_pages(cls, pages: Sequence[Table], *, without: Mapping[str, str]) -> Table:
        """Put the pages of one answer together, leaving out rows that sum up other pages.

        Those have the words of `without` in its columns.

        Raises:
            BooksError: the pages are not of the same state of the books.
        """
        first = pages[0]
        if len(pages) == 1:
            return first
        if any((page.as_of, page.total) != (first.as_of, first.total) for page in pages):
            raise BooksError("the books changed while pages were fetched", hint="ask once more")
        whole = pa.concat_tables([page.arrow() for page in pages], promote_options="permissive")
        for name, word in without.items():
            whole = whole.filter(pc.field(name) != pc.scalar(word))
        told = pages[0].arrow().schema.metadata
        return cls(whole.replace_schema_metadata(told), first._told)  # noqa: SLF001 - its own

    def arrow(self) -> pa.Table:
        """Give an Arrow table: amounts DECIMAL(38,21) or wider, counts BIGINT, days DATE."""
        return self._table

    def pandas(self) -> pd.DataFrame:
        """Give a pandas frame: amounts as Decimal objects, counts Int64, flags boolean.

        Raises:
            UserError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise _missing("pandas") from error

        def kept(kind: pa.DataType) -> pd.Int64Dtype | pd.BooleanDtype | None:
            """Hold what is null beside counts and flags without making floats of them."""
            if pa.types.is_int64(kind):
                return pd.Int64Dtype()
            return pd.BooleanDtype() if pa.types.is_boolean(kind) else None

        return self._table.to_pandas(types_mapper=kept)

    def polars(self) -> pl.DataFrame:
        """Give a polars frame: amounts Decimal(38, 21), counts Int64, days Date.

        Raises:
            UserError: polars is not installed.
        """
        try:
            import polars as pl
        except ImportError as error:
            raise _missing("polars") from error
        return cast("pl.DataFrame", pl.from_arrow(self._table))

    @property
    def rows(self) -> list[dict[str, Value]]:
        """Every row as a dict; amounts are Decimals with the digits of JSON."""
        return [cast("dict[str, Value]", _tidy(row)) for row in self._table.to_pylist()]

    @property
    def total(self) -> dict[str, Value]:
        """The total, made anew and not the sum of ratios; {} where there is none."""
        stream = b64decode(_metadata(self._table)[TOTAL])
        found = pa.ipc.open_stream(stream).read_all().to_pylist()
        return cast("dict[str, Value]", _tidy(found[0])) if found else {}

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self._table.column_names)

    @property
    def question(self) -> dict[str, Any]:
        """What was asked, with its days filled in, as JSON."""
        return dict(self._told["question"])

    @property
    def coverage(self) -> Decimal | None:
        """The share (0..1) of gross cost that is allocated."""
        said = self._told["coverage"]
        return None if said is None else Decimal(said)

    @property
    def currency(self) -> str:
        """What amounts are in, as ISO 4217."""
        return str(self._told["currency"])

    @property
    def as_of(self) -> str:
        """When the books last changed, as ISO 8601."""
        return str(self._told["as_of"])

    @property
    def settled_through(self) -> str | None:
        """The last day whose numbers are final, as ISO 8601."""
        return cast("str | None", self._told["settled_through"])

    @property
    def issues(self) -> list[dict[str, Any]]:
        """What is doubtful: {code, severity, where, message, hint, count}."""
        return list(self._told["issues"])

    def __len__(self) -> int:
        """Count the rows."""
        return self._table.num_rows

    def __iter__(self) -> Iterator[dict[str, Value]]:
        """Go through the rows."""
        return iter(self.rows)

    def __repr__(self) -> str:
        """Say what it is, in a line."""
        return f"<Table {len(self)} rows: {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        """Write the first rows for a notebook; nothing in them is taken for HTML."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        rows = self._table.slice(0, SHOWN_ROWS).to_pylist()
        body = "".join(f"<tr>{''.join(_cells(row))}</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{self._foot()}"

    def _foot(self) -> str:
        parts = [f"{len(self):,} rows" if len(self) != 1 else "1 row"]
        if len(self) > SHOWN_ROWS:
            parts.append(f"the first {SHOWN_ROWS} are shown")
        parts += [f"as of {self.as_of}"] if self.as_of else []
        parts += [self.currency]
        if self.coverage is not None:
            parts.append(f"coverage {plain(round(self.coverage, COVERED_PLACES), 0)}")
        parts += [str(issue["message"]) for issue in self.issues]
        return f"<p>{' · '.join(escape(part) for part in parts)}</p>"


def _cells(row: Mapping[str, Value]) -> Iterator[str]:
    for name, value in row.items():
        number = isinstance(value, Decimal | int) and not isinstance(value, bool)
        text = plain(value, places_of(name)) if isinstance(value, Decimal) else _text(value)
        yield (
            f'<td style="text-align:right">{escape(text)}</td>'
            if number
            else (f"<td>{escape(text)}</td>")
        )


def _text(value: Value) -> str:
    if value is None:
        return "—"
    return str(_tidy(value))


def _tidy(value: object) -> object:
    """Take the noughts off that a column's width adds to an amount."""
    if isinstance(value, Decimal):
        return Decimal(plain(value, 0))
    if isinstance(value, list):
        return [_tidy(one) for one in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: _tidy(one) for name, one in cast("dict[str, object]", value).items()}
    return value


def _metadata(table: pa.Table) -> Mapping[bytes, bytes]:
    return cast("Mapping[bytes, bytes]", table.schema.metadata or {})


def _missing(name: str) -> UserError:
    return UserError(f"{name} is not installed", hint=f"pip install {name}, or use .arrow()")
