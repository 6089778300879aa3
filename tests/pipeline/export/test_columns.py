"""Exports hold the digits of JSON: amounts as decimals, absences with their reasons."""

import json
from base64 import b64decode
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.errors import UserError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.envelope import envelope
from costper.pipeline.export.columns import ENVELOPE, MONEY, TOTAL, arrow_of, stream_of
from costper.pipeline.export.files import FileKind, write_answer

amounts = st.decimals(
    allow_nan=False, allow_infinity=False, places=21, min_value=-(10**15), max_value=10**15
)
absent = st.sampled_from([Absent("no_data"), Absent("zero_denominator")])
texts = st.text(max_size=8)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "customer": texts,
            "cost": amounts | absent,
            "margin": amounts,
            "units": st.integers(0, 10**9) | amounts | absent,
            "day": st.dates(),
            "seats": st.integers(-(10**6), 10**6) | st.none(),
            "new": st.booleans(),
            "daily": st.lists(amounts | absent, max_size=3).map(tuple),
            "teams": st.lists(
                st.fixed_dictionaries({"team": texts, "cost": amounts | absent}), max_size=2
            ).map(tuple),
        }
    ),
    max_size=5,
)


def answer(rows: Sequence[Row], total: Row | None = None) -> Answer:
    return Answer(
        question={"noun": "cost", "from": date(2026, 10, 1)},
        rows=tuple(rows),
        total=total or {},
        currency="USD",
        as_of="2026-11-20T06:00:00Z",
        settled_through=date(2026, 11, 18),
        estimated=False,
        coverage=Decimal("0.9"),
    )


def as_json(value: object, reason: object = None) -> object:
    """Write a value of a table as the envelope does, but for the noughts at its end."""
    if value is None and reason is not None:
        return {"value": None, "reason": reason}
    if isinstance(value, Decimal):
        return Decimal(value).normalize()
    if isinstance(value, date):
        return value.isoformat()
    return value


def plain(value: object) -> object:
    """Take an envelope's cell so that amounts compare by value."""
    if isinstance(value, str):
        try:
            return Decimal(value).normalize()
        except ArithmeticError:
            return value
    return value


def flat(rows: Sequence[Row]) -> list[Row]:
    return [{name: row[name] for name in ("cost", "margin", "units")} for row in rows]


@given(ROWS)
def test_arrow_and_polars_have_the_digits_of_json(rows: list[Row]) -> None:
    table = arrow_of(answer(flat(rows)))
    told = cast("list[dict[str, object]]", envelope(answer(flat(rows)))["rows"])
    wanted = [{name: plain(cell) for name, cell in row.items()} for row in told]
    frames: tuple[list[dict[str, object]], ...] = (
        table.to_pylist(),
        cast("pl.DataFrame", pl.from_arrow(table)).to_dicts(),
    )
    for found in frames:
        assert [
            {name: as_json(row[name], row.get(f"{name}_reason")) for name in row if name in told[0]}
            for row in found
        ] == wanted


@given(ROWS)
def test_a_reason_has_a_column_only_where_there_is_one(rows: list[Row]) -> None:
    table = arrow_of(answer(rows))
    for name in ("cost", "margin", "units"):
        some = any(isinstance(row[name], Absent) for row in rows)
        assert (f"{name}_reason" in table.column_names) == some
    assert table.num_rows == len(rows)
    assert pa.ipc.open_stream(stream_of(table)).read_all().equals(table)


@given(ROWS)
def test_lists_and_rows_inside_a_row_keep_their_order_and_digits(rows: list[Row]) -> None:
    for row, found in zip(rows, arrow_of(answer(rows)).to_pylist(), strict=True):
        teams = cast("Sequence[Row]", row["teams"])
        assert [one["team"] for one in found["teams"]] == [one["team"] for one in teams]
        daily = cast("Sequence[Cell]", row["daily"])
        assert found["daily"] == [None if isinstance(one, Absent) else one for one in daily]


def test_an_amount_that_is_wider_than_the_books_widens_its_column() -> None:
    for text, kind in (
        ("1.5", MONEY),
        ("123456789012345678901.5", pa.decimal128(38, 1)),
        (f"{10**40}.25", pa.decimal256(76, 2)),
    ):
        table = arrow_of(answer([{"cost": Decimal(text)}, {"cost": Decimal(0)}]))
        assert table.schema.field("cost").type == kind
        assert table.column("cost").to_pylist()[0] == Decimal(text)
    lost = arrow_of(answer([{"cost": Decimal("1e-50") + Decimal(0)}, {"cost": Decimal(10) ** 60}]))
    assert lost.column("cost").type == pa.string()


def test_types_are_those_of_the_cells() -> None:
    row: Row = {"a": "x", "b": 7, "c": date(2026, 1, 1), "d": True, "e": None, "f": Absent("new")}
    schema = arrow_of(answer([row])).schema
    kinds = [pa.string(), pa.int64(), pa.date32(), pa.bool_(), pa.string(), MONEY, pa.string()]
    assert schema.types == kinds
    assert arrow_of(answer([])).num_rows == 0
    mixed = arrow_of(answer([{"x": 1}, {"x": "y"}, {}]))
    assert mixed.column("x").to_pylist() == ["1", "y", None]
    taken = arrow_of(answer([{"x": Absent("new"), "x_reason": "mine"}]))
    assert taken.to_pylist() == [{"x": None, "x_reason": "mine", "x_reason_": "new"}]


def test_what_may_be_believed_travels_with_the_table() -> None:
    table = arrow_of(answer([{"cost": Decimal(1)}], {"cost": Decimal("1.5"), "x": Absent("new")}))
    told = json.loads(table.schema.metadata[ENVELOPE])
    assert (told["coverage"], told["question"]["from"], told["rows"]) == ("0.9", "2026-10-01", [])
    total = pa.ipc.open_stream(b64decode(table.schema.metadata[TOTAL])).read_all()
    assert total.to_pylist() == [{"cost": Decimal("1.5"), "x": None, "x_reason": "new"}]


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_file_is_written_whole_and_read_back_the_same(tmp_path: Path, kind: FileKind) -> None:
    rows: list[Row] = [
        {"customer": "=cmd", "cost": Decimal("0.000000000000000000001"), "teams": ({"team": "a"},)},
        {"customer": "b", "cost": Absent("missing_rate"), "teams": ()},
    ]
    path = tmp_path / f"x.{kind}"
    path.write_text("before", encoding="utf-8")
    assert write_answer(answer(rows), path, kind) == 2
    read = pq.read_table(path) if kind == "parquet" else pa.ipc.open_file(str(path)).read_all()
    assert read.column("cost").to_pylist() == [Decimal("1e-21"), None]
    assert read.column("cost_reason").to_pylist() == [None, "missing_rate"]
    assert ENVELOPE in read.schema.metadata
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path, kind: FileKind) -> None:
    for path in (tmp_path / "none" / "x", tmp_path):
        with pytest.raises(UserError, match="cannot write"):
            write_answer(answer([{"cost": Decimal(1)}]), path, kind)
    assert list(tmp_path.iterdir()) == []
