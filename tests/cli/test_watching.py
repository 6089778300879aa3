"""Incidents, what is said of them, and forecasts, on the command line."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.cli.world import Ran, context
from tests.ledger import Ledger

from costper.cli.main import main
from costper.store.audit import entries
from costper.store.books import Books

START = date(2026, 6, 1)
DAYS = (date(2026, 11, 19) - START).days


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    ledger = Ledger.at(tmp_path)
    ledger.every_day(START, DAYS, "100", service="db", team="data")
    ledger.leg(date(2026, 11, 10), "4000", service="db", team="data")
    made = ledger.keep().books()
    yield made
    made.close()


def run(books: Books, *words: str) -> Ran:
    world = replace(context(books.settings.root, USER="ann"), books=books)
    code = main(words, world)
    assert isinstance(world.stdout, io.StringIO)
    assert isinstance(world.stderr, io.StringIO)
    return Ran(code, world.stdout.getvalue(), world.stderr.getvalue())


def asked(books: Books, *words: str) -> dict[str, Any]:
    ran = run(books, *words, "--json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_an_incident_is_listed_looked_at_explained_and_gone(books: Books) -> None:
    listed = run(books, "incidents")
    assert (listed.code, listed.err) == (0, "")
    assert "customer acme, team data" in listed.out
    (row,) = asked(books, "incidents")["rows"]
    name = row["incident"]
    assert name in listed.out
    assert [day["day"] for day in asked(books, "incidents", name)["rows"]] == ["2026-11-10"]
    said = run(books, "incidents", name, "--expected", "load test")
    assert said.code == 0
    assert "remembered" in said.err
    assert asked(books, "incidents")["rows"] == []
    assert asked(books, "anomalies")["rows"] == []
    (row,) = asked(books, "incidents", "--all")["rows"]
    assert (row["verdict"], row["note"], row["by"]) == ("expected", "load test", "ann")
    log = [(one.action, one.actor) for one in entries(books.control)]
    assert log == [("incident judged", "ann")] * 3


def test_a_real_incident_stays_listed(books: Books) -> None:
    (row,) = asked(books, "incidents")["rows"]
    assert run(books, "incidents", row["incident"], "--real", "a loop").code == 0
    (row,) = asked(books, "incidents")["rows"]
    assert (row["verdict"], row["note"]) == ("real", "a loop")
    shown = run(books, "incidents", row["incident"])
    assert "called real: a loop (ann, 2026-11-20)" in shown.out


def test_a_table_names_the_first_echoes_and_counts_the_others(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path)
    for name in ("acme", "beta", "gamma", "delta"):
        said = {"customer": name, "team": f"of {name}", "service": "db"}
        ledger.every_day(START, DAYS, "100", **said)
        ledger.leg(date(2026, 11, 10), "4000", **said)
    made = ledger.keep().books()
    (row,) = asked(made, "incidents")["rows"]
    assert len(row["echoes"]) == 8
    assert "customer acme, customer beta and 6 more" in run(made, "incidents").out
    made.close()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("incidents", "20261110-0000000000"), "unknown incident"),
        (("incidents", "--expected", "x"), "say which incident"),
        (("incidents", "a", "--expected", "x", "--real", "y"), "not allowed with"),
        (("incidents", "--scope", "servce"), "unknown scope 'servce'"),
        (("anomalies", "--method", "mad"), "unknown --method 'mad'"),
        (("forecast", "--days", "0"), "days must be 1 to 366"),
        (("forecast", "--by", "temas"), "unknown dimension 'temas'"),
        (("forecast", "--budget", "much"), "is not an amount"),
    ],
)
def test_wrong_words_are_refused_with_a_hint(
    books: Books, words: tuple[str, ...], told: str
) -> None:
    ran = run(books, *words)
    assert ran.code == 2
    assert told in ran.err
    assert "hint:" in ran.err


def test_the_plain_z_is_a_method_and_says_so(books: Books) -> None:
    found = asked(books, "anomalies", "--method", "z", "--scope", "service")
    assert found["question"]["method"] == "z"
    assert [row["kind"] for row in found["rows"]] == ["was_constant"]


def test_a_forecast_says_where_the_month_lands_and_when_a_budget_ends(books: Books) -> None:
    found = asked(books, "forecast", "--days", "7", "--budget", "6000")
    assert len(found["rows"]) == 7
    assert found["estimated"] is True
    total = found["total"]
    assert total["month_to_date"] == "5800.00"
    assert total["budget_used_on"] == "2026-11-20"
    table = run(books, "forecast", "--budget", "6000")
    assert "2026-11: $5,800.00 so far, lands at $7,000.00 ($7,000.00 to $7,000.00)" in table.out
    assert "budget of $6,000.00: used up on 2026-11-20" in table.out
    assert "budget of $9,000.00: not reached" in run(books, "forecast", "--budget", "9000").out
    table = run(books, "forecast", "--by", "team")
    assert (table.code, table.err) == (0, "")
    assert "data" in table.out
    assert run(books, "forecast", "--csv").out.startswith("day,forecast,forecast_low")


def test_any_question_can_be_asked_for_its_unusual_days(books: Books) -> None:
    words = ("ask", "c * 2", "--c", "cost where service = db", "--unusual")
    (row,) = asked(books, *words)["rows"]
    assert (row["day"], row["value"], row["expected"]) == ("2026-11-10", "8200", "200")
    table = run(books, *words)
    assert (table.code, table.err) == (0, "")
    assert "2026-11-10" in table.out
