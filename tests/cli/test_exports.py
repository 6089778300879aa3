"""Every reading verb writes its rows to Parquet and Arrow files, as it prints them as JSON."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.world import Ran, context
from tests.pipeline.query.world import DAU
from tests.pipeline.views.world import view_books

from costper.cli.main import main
from costper.store.books import Books

OCTOBER = ("--from", "2026-10", "--to", "2026-11")
VERBS = (
    ("ask", "b / a", "--a", f"metric {DAU}", "--b", "cost", "--by", "team", *OCTOBER),
    ("cost", "--by", "team", *OCTOBER),
    ("customer", *OCTOBER),
    ("team", *OCTOBER),
    ("trend", *OCTOBER),
    ("margin", *OCTOBER),
    ("metrics",),
    ("service", *OCTOBER),
)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    made = view_books(tmp_path)
    made.payer("acme", "3100", plan="pro").keep()
    yield made.books()
    made.close()


def run(books: Books, *words: str) -> Ran:
    world = replace(context(books.settings.root), books=books)
    code = main(list(words), world)
    return Ran(code, world.stdout.getvalue(), world.stderr.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", VERBS, ids=lambda words: str(words[0]))
def test_files_have_the_rows_of_json(books: Books, tmp_path: Path, words: tuple[str, ...]) -> None:
    told = json.loads(run(books, *words, "--json").out)["rows"]
    assert told
    parquet = run(books, *words, "--parquet", "out.parquet")
    assert (parquet.code, parquet.out.startswith("out.parquet: ")) == (0, True), parquet.err
    assert run(books, *words, "--arrow", "out.arrow").code == 0
    table = pq.read_table(tmp_path / "out.parquet")
    assert pa.ipc.open_file(str(tmp_path / "out.arrow")).read_all().equals(table)
    assert table.num_rows == len(told)
    assert [name for name in table.column_names if not name.endswith("_reason")] == [
        name
        for name in dict.fromkeys(n for row in told for n in row)
        if not name.endswith("_reason")
    ]
    for row, found in zip(told, table.to_pylist(), strict=True):
        for name, cell in found.items():
            if isinstance(cell, Decimal):
                assert Decimal(row[name]) == cell
            elif cell is None and isinstance(row.get(name), dict):
                assert found[f"{name}_reason"] == row[name]["reason"]


def test_one_form_is_asked_for_and_a_folder_must_be_there(books: Books) -> None:
    assert run(books, "team", "--json", "--parquet", "x").code == 2
    ran = run(books, "team", *OCTOBER, "--arrow", "none/x.arrow")
    assert (ran.code, "cannot write" in ran.err) == (2, True)
