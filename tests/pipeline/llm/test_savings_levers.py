"""Batches, caches and routes on observed calls, to the last digit."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pipeline.llm.observed_world import MINUTE, NOON, observed, one, rows, usd


def test_programs_and_what_was_said_to_wait_are_reckoned_as_batches(tmp_path: Path) -> None:
    llm = "llm: {service_accounts: {nightly: {team: growth}}}"
    with observed(tmp_path, llm) as world:
        world.send(
            [
                {"inputTokens": 1_000_000, "serviceAccount": "nightly", "userId": ""},
                {"inputTokens": 2_000_000, "endpointTag": "mail"},
                {"inputTokens": 4_000_000, "serviceAccount": "nightly", "serviceTier": "batch"},
                {"inputTokens": 8_000_000},
            ]
        )
        assert [row["of"] for row in rows(world.savings(), "batch")] == ["service account nightly"]
        found = {row["of"]: row for row in rows(world.savings(batch=("mail",)), "batch")}
        # What is a batch already has no part in it.
        assert found["service account nightly"]["now"] == Decimal("1.25")
        assert found["service account nightly"]["would_likely"] == Decimal("0.625")
        assert found["mail"]["now"] == Decimal("2.5")
        assert found["mail"]["would_likely"] == Decimal("1.25")


def test_a_feature_that_waited_before_can_wait(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send([{"inputTokens": 100_000}, {"inputTokens": 100_000, "serviceTier": "flex"}])
        row = one(world.savings(), "batch")
        assert row["calls"] == 1
        assert "waits already" in str(row["assumes"])


def test_a_model_without_a_batch_price_is_told_and_never_taken_at_half(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send([{"provider": "deepseek", "model": "deepseek-chat", "inputTokens": 1_000}])
        answer = world.savings(batch=("search",))
        assert not rows(answer, "batch")
        assert "no batch price" in str(answer.total["skipped"])


def test_a_prefix_is_written_once_and_read_within_five_minutes(tmp_path: Path) -> None:
    minutes = (0, 4, 8, 20)
    with observed(tmp_path) as world:
        world.send(
            {
                "provider": "anthropic",
                "model": "claude-sonnet-4-5",
                "inputTokens": 4_000,
                "timestamp": _at(minute),
            }
            for minute in minutes
        )
        row = one(world.savings(), "caching")
        assert row["now"] == row["would_high"] == Decimal("0.048")  # 16,000 at $3
        # Two writes of 4,000 at $3.75, two reads at $0.30.
        assert row["would_low"] == Decimal("0.0324")
        # Half of the prefix: as much is sent as ever, the other half as above.
        assert row["would_likely"] == Decimal("0.0402")
        evidence = {it["what"]: it["count"] for it in _mappings(row["evidence"])}
        assert evidence["calls_within_5_minutes"] == 2
        assert evidence["prefix_tokens"] == 4_000
        assert evidence["tokens_read_from_cache"] == 8_000


@given(
    minutes=st.lists(st.integers(0, 60), min_size=2, max_size=15, unique=True),
    pause=st.sampled_from((0, 59, 60)),
)
@settings(max_examples=6)
def test_five_minutes_are_counted_from_any_call_not_from_the_clock(
    minutes: list[int], pause: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    told = sorted(minute * 60 + pause * (minute % 2) for minute in set(minutes))
    hits = sum(b - a <= 300 for a, b in pairwise(told))
    with observed(tmp_path_factory.mktemp("books")) as world:
        world.send(
            {
                "provider": "anthropic",
                "model": "claude-sonnet-4-5",
                "inputTokens": 4_000,
                "timestamp": (NOON + timedelta(seconds=second)).isoformat(),
            }
            for second in told
        )
        answer = world.savings()
        # A write costs $3.75 for $3, a read $0.30: one read in two pays.
        saved = 4_000 * (hits * Decimal("2.7") - (len(told) - hits) * Decimal("0.75")) / 1_000_000
        if saved <= 0:
            assert "too seldom" in str(answer.total["skipped"])
        else:
            row = one(answer, "caching")
            assert usd(row["now"]) - usd(row["would_low"]) == saved


@pytest.mark.parametrize(
    ("tokens", "apart", "why"),
    [(900, 1, "it caches from 1,024 on"), (4_000, 10, "too seldom")],
)
def test_what_a_cache_would_not_help_is_told(
    tokens: int, apart: int, why: str, tmp_path: Path
) -> None:
    with observed(tmp_path) as world:
        world.send(
            {
                "provider": "anthropic",
                "model": "claude-sonnet-4-5",
                "inputTokens": tokens,
                "timestamp": _at(apart * number),
            }
            for number in range(3)
        )
        answer = world.savings()
        assert not rows(answer, "caching")
        assert why in str(answer.total["skipped"])


def test_what_is_read_from_a_cache_already_is_not_saved_again(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send({"inputTokens": 4_000, "cacheReadTokens": 4_000} for _ in range(3))
        assert not rows(world.savings(), "caching")


def test_a_plan_is_routed_as_it_was_on_the_day_and_the_first_route_counts(tmp_path: Path) -> None:
    llm = "llm: {tenants: {t1: acme, t2: beta}}"
    with observed(tmp_path, llm) as world:
        world.plan("acme", "starter", date(2026, 1, 1), date(2026, 11, 11))
        world.plan("acme", "pro", date(2026, 11, 11))
        world.plan("beta", "pro", date(2026, 1, 1))
        later = (NOON + timedelta(days=2)).isoformat()
        world.send(
            [
                {"inputTokens": 100_000, "tenantId": "t1"},
                {"inputTokens": 200_000, "tenantId": "t1", "timestamp": later},
                {"inputTokens": 400_000, "tenantId": "t2"},
            ]
        )
        mini = "openai/gpt-5-mini"
        found = rows(world.savings(routes=(f"plan=Starter:{mini}",)), "routing")
        assert [row["now"] for row in found] == [Decimal("0.125")]
        both = world.savings(routes=(f"plan=starter:{mini}", f"tenant=t1:{mini}"))
        named = {row["of"]: row["now"] for row in rows(both, "routing")}
        assert named == {"plan starter": Decimal("0.125"), "tenant t1": Decimal("0.25")}
        levers = {it["lever"]: it for it in _mappings(both.total["levers"])}
        assert levers["routing"]["monthly_saving"] == sum(
            usd(row["monthly_saving"]) for row in rows(both, "routing")
        )


def test_free_plans_and_own_tenants_are_routed_unasked_to_the_nearest_cheaper_model(
    tmp_path: Path,
) -> None:
    llm = "llm: {tenants: {t1: acme}, free_plans: [free], internal_tenants: [ours]}"
    with observed(tmp_path, llm) as world:
        world.plan("acme", "free", date(2026, 1, 1))
        world.send([{"inputTokens": 1_000, "tenantId": it} for it in ("t1", "ours", "t3")])
        answer = world.savings(top=1)
        found = {row["of"]: row for row in rows(answer, "routing")}
        assert set(found) == {"plan free", "tenant ours"}
        nearest = one(answer, "model")["to"]
        for row in found.values():
            assert row["calls"] == 1
            assert row["to"] == nearest
            assert usd(row["would_likely"]) < usd(row["now"])
        said = world.savings(routes=("tenant=t3",))
        assert [row["of"] for row in rows(said, "routing")] == ["tenant t3"]


def _at(minute: int) -> str:
    return (NOON + minute * MINUTE).isoformat()


def _mappings(cell: object) -> list[dict[str, Any]]:
    return [dict(it) for it in cast("tuple[dict[str, Any], ...]", cell)]
