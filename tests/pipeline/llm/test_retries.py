"""What further attempts of an operation cost beside the one that is paid anyway."""

from decimal import Decimal

from tests.calls import Call, at, tell
from tests.ledger import Ledger
from tests.pipeline.llm.test_why import october

from costper.model.answer import Absent
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.retries import retries


def test_further_attempts_multiply_an_operation(ledger: Ledger) -> None:
    tell(
        ledger,
        [
            Call(at=at("2026-10-05"), attempt=attempt, operation_id=which, cost="0.02")
            for attempt, which in ((1, "a"), (2, "a"), (3, "a"), (1, "b"))
        ],
    )
    (row,) = retries(october(ledger), Chosen()).rows
    assert (row["operations"], row["retries"]) == (2, 2)
    assert row["attempts_per_operation"] == 2
    assert row["retry_cost"] == Decimal("0.04")
    assert row["cost_per_operation"] == Decimal("0.04")


def test_a_retry_after_an_attempt_that_cost_nothing_costs_nothing_more(ledger: Ledger) -> None:
    late = at("2026-10-05", 23)
    tell(
        ledger,
        [
            Call(at=late, status="rate_limited", operation_id="a", cost="0"),
            Call(at=at("2026-10-06", 0), attempt=2, operation_id="a", cost="0.02"),
            Call(at=at("2026-10-31", 23), feature="mail", operation_id="b", cost="0.03"),
            Call(at=at("2026-10-31"), feature="mail", attempt=2, operation_id="c", cost="0.07"),
            Call(at=at("2026-11-01", 0), feature="mail", attempt=2, operation_id="b"),
            Call(at=late, feature="chat", attempt=2),
        ],
    )
    found = retries(october(ledger), Chosen())
    costs = {row["feature"]: row["retry_cost"] for row in found.rows}
    assert costs == {"search": 0, "mail": Decimal("0.03"), "chat": Absent("no_operation")}
    assert found.total["retry_cost"] == Decimal("0.03")


def test_what_retries_cost_in_total_is_the_sum_of_the_rows(ledger: Ledger) -> None:
    tell(
        ledger,
        [
            Call(at=at("2026-10-05"), feature=feature, attempt=n, operation_id=feature, cost=cost)
            for feature, cost, attempts in (("search", "0.01", 2), ("mail", "0.9", 3))
            for n in range(1, attempts + 1)
        ]
        + [Call(at=at("2026-10-05"), feature="chat", operation_id="x", cost="0.02")],
    )
    found = retries(october(ledger), Chosen())
    costs = [row["retry_cost"] for row in found.rows]
    assert costs == [Decimal("1.8"), Decimal("0.01"), Decimal(0)]
    assert found.total["retry_cost"] == Decimal("1.81")


def test_operations_numbered_alike_by_others_are_no_attempts_of_ours(ledger: Ledger) -> None:
    day = at("2026-10-05")
    ours = [
        Call(at=day, operation_id="op-1", cost="0.01"),
        Call(at=day, operation_id="op-2", cost="0.02"),
        Call(at=day, attempt=2, model="gpt-5", operation_id="op-2", cost="0.03"),
    ]
    alike = [
        Call(at=day, attempt=3, operation_id="op-1", **other)  # type: ignore[arg-type]
        for other in (
            {"customer": "globex", "tenant": "t2"},
            {"tenant": "t2"},
            {"customer": "globex"},
            {"environment": "staging"},
            {"data_mode": "test"},
        )
    ]
    tell(ledger, [*ours, *alike])
    found = retries(october(ledger), Chosen(customer="acme", tenant="t1"))
    assert found.total["retry_cost"] == Decimal("0.02")
