"""The Python door gives the same digits by every way to the books, and in every frame."""

import json
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread

import polars as pl
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.world import context
from tests.ledger import NOW
from tests.pipeline.query.world import DAU, Lettered
from tests.pipeline.views.world import AS_YAML, declared, view_books

import costper
from costper import Ledger
from costper.api.app import application
from costper.api.replies import Replies
from costper.cli.lending import lent
from costper.cli.main import main
from costper.errors import BooksError, BusyError, CostperError, UserError
from costper.ledger.direct import Direct
from costper.ledger.lent import Lent
from costper.ledger.remote import Remote
from costper.ledger.table import Table
from costper.model.answer import Absent, Answer
from costper.model.outcome import Issue
from costper.pipeline.answer.state import States
from costper.pipeline.export.columns import arrow_bytes
from costper.pipeline.query.written import question_from_json
from costper.store.books import Books
from costper.store.keys import add_key

NOTEBOOK = "_repr_html_"
"""What a notebook calls."""

ASK = ("ask", "result = b / a", "--a", f"metric {DAU}", "--b", "cost", "--by", "team")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Lettered]:
    found = view_books(tmp_path, declared(tmp_path, AS_YAML))
    found.payer("acme", "3100", plan="<b>pro</b>").keep()
    yield found
    found.close()


@pytest.fixture
def books(made: Lettered) -> Books:
    return made.books()


def direct(books: Books) -> Ledger:
    return Ledger(Direct(books, Replies(States(books)), lambda: NOW, owned=False))


@contextmanager
def served(books: Books) -> Generator[str]:
    """Serve the books over HTTP at a port of the system's choosing."""
    app = application(books, clock=lambda: NOW, local=True)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    ready = server.config.bind_socket()
    ready.listen()  # who connects before the server runs waits, and is not refused
    thread = Thread(target=server.run, kwargs={"sockets": [ready]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{ready.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        ready.close()


def asked(ledger: Ledger) -> list[Table]:
    return [
        ledger.ask(
            "b / a", a=f"metric {DAU}", b="cost", by="team", since="2026-10", until="2026-11"
        ),
        ledger.ask(question={"letters": {"b": "cost"}, "grain": "week", "range": "last month"}),
        ledger.costs(by=["team"], where="team = search", grain="month", over="last month"),
        ledger.customers(since=date(2026, 10, 1), until="2026-11"),
        ledger.margins(by="plan", since="2026-10", until="2026-11"),
        ledger.view("per_user"),
        ledger.view("per_user", since="2026-10-05", days=7),
        ledger.views(),
        ledger.metrics(),
        ledger.verdict("b / a", a=f"metric {DAU}", b="cost", since="2026-10-16", until="2026-11"),
    ]


def test_every_door_gives_the_same_tables(books: Books, tmp_path: Path) -> None:
    here = asked(direct(books))
    assert [len(table) > 0 for table in here] == [True] * len(here)
    with served(books) as url:
        for one, other in zip(here, asked(Ledger(Remote(url))), strict=True):
            assert one.arrow().equals(other.arrow())
            assert (one.total, one.question) == (other.total, other.question)
    with lent(books, tmp_path / "serve.sock"):
        through = Ledger(Lent(tmp_path / "serve.sock"))
        found = through.costs(by="team", since="2026-10", until="2026-11").arrow()
        assert found.equals(
            direct(books).costs(by="team", since="2026-10", until="2026-11").arrow()
        )
        with pytest.raises(UserError, match="a, column 8: unknown metric 'nope'"):
            through.ask(a="metric nope")
    with pytest.raises(BooksError, match="no server lends"):
        through.metrics()


def test_a_table_has_the_digits_the_command_line_prints(books: Books) -> None:
    world = replace(context(books.settings.root), books=books)
    assert main([*ASK, "--from", "2026-10", "--to", "2026-11", "--json"], world) == 0
    told = json.loads(world.stdout.getvalue())  # type: ignore[attr-defined]
    table = direct(books).ask(
        "b / a", a=f"metric {DAU}", b="cost", by="team", since=date(2026, 10, 1), until="2026-11"
    )
    for row, wanted in zip(table.rows, told["rows"], strict=True):
        for name, cell in wanted.items():
            if isinstance(cell, dict):
                assert (row[name], row[f"{name}_reason"]) == (None, cell["reason"])
            else:
                assert row[name] == (Decimal(cell) if isinstance(row[name], Decimal) else cell)
    assert table.total["result"] == Decimal(told["total"]["result"])
    assert table.question == told["question"]
    assert str(table.coverage) == told["coverage"]
    assert (table.currency, table.as_of) == ("USD", told["as_of"])
    assert [one["code"] for one in table.issues] == [one["code"] for one in told["issues"]]


def test_a_question_may_be_json_or_an_object(books: Books) -> None:
    raw = {"letters": {"b": "cost"}, "by": ["team"], "from": "2026-10", "to": "2026-11"}
    ledger = direct(books)
    found = ledger.ask(question=raw)
    assert ledger.ask(question=question_from_json(raw)).rows == found.rows
    assert ledger.ask(question=found.question).rows == found.rows


amounts = st.decimals(places=21, min_value=-(10**15), max_value=10**15)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "day": st.dates(date(1970, 1, 1), date(2200, 1, 1)),
                "cost": amounts | st.just(Absent("no_data")),
                "seats": st.integers(-(2**62), 2**62) | st.none(),
                "new": st.booleans() | st.none(),
                "team": st.text(max_size=5),
            }
        ),
        min_size=1,
        max_size=5,
    )
)
def test_pandas_and_polars_hold_every_digit(rows: list[dict[str, object]]) -> None:
    table = Table.of_stream(arrow_bytes(answer(rows)))
    exact = [{name: row[name] for name in rows[0]} for row in table.arrow().to_pylist()]
    assert [_bare(row) for row in rows] == exact
    frame = table.pandas()
    assert [str(frame[name].dtype) for name in ("cost", "team")] == ["object", "object"]
    for name in rows[0]:
        found = [
            None if one is None or str(one) in {"<NA>", "None"} else one for one in frame[name]
        ]
        if name != "team":
            assert found == [row[name] for row in exact]
    other = table.polars()
    assert isinstance(other, pl.DataFrame)
    assert other.select(list(rows[0])).to_dicts() == exact


