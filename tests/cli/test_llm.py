"""The verbs about LLM calls, as people read them."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.calls import Call, at, tell
from tests.cli.world import Ran, context
from tests.ledger import Ledger

from costper.cli.main import main
from costper.store.books import Books

OCTOBER = ("--from", "2026-10", "--to", "2026-11")
SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    ledger = Ledger.at(tmp_path)
    ledger.every_day(date(2026, 7, 1), 142, "100")
    ledger.payer("acme", "900", plan="pro")
    tell(
        ledger,
        [
            Call(at=at("2026-07-02")),
            *(
                Call(at=at(f"2026-10-{day:02}"), user_id=f"u{day % 3}", cost=f"{day}.5")
                for day in range(1, 31)
            ),
            Call(at=at("2026-10-09"), feature="mail", cost=None, model="unheard-of"),
            Call(at=at("2026-10-09"), user_id="bot", user_kind="service_account", customer=""),
        ],
    )
    made = ledger.keep().books()
    yield made
    made.close()


def run(books: Books, *words: str) -> Ran:
    world = replace(context(books.settings.root), books=books)
    code = main(words, world)
    assert isinstance(world.stdout, io.StringIO)
    assert isinstance(world.stderr, io.StringIO)
    return Ran(code, world.stdout.getvalue(), world.stderr.getvalue())


WORDS = (
    ("user",),
    ("user", "u1"),
    ("tenant",),
    ("tenant", "t1"),
    ("feature",),
    ("feature", "search"),
    ("model",),
    ("model", "gpt-5-mini"),
    ("llm", "active"),
    ("llm", "cohorts"),
    ("prompt-version",),
    ("prompt-version", "v1"),
    ("llm", "drift"),
    ("llm", "spikes"),
    ("llm", "bursts"),
    ("llm", "rates"),
    ("llm", "retries"),
    ("llm", "outcomes"),
    ("llm", "cache"),
    ("llm", "segments"),
    ("llm", "modes"),
)
WITHOUT_ROWS = ("drift", "bursts")


@pytest.mark.parametrize("words", WORDS, ids="-".join)
def test_every_question_keeps_to_its_golden_table(books: Books, words: tuple[str, ...]) -> None:
    ran = run(books, *words, *OCTOBER)
    assert ran.code == 0, ran.err
    golden = SNAPSHOTS / f"{'-'.join(words)}.txt"
    text = f"{ran.out}--- stderr\n{ran.err}"
    if not golden.exists():  # delete a snapshot to take it anew, then read the difference
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written now; read it, then run again")
    assert text == golden.read_text(encoding="utf-8")


def test_every_verb_answers_as_table_json_and_csv(books: Books) -> None:
    for words in WORDS:
        table = run(books, *words, *OCTOBER)
        assert table.code == 0, (words, table.err)
        assert "\n* " in table.out
        answer = json.loads(run(books, *words, *OCTOBER, "--json").out)
        rows = list(csv.DictReader(io.StringIO(run(books, *words, *OCTOBER, "--csv").out)))
        assert len(rows) == len(answer["rows"]), words
        assert rows or words[-1] in WITHOUT_ROWS


def test_a_feature_nobody_called_is_refused_with_the_nearest_name(books: Books) -> None:
    ran = run(books, "feature", "serch", *OCTOBER)
    assert ran.code == 2
    assert "unknown feature 'serch'" in ran.err
    assert "did you mean 'search'?" in ran.err
