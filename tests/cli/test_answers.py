"""The answering verbs, over books that a server would lend."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.cli.world import Ran, context
from tests.ledger import Ledger

from costper.cli.main import main
from costper.store.books import Books

OCTOBER = ("--from", "2026-10", "--to", "2026-11")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    ledger = Ledger.at(tmp_path)
    ledger.every_day(date(2026, 7, 1), 142, "100", service="db", team="data")
    ledger.leg(date(2026, 10, 10), "8000", customer="initech", team="web", environment="staging")
    ledger.leg(date(2026, 10, 10), "7", customer="(unallocated)", reason="no_usage")
    ledger.payer("acme", "9000").payer("initech", "2000", name="Initech")
    ledger.hour(date(2026, 10, 10), 3, "8000")
    made = ledger.keep().books()
    yield made
    made.close()


def run(books: Books, *words: str) -> Ran:
    world = replace(context(books.settings.root), books=books)
    code = main(words, world)
    assert isinstance(world.stdout, io.StringIO)
    assert isinstance(world.stderr, io.StringIO)
    return Ran(code, world.stdout.getvalue(), world.stderr.getvalue())


def test_customers_are_ranked_with_the_loss_maker_first(books: Books) -> None:
    ran = run(books, "customer", *OCTOBER)
    assert ran.code == 0
    lines = ran.out.splitlines()
    first = next(line for line in lines if "initech" in line)
    assert "300.0 %" in first
    assert lines.index(first) < next(at for at, line in enumerate(lines) if "acme" in line)
    assert "unallocated $7.00 no usage" in ran.out


def test_every_verb_answers_as_table_json_and_csv(books: Books) -> None:
    for words in (
        ("customer",),
        ("customer", "initech"),
        ("team",),
        ("team", "web"),
        ("service",),
        ("service", "db"),
        ("environment",),
        ("environment", "staging"),
        ("cost", "--by", "team,customer", "--where", "team != web"),
        ("cost", "--grain", "week"),
        ("trend", "--by", "team"),
        ("waste",),
        ("anomalies",),
    ):
        table = run(books, *words, *OCTOBER)
        assert (table.code, table.err) == (0, ""), words
        assert "settled through 2026-11-18" in table.out
        answer = json.loads(run(books, *words, *OCTOBER, "--json").out)
        rows = list(csv.DictReader(io.StringIO(run(books, *words, *OCTOBER, "--csv").out)))
        assert len(rows) == len(answer["rows"]) > 0, words
        assert "cost" in rows[0]


def test_the_whole_answer_of_a_customer_is_in_json(books: Books) -> None:
    answer = json.loads(run(books, "customer", "initech", *OCTOBER, "--json").out)
    (row,) = answer["rows"]
    assert (row["cost"], row["margin_percent"], row["margin"]) == ("8000.00", "-300.0", "-6000.00")
    assert answer["question"]["previous_from"] == "2026-08-31"


def test_unknown_names_are_wrong_use_with_a_hint(books: Books) -> None:
    ran = run(books, "customer", "initec")
    assert (ran.code, ran.err) == (
        2,
        "unknown customer 'initec'\n  hint: did you mean 'initech'?\n",
    )
    ran = run(books, "cost", "--where", "teem = a")
    assert ran.err == "where, column 1: unknown key 'teem'\n  hint: did you mean 'team'?\n"
    assert run(books, "cost", "--by", "teem").code == 2


def test_a_least_deviation_is_an_amount(books: Books) -> None:
    assert run(books, "anomalies", "--min", "many").code == 2
    assert run(books, "anomalies", "--min", "200", "--scope", "team").code == 0


def test_keys_are_shown_once_listed_without_secrets_and_revoked(books: Books) -> None:
    assert "no keys yet" in run(books, "keys", "list").out
    made = run(books, "keys", "add", "portal", "--customer", "acme")
    secret = made.out.strip()
    assert secret.startswith("cp_")
    listed = run(books, "keys", "list")
    assert "portal  customer:acme" in listed.out
    assert secret not in listed.out
    assert run(books, "keys", "add", "portal").code == 2
    assert run(books, "keys", "add", "x", "--customer", "a", "--scope", "read").code == 2
    assert run(books, "keys", "revoke", "portal").code == 0
    assert "revoked" in run(books, "keys", "list").out
    assert json.loads(run(books, "keys", "list", "--json").out)[0]["name"] == "portal"
    assert run(books, "keys", "revoke", "nobody").code == 2


@pytest.mark.parametrize(
    "customer", ["(unallocated)", "(Untagged)", "(shared)", "", " ", "*", "a\nb", "\x1b[31m"]
)
def test_a_key_is_never_made_for_nobodys_cost(books: Books, customer: str) -> None:
    ran = run(books, "keys", "add", "x", "--customer", customer)
    assert (ran.code, ran.out) == (2, "")
    assert "is not a customer a key can be made for" in ran.err
    assert "no keys yet" in run(books, "keys", "list").out


@pytest.mark.parametrize("name", ["", " ", " a", "a\nb", "\x1b[31m", "x" * 65, "\u202ea"])
def test_a_keys_name_is_a_short_line(books: Books, name: str) -> None:
    ran = run(books, "keys", "add", name)
    assert (ran.code, ran.out) == (2, "")
    assert "cannot name a key" in ran.err
    assert run(books, "keys", "add", "x" * 64).code == 0


def test_an_export_to_where_nothing_can_be_written_is_wrong_use(books: Books) -> None:
    (books.settings.root / "costper.yaml").touch()
    for path in ("nonexist/x.csv", "costper.yaml/x.csv"):
        ran = run(books, "cost", "--focus", path, *OCTOBER)
        assert (ran.code, ran.out) == (2, "")
        assert f"cannot write {path}: " in ran.err


def test_a_server_runs_no_verb_that_needs_a_process_of_its_own(books: Books) -> None:
    for words in (
        ("--plain", "serve"),
        ("--config", "serve", "serve"),
        ("--config=x", "--plain", "demo"),
        ("serve", "--port", "0"),
        ("--traceback", "init"),
    ):
        ran = run(books, *words)
        assert (ran.code, ran.out) == (2, "")
        assert "a running server has the books; it does not run" in ran.err


def test_an_export_takes_days_but_no_conditions(books: Books) -> None:
    ran = run(books, "cost", "--focus", "all.csv", "--by", "team")
    assert (ran.code, ran.out) == (2, "")
    assert "leave out --by" in ran.err
    assert run(books, "cost", "--focus", "all.txt", *OCTOBER).code == 2
    assert not (books.settings.root / "all.txt").exists()
