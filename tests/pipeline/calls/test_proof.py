"""What calls cost is proven like any other cost: explained, planned, exported, made again."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

from tests.pipeline.calls.billed_world import BILLED, DAY, NOW, Calls, desk
from tests.pipeline.calls.fold_world import DAY as FOLDED
from tests.pipeline.calls.fold_world import HOUR_US, NOON_US, call, road

from costper.model.period import month_of
from costper.pipeline.allocation_answers import show_answer
from costper.pipeline.calls.charges import land_calls
from costper.pipeline.calls.rollup import rebuild
from costper.pipeline.explain import explain
from costper.pipeline.focus_export import export

MONTH = month_of(DAY)


def test_a_customer_s_part_of_an_invoice_walks_back_to_its_rows(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1"), Calls(cost="3", customer="bolt"))
        it.fold(Calls(cost="2", provider="mistral", model="small"))
        it.invoice((DAY, "8"))
        it.land()
        it.allocate()
        found = explain(it.books, "customer", "acme", MONTH)
        assert found.totals["USD"] == 4
        [shared] = [line for line in found.lines if line.steps]
        assert shared.steps[0].rule == "openai_bill by calls of openai"
        assert shared.steps[0].weight == 2_000_000
        assert shared.steps[0].weight_total == 8_000_000
        [row] = show_answer(it.books).rows
        [rule] = cast("list[dict[str, object]]", row["rules"])
        assert (rule["rule"], rule["matched_cost"]) == ("openai_bill by calls of openai", 8)
        assert rule["where"] == "costper.yaml: llm.calls.invoices.openai"
        done = export(it.books, MONTH, tmp_path / "out.csv")
        assert done.costs["USD"]["effective_cost"] == 10


def test_folded_calls_become_charges_and_are_trued_up_again_when_made_again(
    tmp_path: Path,
) -> None:
    with road(tmp_path) as it:
        it.send([call(1, customer_id="acme"), call(2, customer_id="acme", model="unheard")])
        landed = land_calls(it.books, now=NOW)
        assert landed.unpriced == 1
        assert it.one("SELECT SUM(effective_cost) AS n FROM charges") == Decimal("0.000015")
        rebuild(it.books, [FOLDED])
        assert land_calls(it.books, now=NOW).months == ()
        it.send([call(3, customer_id="bolt", timestamp=NOON_US - 24 * HOUR_US)])
        assert land_calls(it.books, now=NOW).months == (date(2026, 11, 1),)
        assert it.one("SELECT SUM(effective_cost) AS n FROM charges") == Decimal("0.00003")
