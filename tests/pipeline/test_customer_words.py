"""A customer has one word, wherever it is named."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costper.model.customer import CustomerFact
from costper.model.dimension import Dimension, normal
from costper.pipeline.customer_words import in_words

CUSTOMER = Dimension(name="customer", fields=("tags.customer",), aliases={"acme-inc": "acme"})
DAY = date(2026, 8, 1)


def fact(customer: str, mrr: int = 1) -> CustomerFact:
    return CustomerFact(customer=customer, valid_from=DAY, mrr=Decimal(mrr), currency="USD")


def test_an_id_is_read_like_a_tag_and_keeps_its_spelling_as_the_name() -> None:
    (read,) = in_words([fact(" Acme-Inc ")], CUSTOMER, "customers").items
    assert (read.customer, read.name) == ("acme", " Acme-Inc ")


def test_two_ids_that_are_one_customer_count_once_and_are_told() -> None:
    known = in_words([fact("acme", 1), fact("ACME-INC", 2)], CUSTOMER, "customers")
    assert [one.mrr for one in known.items] == [Decimal(1)]
    assert [issue.code for issue in known.issues] == ["same_customer"]


def test_the_history_of_one_customer_stays() -> None:
    later = CustomerFact(customer="ACME", valid_from=date(2026, 9, 1), mrr=Decimal(3))
    assert len(in_words([fact("acme"), later], CUSTOMER, "customers").items) == 2


def test_a_customer_without_an_id_is_an_issue() -> None:
    known = in_words([fact("  ")], CUSTOMER, "customers")
    assert not known.items
    assert known.failed


@given(st.lists(st.text(alphabet="abAB -", min_size=1), max_size=8))
def test_no_two_facts_of_a_day_are_the_same_customer(ids: list[str]) -> None:
    items = in_words([fact(one) for one in ids], CUSTOMER, "customers").items
    words = [one.customer for one in items]
    assert len(words) == len(set(words))
    assert set(words) == {normal(one) for one in ids if normal(one)}
