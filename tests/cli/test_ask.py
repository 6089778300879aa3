import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.world import Ran, context
from tests.pipeline.query.world import DAU, FIRST, Lettered, lettered

from costper.cli.context import Context
from costper.cli.main import main
from costper.store.books import Books

OCTOBER = ("--from", "2026-10", "--to", "2026-11")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    made: Lettered = lettered(tmp_path)
    made.every_day(FIRST, 31, "300", team="search")
    made.every_day(FIRST, 31, "10", team="(untagged)")
    made.metric_days(DAU, FIRST, 31, 10_000, team="search")
    made.keep()
    yield made.books()
    made.close()


def run(books: Books, *words: str) -> Ran:
    """Run `costper ask WORDS` on books that are lent."""
    world: Context = replace(context(books.settings.root), books=books)
    code = main(["ask", *words], world)
    return Ran(code, world.stdout.getvalue(), world.stderr.getvalue())  # type: ignore[attr-defined]


def test_a_table_says_what_every_column_is_and_what_does_not_meet(books: Books) -> None:
    ran = run(
        books, "b / (a / 1000)", "--a", f"metric {DAU}", "--b", "cost", "--by", "team", *OCTOBER
    )
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[2] == f"result  $ per 1k average {DAU}  (b / (a / 1000))"
    assert lines[3] == "ask · by team · 2026-10-01 to 2026-11-01 (31 days)"
    assert [line.split() for line in lines[4:8]] == [
        ["team", "status", "a", "b", "result"],
        ["search", "matched", "10,000", "$9,300.00", "$930.00"],
        ["(untagged)", "cost_only", "—", "$310.00", "—"],
        ["total", "10,000", "$9,610.00", "$961.00"],
    ]
    assert "— no units: a, result" in ran.out
    assert "final" in ran.out


def test_buckets_are_drawn_and_compared(books: Books) -> None:
    ran = run(
        books,
        "--letter",
        "spent=cost",
        "--grain",
        "week",
        "--compare",
        "weekday",
        "--from",
        "2026-10-12",
        "--to",
        "2026-10-26",
    )
    assert ran.code == 0, ran.err
    assert ran.out.startswith("spent  $ per week  (cost)  ██\n")
    assert "compared with 2026-09-28 to 2026-10-12" in ran.out
    assert "— previous incomplete" in ran.out


def test_json_and_csv_have_every_digit(books: Books) -> None:
    words = ("b / a", "--a", f"metric {DAU}", "--b", "cost", *OCTOBER)
    found = json.loads(run(books, *words, "--json").out)
    assert found["rows"] == [{"a": "10000", "b": "9610.00", "result": "0.961"}]
    assert run(books, *words, "--csv").out == "a,b,result\n10000,9610.00,0.961\n"


def test_formulas_have_names_and_use_one_another(books: Books) -> None:
    ran = run(
        books,
        "per = b / a",
        "each = per * 1000",
        "--a",
        f"metric {DAU}",
        "--b",
        "cost",
        "--json",
        *OCTOBER,
    )
    assert json.loads(ran.out)["rows"][0]["each"] == "961.00"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("b / zz", "--b", "cost"), "formula, column 5"),
        (("--b", "cost where tem = a"), "b, column 12"),
        (("--letter", "cost"), "names no letter"),
        ((), "needs a letter"),
    ],
)
def test_faults_name_their_place(books: Books, words: tuple[str, ...], told: str) -> None:
    ran = run(books, *words)
    assert ran.code == 2
    assert told in ran.err