def _bare(row: dict[str, object]) -> dict[str, object]:
    return {name: None if isinstance(cell, Absent) else cell for name, cell in row.items()}


def answer(rows: list[dict[str, object]]) -> Answer:
    return Answer(
        question={"noun": "x"},
        rows=tuple(rows),  # type: ignore[arg-type]
        total={},
        currency="USD",
        as_of="<now>",
        settled_through=None,
        estimated=False,
        coverage=None,
        issues=(Issue("odd", "<script>alert(1)</script>"),),
    )


def test_nothing_in_a_notebook_is_taken_for_html() -> None:
    rows: list[dict[str, object]] = [{"<i>": "<b>x</b>&", "cost": Decimal("1.5"), "n": None}]
    table = Table.of_stream(arrow_bytes(answer(rows * 60)))
    shown = str(getattr(table, NOTEBOOK)())
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "<script>" not in shown
    assert "&lt;b&gt;x&lt;/b&gt;&amp;" in shown
    assert '<td style="text-align:right">1.50</td>' in shown
    assert "60 rows · the first 50 are shown · as of &lt;now&gt;" in shown
    assert (len(table), table.total, table.coverage) == (60, {}, None)
    assert repr(table) == "<Table 60 rows: <i>, cost, n>"


def test_what_is_wrong_is_a_user_error_with_its_place(books: Books) -> None:
    ledger = direct(books)
    asks: list[tuple[Callable[[], Table], str]] = [
        (lambda: ledger.ask(a="metric nope"), "a, column 8: unknown metric 'nope'"),
        (lambda: ledger.view("nope"), "unknown view 'nope'"),
        (lambda: ledger.explain("planet", "x"), "unknown dimension 'planet'"),
        (lambda: ledger.customers(since="soon"), "from must be a day"),
        (lambda: ledger.ask(b="cost", over="last week", days=3), "says the days already"),
    ]
    for ask, told in asks:
        with pytest.raises(CostperError) as caught:
            ask()
        assert told in caught.value.text()
        assert isinstance(caught.value, UserError)


def test_a_key_is_sent_and_a_wrong_one_is_refused(books: Books) -> None:
    secret = add_key(books.control, "notebook", ("read",), now=NOW)
    with served(books) as url:
        assert len(Ledger.connect(url, secret).metrics()) > 0
        for key in ("", "wrong"):
            with pytest.raises(UserError, match="key"):
                Ledger.connect(url, key).metrics()
    with pytest.raises(BooksError, match="no answer"):
        Ledger.connect(url, secret).metrics()
    with pytest.raises(UserError, match="no address"):
        Ledger(Remote("ftp://x")).metrics()


def test_open_takes_the_books_and_says_whom_to_ask_when_another_has_them(tmp_path: Path) -> None:
    (tmp_path / "costper.yaml").write_text("currency: USD\n", encoding="utf-8")
    with Ledger.open(tmp_path, clock=lambda: NOW + timedelta(days=1)) as ledger:
        assert ledger.metrics().rows == []
        code = "import sys; from costper import Ledger; Ledger.open(sys.argv[1])"
        ran = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert BusyError.__name__ in ran.stderr
        assert "Ledger.connect(" in ran.stderr
    with Ledger.open(tmp_path / "costper.yaml") as ledger:
        assert ledger.views().rows == []
    with pytest.raises(BooksError, match="no server lends"):
        Ledger.connect(tmp_path).views()


def test_importing_costper_imports_nothing_heavy() -> None:
    code = (
        "import sys, costper; heavy = {'duckdb', 'pyarrow', 'starlette', 'pandas', 'polars'}; "
        "assert not heavy & set(sys.modules); assert costper.Ledger.__name__ == 'Ledger'; "
        "assert not {'pandas', 'polars'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    name = "Ledgers"
    with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
        getattr(costper, name)
