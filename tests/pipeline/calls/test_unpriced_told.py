"""Calls nobody priced are told in every answer whose cost would hold them."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.ledger import inner
from tests.pipeline.calls.billed_world import BILLED, DAY, NOW, Calls, Desk, desk

from costper.config.call_metrics import call_metrics
from costper.model.allocation import Match, Rule
from costper.model.answer import Absent, Answer, Row
from costper.model.customer import CustomerFact
from costper.model.question import Formula, Letter, Question
from costper.pipeline.answer.cost import CostQuestion, cost
from costper.pipeline.answer.customer import customer
from costper.pipeline.answer.customers import customers
from costper.pipeline.answer.frame import Asked, Frame, Standing, frame_of
from costper.pipeline.answer.standing import version
from costper.pipeline.answer.value import value
from costper.pipeline.answer.values import values
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.daily import daily
from costper.pipeline.margins.answer import margins
from costper.pipeline.margins.clients import MarginQuestion
from costper.pipeline.query.answer import answer_of
from costper.pipeline.query.ask import ask
from costper.store.facts import land_customers

NEXT = date(2026, 11, 4)
UNPRICED = Absent("unpriced")
DIRECT = Rule(name="d", driver="direct", match=(Match(key="customer", present=True),))


@dataclass(frozen=True, slots=True)
class World:
    """Books with calls of which some have no price."""

    it: Desk

    def frame(self) -> Frame:
        """Ask of the month."""
        asked = Asked(since=date(2026, 11, 1), until=date(2026, 11, 8))
        return frame_of(self.it.books, asked, NOW, Standing())


def priceless(name: str, many: int = 2) -> Calls:
    """Give calls of a model nobody has a price for."""
    return Calls(calls=many, unpriced=many, model="mystery", customer=name)


@contextmanager
def world(root: Path, *calls: Calls, llm: dict[str, object] | None = None) -> Generator[World]:
    """Fold and allocate calls of customers that pay."""
    with desk(root, DIRECT, llm=llm) as it:
        facts = [
            CustomerFact(
                customer=name,
                name=name,
                status="active",
                mrr=Decimal(300),
                currency="USD",
                valid_from=date(2026, 1, 1),
            )
            for name in ("acme", "globex", "initech")
        ]
        land_customers(it.books, "crm", facts)
        it.fold(*calls)
        it.land()
        it.allocate()
        yield World(it)


def told(answer: Answer) -> list[tuple[int, str]]:
    """Give what an answer says of calls without a price."""
    return [(it.count, it.message) for it in answer.issues if it.code == "unpriced_calls"]


def by_name(answer: Answer) -> dict[str, Row]:
    """Give the rows of customers."""
    return {str(row["customer"]): row for row in answer.rows}


def test_a_customer_whose_only_cost_nobody_priced_costs_no_zero(tmp_path: Path) -> None:
    some = (Calls(cost="5"), priceless("acme"), priceless("globex", 4))
    with world(tmp_path, *some) as it:
        frame = it.frame()
        found = customers(frame)
        assert told(found) == [
            (6, "6 calls unpriced, of globex, acme: in no amount, never $0"),
        ]
        rows = by_name(found)
        names = ("cost", "effective_cost", "margin", "margin_percent", "daily_average")
        assert [rows["globex"][name] for name in names] == [UNPRICED] * 5
        assert rows["acme"]["cost"] == 5
        assert rows["initech"]["cost"] == 0
        assert found.total["cost"] == 5
        one = customer(frame, "globex")
        assert one.rows[0]["cost"] == one.rows[0]["margin"] == UNPRICED
        assert told(one) == [(4, "4 calls unpriced, of globex: in no amount, never $0")]
        (day,) = [row for row in inner(one.rows[0], "daily") if row["day"] == DAY]
        assert day["cost"] == UNPRICED
        assert told(customer(frame, "initech")) == []


def test_margins_and_their_total_leave_out_what_nobody_priced(tmp_path: Path) -> None:
    with world(tmp_path, Calls(cost="5"), priceless("globex")) as it:
        found = margins(it.frame(), MarginQuestion())
        rows = by_name(found)
        assert rows["globex"]["cost"] == rows["globex"]["margin"] == UNPRICED
        assert rows["globex"]["compared_cost"] == UNPRICED
        assert found.total["cost"] == found.total["customers_cost"] == 5
        assert found.total["cost_per_customer"] == 5
        assert [count for count, _ in told(found)] == [2]


def test_all_that_is_of_one_customer_names_nobody_else(tmp_path: Path) -> None:
    with world(tmp_path, Calls(cost="5"), priceless("acme"), priceless("globex")) as it:
        (mine,) = told(customer(it.frame(), "acme"))
        assert mine == (2, "2 calls unpriced, of acme: in no amount, never $0")


def test_costs_of_any_dimension_say_it_under_their_condition(tmp_path: Path) -> None:
    with world(tmp_path, Calls(cost="5"), priceless("globex")) as it:
        frame = it.frame()
        assert [count for count, _ in told(values(frame, "service"))] == [2]
        assert [count for count, _ in told(value(frame, "service", "openai"))] == [2]
        for where, many in (
            ("", [2]),
            ("customer = globex", [2]),
            ("customer = acme", []),
            ("source = calls", [2]),
            ("source = bill", []),
        ):
            found = cost(frame, CostQuestion(where=where))
            assert [count for count, _ in told(found)] == many
        assert cost(frame, CostQuestion(where="customer = globex")).total["cost"] == UNPRICED


def test_letters_that_hold_or_count_calls_say_it(tmp_path: Path) -> None:
    question = Question(
        letters=(
            Letter(name="a", kind="metric", of="ai_cost"),
            Letter(name="b", kind="metric", of="ai_calls"),
            Letter(name="c", kind="cost", where="customer = acme"),
        ),
        formulas=(Formula(name="f", text="a / b"),),
        since=date(2026, 11, 1),
        until=date(2026, 11, 8),
    )
    with world(tmp_path, Calls(cost="5"), priceless("globex")) as it:
        books = it.it.books
        declared = replace(books.settings, metrics=tuple(call_metrics(())))
        found = answer_of(ask(replace(books, settings=declared), question, now=NOW))
        assert [(one.where, one.count) for one in found.issues if one.code == "unpriced_calls"] == [
            ("a, b", 2)
        ]


def test_calls_an_invoice_pays_for_by_their_tokens_are_not_told(tmp_path: Path) -> None:
    with world(tmp_path, llm=dict(BILLED)) as it:
        it.it.fold(Calls(cost="5"), priceless("globex"))
        it.it.models(("gpt-5", "10"), ("mystery", "4"))
        it.it.land()
        assert it.it.rows("SELECT * FROM call_unpriced") == []
        it.it.models(("", "10"))
        it.it.land()
        (row,) = it.it.rows("SELECT * FROM call_unpriced")
        assert (row["dim_customer"], row["calls"]) == ("globex", 2)


def test_what_got_a_price_is_told_no_longer(tmp_path: Path) -> None:
    with world(tmp_path, Calls(cost="5"), priceless("globex")) as it:
        before = version(it.it.books)
        it.it.price("mystery", "3")
        it.it.land()
        it.it.allocate()
        found = customers(it.frame())
        assert told(found) == []
        assert by_name(found)["globex"]["cost"] == 3
        assert version(it.it.books) != before


def test_a_bill_whose_days_tell_no_usage_is_missed_in_answers_about_calls(tmp_path: Path) -> None:
    empty = {"input_tokens": 0, "output_tokens": 0}
    with world(tmp_path, llm=dict(BILLED)) as it:
        it.it.fold(Calls(cost="5"), Calls(day=NEXT, more=empty), Calls(day=NEXT, mode="test"))
        it.it.invoice((DAY, "10"), (NEXT, "4.50"))
        it.it.land()
        it.it.allocate()
        found = daily(it.frame(), Chosen())
        (issue,) = [one for one in found.issues if one.code == "not_spread"]
        assert issue.message.startswith("4.50 USD billed on 1 day is in no cost of calls")
        mine = daily(it.frame(), Chosen(customer="acme"))
        assert not [one for one in mine.issues if one.code == "not_spread"]
