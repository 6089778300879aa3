"""Cost Explorer: what it costs, what it refuses, and what one is told to do then."""

from datetime import date
from decimal import Decimal

import pytest
from tests.sources.cost_explorer_double import CostExplorerDouble
from tests.sources.cost_explorer_reading import company, ledger_totals, paid, sync, totals
from tests.sources.cost_explorer_rules import Line

from costper.errors import SourceError, UserError
from costper.model.period import Period

TODAY = date(2026, 11, 20)


def test_requests_are_shown_and_counted() -> None:
    with CostExplorerDouble(ledger=company()) as double:
        read = sync(double, tags=("customer", "team"))
        assert read.shown[0] == "Cost Explorer: 1 request, $0.01"
        assert read.issue("requests_paid") == paid(len(double.requests))
        assert len(read.shown) == len(double.requests)
        assert len(double.requests) <= 20


def test_a_sync_over_its_purse_is_refused_before_it_is_spent() -> None:
    with CostExplorerDouble(ledger=company()) as double:
        with pytest.raises(UserError, match=r"at least \d+ requests, \$0\.\d\d") as refused:
            sync(double, tags=("customer", "team"), requests_max=6)
        assert len(double.requests) <= 6
        assert "requests_max" in refused.value.text()
        assert refused.value.where == "costper.yaml:7"


def test_pages_that_went_stale_are_asked_for_again() -> None:
    with CostExplorerDouble(ledger=company(), page_groups=2) as double:

        def forget(number: int) -> None:
            if number == 4:
                double.tokens.clear()

        double.before_page = forget
        read = sync(double)
    assert totals(read.rows, "day") == ledger_totals(company(), ("day", ""))


def test_throttling_is_waited_out() -> None:
    with CostExplorerDouble(ledger=company(), faults=["LimitExceededException"]) as double:
        read = sync(double)
    assert totals(read.rows, "day") == ledger_totals(company(), ("day", ""))


@pytest.mark.parametrize(
    ("fault", "hint"),
    [
        ("AccessDeniedException", "allow ce:GetCostAndUsage"),
        ("LimitExceededException", "wait a few minutes"),
        ("DataUnavailableException", "open it once in the billing console"),
        ("BillExpirationException", "shorter window"),
        ("ValidationException", "cost_category"),
        ("SomethingNewException", "ce:GetCostAndUsage"),
    ],
)
def test_a_refusal_says_what_to_do(fault: str, hint: str) -> None:
    double = CostExplorerDouble(ledger=company(), faults=[fault])
    with double, pytest.raises(SourceError, match=fault) as refused:
        sync(double, attempts_max=1)
    assert hint in refused.value.hint


def test_missing_credentials_name_the_permission() -> None:
    with CostExplorerDouble() as double, pytest.raises(SourceError) as refused:
        sync(double, signed=False)
    assert "ce:GetCostAndUsage" in refused.value.hint


def test_an_unknown_profile_is_a_wrong_setting() -> None:
    with CostExplorerDouble() as double, pytest.raises(UserError, match="nobody"):
        sync(double, profile="nobody")


def test_an_address_nobody_answers_is_an_error_not_a_crash() -> None:
    with CostExplorerDouble() as double, pytest.raises(SourceError, match="not be asked"):
        sync(double, endpoint_url="http://127.0.0.1:1", attempts_max=1)


def test_thirteen_months_back_is_the_furthest() -> None:
    with CostExplorerDouble(ledger=company()) as double:
        sync(double, window=Period(date(2025, 10, 1), TODAY))
        with pytest.raises(UserError, match="keeps days since 2025-10-01"):
            sync(double, window=Period(date(2025, 9, 30), TODAY))


def test_two_currencies_are_not_one_bill() -> None:
    ledger = [*company(), Line(day=date(2026, 10, 5), unblended=Decimal(1), unit="INR")]
    with (
        CostExplorerDouble(ledger=ledger) as double,
        pytest.raises(SourceError, match="INR and"),
    ):
        sync(double)
