"""Parts of answers about calls that add up to what stands above them."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.calls import Call, at, tell
from tests.ledger import Ledger, inner
from tests.pipeline.llm.test_why import daily, october

from costper.model.answer import Absent, Row
from costper.pipeline.llm.active import active
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.drift import drift
from costper.pipeline.llm.spikes import spikes


def added(rows: Iterable[Row], name: str) -> Decimal:
    """Add up one column."""
    return sum((Decimal(str(row[name])) for row in rows), Decimal(0))


def test_shares_and_chances_beside_a_step_are_not_told_as_money(ledger: Ledger) -> None:
    tell(ledger, daily(61))
    measures = drift(october(ledger), Chosen()).measures
    assert measures["error_percent_before"] == "percent"
    assert measures["p_value"] == "number"


def test_a_month_not_settled_has_no_share_and_weighs_in_no_total(ledger: Ledger) -> None:
    ledger.payer("acme", "100", plan="pro")
    tell(ledger, [Call(at=at("2026-10-05"), cost="3")])
    alone = active(october(ledger), Chosen())
    frame = ledger.frame(since=date(2026, 10, 1), until=date(2026, 11, 21))
    found = active(frame, Chosen())
    first, last = found.rows
    assert last["active_users"] == Absent("not_settled")
    assert (last["cost"], last["share_of_arpu_percent"]) == (Absent("not_settled"),) * 2
    assert (first["band"], last["band"]) == ("on_target", "")
    assert found.total["share_of_arpu_percent"] == alone.total["share_of_arpu_percent"]


@settings(max_examples=8, deadline=None)
@given(costs=st.lists(st.sampled_from(("9", "0.02", "7.5")), min_size=2, max_size=6))
def test_the_parts_of_a_spike_add_up_to_its_cost(costs: list[str]) -> None:
    with TemporaryDirectory() as folder:
        ledger = Ledger.at(Path(folder))
        dear = [
            Call(at=at("2026-10-20", hour), user_id="a", feature="mail", cost=cost)
            for hour, cost in enumerate(costs)
        ]
        tell(ledger, [*daily(61, user_id="b"), *dear])
        for row in spikes(october(ledger), Chosen()).rows:
            for noun in ("features", "tenants", "models"):
                assert added(inner(row, noun), "cost") == row["cost"]
                assert added(inner(row, noun), "calls") == row["calls"]
            assert added(inner(row, "users"), "call_cost") == row["cost"]
        ledger.close()
