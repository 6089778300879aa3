"""Facts of metrics: the same from what is kept of each as from all its rows."""

from dataclasses import asdict
from pathlib import Path

from tests.ledger import NOW
from tests.pipeline.measured_world import Measured, measured
from tests.pipeline.query.world import DAU, FIRST, Lettered

from costper.economics.formula.arithmetic import Amount
from costper.pipeline.query.ask import ask
from costper.pipeline.query.facts import Facts, Held, facts_of
from costper.pipeline.query.written import question_from_json
from costper.store.engine import Write

DAILY = ["2026-11-01,1,free,eu", "2026-11-02,2,free,eu", "2026-11-03,3,pro,us"]


def from_rows(company: Measured) -> dict[str, Held]:
    """Read the facts of books that keep nothing of their metrics but the rows."""
    kept = company.rows("SELECT * FROM metric_facts")
    assert kept
    empty = "SELECT * FROM metric_facts WHERE metric = ''"
    company.books.marts.replace([Write(table="metric_facts", where="TRUE", select=empty)])
    return dict(facts_of(company.books).metrics)


def test_days_and_words_are_those_of_the_rows(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.write("users", DAILY)  # every day once; peaks crowd, months have gaps
        company.sync()
        found = dict(facts_of(company.books).metrics)

        assert found["daily_active_users"].said == ("plan", "region")
        assert len(found["daily_active_users"].days) == 3
        assert {name: asdict(one) for name, one in from_rows(company).items()} == {
            name: asdict(one) for name, one in found.items()
        }


def test_another_formula_over_the_same_letters_reads_nothing_again(books: Lettered) -> None:
    books.every_day(FIRST, 3, "100")
    books.metric_days(DAU, FIRST, 3, 1000).keep()
    facts = facts_of(books)

    def asked(formula: str, facts: Facts) -> list[Amount]:
        letters = {"letters": {"a": f"metric {DAU}", "b": "cost"}, "formula": formula}
        days = {"grain": "day", "from": "2026-10-01", "to": "2026-10-04"}
        question = question_from_json({**letters, **days})
        found = ask(books, question, now=NOW, facts=facts)
        return [found.value("result", bucket=at) for at in (None, 0, 1, 2)]

    for formula in ("b / a", "b / (a / 1000)", "a + 0"):
        assert asked(formula, facts) == asked(formula, facts_of(books))
    assert len(facts.lines) == 1
