"""Rows made in Python become a part, exactly as told."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sources.reading import raw_rows

from costper.sources import staging
from costper.sources.staging import RowWriter

CELL = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.fixed_dictionaries({}, optional={"a": CELL, "b": CELL}), max_size=7))
def test_rows_come_back_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str | None]]
) -> None:
    path = tmp_path_factory.mktemp("stage") / "x.parquet"
    with RowWriter(path, ("a", "b"), "api") as out:
        for row in rows:
            out.add(row)
    assert out.part.rows == len(rows)
    assert raw_rows([out.part], "_row, a, b") == [
        (n, row.get("a"), row.get("b")) for n, row in enumerate(rows, start=1)
    ]


def test_batches_make_one_part_and_the_same_rows_the_same_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: set[str] = set()
    for batch, name in ((3, "x"), (3, "y")):
        monkeypatch.setattr(staging, "BATCH", batch)
        with RowWriter(tmp_path / name, ("n",), "api") as out:
            for n in range(10):
                out.add({"n": str(n)})
        assert raw_rows([out.part], "_row, n") == [(n + 1, str(n)) for n in range(10)]
        hashes.add(out.part.sha256)
    assert len(hashes) == 1


def test_a_name_that_would_be_lost_is_refused(tmp_path: Path) -> None:
    with (
        RowWriter(tmp_path / "x", ("a",), "api") as out,
        pytest.raises(KeyError, match="not a staged column: b"),
    ):
        out.add({"a": "1", "b": "2"})
