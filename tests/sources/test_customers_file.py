"""Customers come with their history; a bad row is told and the rest go on."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.sources.reading import context_at

from costper.model.customer import CustomerFact
from costper.model.outcome import Outcome
from costper.sources.customers_file import BEGINNING, CustomerSettings, read


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def reading(root: Path, text: str = "", **said: object) -> Outcome[CustomerFact]:
    if text:
        (root / "c.csv").write_text(text)
    told = CustomerSettings.model_validate({"path": "c.*"} | said)
    return read(told, context_at(root, currency="EUR"))


def test_a_plain_list_is_true_from_the_beginning(root: Path) -> None:
    text = (
        "id,name,status,mrr,currency,plan,seats\nacme,Acme Inc,Active,2000.10,usd,pro,5\nb,,,,,,\n"
    )
    assert reading(root, text).items == (
        CustomerFact(
            customer="acme",
            valid_from=BEGINNING,
            name="Acme Inc",
            status="active",
            plan="pro",
            seats=Decimal(5),
            mrr=Decimal("2000.10"),
            currency="USD",
        ),
        CustomerFact(customer="b", valid_from=BEGINNING, currency="EUR"),
    )


@pytest.mark.parametrize("header", ["valid_from", "From", "since", "month"])
def test_dated_rows_are_a_history(root: Path, header: str) -> None:
    facts = reading(root, f"id,mrr,{header}\na,1,2026-01-01\na,2,2026-03-01\n").items
    assert [(fact.valid_from, fact.mrr) for fact in facts] == [
        (date(2026, 1, 1), Decimal(1)),
        (date(2026, 3, 1), Decimal(2)),
    ]


def test_columns_may_have_other_names(root: Path) -> None:
    [fact] = reading(root, "Key,Monthly\na,7\n", columns={"id": "key", "mrr": "Monthly"}).items
    assert (fact.customer, fact.mrr) == ("a", Decimal(7))


def test_bad_rows_are_told_with_their_row_and_the_rest_go_on(root: Path) -> None:
    text = (
        "id,mrr,seats,currency,valid_from\n"
        ",1,,,\n"
        "a,x,,,\n"
        "b,-1,,,\n"
        "c,1,-2,,\n"
        "d,1,,Euro,\n"
        "e,1,,,soon\n"
        "good,1,1,,\n"
        "f,1\n"
    )
    outcome = reading(root, text)
    assert [fact.customer for fact in outcome.items] == ["good"]
    assert sorted(issue.where for issue in outcome.issues) == [
        f"c.csv:{row}" for row in (2, 3, 4, 5, 6, 7, 9)
    ]
    assert {issue.code for issue in outcome.issues} == {"bad_row"}


def test_the_same_row_twice_is_one_and_another_story_is_an_issue(root: Path) -> None:
    outcome = reading(root, "id,mrr\nacme,1\nacme,1.0\nbeta,1\n Acme ,2\n")
    assert [(fact.customer, fact.mrr) for fact in outcome.items] == [
        ("acme", Decimal(1)),
        ("beta", Decimal(1)),
    ]
    [issue] = outcome.issues
    assert (issue.code, issue.where) == ("conflict", "c.csv:5")
    assert "c.csv:2" in issue.message


def test_parquet_is_read_too(root: Path) -> None:
    table = pa.table({"id": [7], "mrr": [0.1], "valid_from": [date(2026, 2, 1)]})
    pq.write_table(table, root / "c.parquet")
    [fact] = reading(root).items
    assert (fact.customer, fact.mrr, fact.valid_from) == ("7", Decimal("0.1"), date(2026, 2, 1))


@pytest.mark.parametrize("text", ["name,mrr\nx,1\n", "id,mrr\na,1\nb,"])
def test_a_file_that_cannot_be_trusted_gives_nobody(root: Path, text: str) -> None:
    outcome = reading(root, text, columns={"mrr": "MRR", "plan": "tier"})
    assert (outcome.items, outcome.failed) == ((), True)


@pytest.mark.parametrize("word", ["null", "NULL", "(null)"])
def test_a_customer_who_is_called_null_is_kept_and_told(root: Path, word: str) -> None:
    found = reading(root, f"id,name,mrr\n{word},null,5\na,b,null\n")
    assert [(fact.customer, fact.name, fact.mrr) for fact in found.items] == [
        (word, "", 5),
        ("a", "b", None),
    ]
    [issue] = found.issues
    assert (issue.code, issue.severity) == ("null_word", "warning")
    assert "c.csv:2" in issue.where


def test_an_empty_id_is_still_nobody(root: Path) -> None:
    found = reading(root, "id,mrr\n  ,5\na,6\n")
    assert [fact.customer for fact in found.items] == ["a"]
    assert "id is empty" in found.issues[0].message
