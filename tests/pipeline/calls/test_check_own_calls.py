"""The check tells what an account's own calls do to an invoice."""

from pathlib import Path

from tests.pipeline.calls.billed_world import BILLED, DAY, NOW, Calls, desk

from costper.pipeline.check import check_books


def test_own_calls_without_a_customer_are_named_where_their_part_goes_nowhere(
    tmp_path: Path,
) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1"), Calls(cost="1", customer="", kind="service_account", user="bot"))
        it.invoice((DAY, "10"))
        it.land()
        it.allocate()
        [told] = [one for one in check_books(it.books, NOW) if one.code == "unallocated_no_targets"]
        assert told.message.startswith("5.00 USD")
        assert "a service account's own among them" in told.hint
