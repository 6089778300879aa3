"""A tenant's name often says whose it is; a guess is made only where one customer fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.identity.likely import by_form, likely_customer

FORMS = by_form(["acme", "acme-labs", "globex inc", "a_b", "a-b"])


@pytest.mark.parametrize(
    ("tenant", "customer"),
    [
        ("acme", "acme"),
        ("ACME-eu", "acme"),
        ("acme-labs-eu", "acme-labs"),
        ("prod/globex-inc", "globex inc"),
        ("ab", ""),
        ("t-7", ""),
        ("---", ""),
    ],
)
def test_the_longest_name_that_fits_is_guessed(tenant: str, customer: str) -> None:
    assert likely_customer(tenant, FORMS) == customer


@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=5))
def test_a_guess_is_a_customer_or_nothing(tenant: str, customers: list[str]) -> None:
    assert likely_customer(tenant, by_form(customers)) in {"", *customers}
