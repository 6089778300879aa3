"""What observed calls would have cost otherwise, on books they came into by the door."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pipeline.llm.observed_world import MINUTE, NOON, observed, one, rows, usd

from costper.errors import UnknownNameError, UserError
from costper.model.call import Line
from costper.pipeline.calls.price_book import catalogue_of
from costper.pipeline.llm.chosen import Chosen
from costper.rating.price import price
from costper.rating.prices import rates_of

DAY = timedelta(days=1)
MONTH = Decimal(365) / Decimal(12)
MODELS = (
    ("openai", "gpt-5"),
    ("openai", "gpt-5.5"),
    ("openai", "gpt-5-mini"),
    ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-opus-4-6"),
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    provider, model = draw(st.sampled_from(MODELS))
    fresh = draw(st.sampled_from((0, 10, 5_000, 199_999, 272_000, 272_001, 300_000)))
    cached = draw(st.sampled_from((0, 0, 1_000)))
    output = draw(st.integers(1, 500))
    return {
        "provider": provider,
        "model": model,
        "serviceTier": draw(st.sampled_from(("standard", "standard", "batch"))),
        "endpointTag": draw(st.sampled_from(("search", "mail"))),
        "inputTokens": fresh + cached,
        "cacheReadTokens": cached,
        "outputTokens": output,
        "timestamp": (NOON + timedelta(hours=draw(st.integers(0, 100)))).isoformat(),
    }


@given(told=st.lists(events(), min_size=1, max_size=12))
@settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_now_and_another_model_are_priced_as_call_by_call(
    told: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with observed(tmp_path_factory.mktemp("books")) as world:
        world.send(told)
        answer = world.savings(models=("openai/gpt-5.5",), percent=Decimal(0))
        calls = world.ask("SELECT * FROM calls")
        assert answer.total["now"] == sum(row["cost"] for row in calls)
        assert answer.total["now"] == answer.total["cost"]
        catalogue = catalogue_of(world.world.books)
        would = Decimal(0)
        for row in calls:
            rates = rates_of(catalogue, "openai", "gpt-5.5", row["tier"], row["day"])
            line = Line(
                input_tokens=row["input_tokens"],
                output_tokens=row["output_tokens"],
                cache_read_tokens=row["cache_read_tokens"],
            )
            cost = price(line, rates)
            assert cost is not None
            would += cost
        found = rows(answer, "model")
        assert sum(usd(row["would_likely"]) for row in found) == would
        assert sum(usd(row["now"]) for row in found) == answer.total["now"]
        by_feature = [world.savings(Chosen(feature=it)) for it in ("search", "mail")]
        assert sum(usd(it.total["now"]) for it in by_feature) == answer.total["now"]


def test_the_same_model_saves_nothing_at_all(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send([{"inputTokens": 900, "cacheReadTokens": 100, "outputTokens": 77}])
        row = one(world.savings(models=("openai/gpt-5",)), "model")
        assert row["now"] == row["would_low"] == row["would_likely"] == row["would_high"]
        for part in ("monthly_saving", "monthly_saving_low", "monthly_saving_high"):
            assert row[part] == 0


def test_another_model_of_the_provider_is_priced_at_its_rates_give_or_take_its_tokens(
    tmp_path: Path,
) -> None:
    with observed(tmp_path) as world:
        world.send([{"inputTokens": 100_000, "outputTokens": 10_000, "timestamp": _at(0)}])
        world.send([{"environment": "staging", "timestamp": (NOON + 9 * DAY).isoformat()}])
        row = one(world.savings(models=("openai/gpt-5-mini",)), "model")
        assert row["now"] == Decimal("0.225")  # 0.1 M at $1.25 and 0.01 M at $10
        assert row["would_likely"] == Decimal("0.045")  # a fifth
        assert row["would_low"] == Decimal("0.04275")
        assert row["would_high"] == Decimal("0.04725")
        assert row["saved_percent"] == Decimal("80.0")
        # The books hold calls from the tenth to the nineteenth: ten days.
        expected = (Decimal("0.18") * MONTH / 10).quantize(Decimal("1e-12"))
        assert row["monthly_saving"] == expected
        assert row["calls"] == 1
        assert row["input_tokens"] == 100_000
        assert "±5 %" in str(row["assumes"])
        assert "not measured" in str(row["assumes"])


def test_caches_may_miss_where_another_provider_answers(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send([{"inputTokens": 10_000, "cacheReadTokens": 8_000, "outputTokens": 0}])
        answer = world.savings(models=("anthropic/claude-haiku-4-5",), percent=Decimal(0))
        row = one(answer, "model")
        assert row["would_likely"] == Decimal("0.0028")  # 2,000 at $1 and 8,000 at $0.10
        assert row["would_high"] == Decimal("0.01")  # 10,000 at $1
        assert "caches" in str(row["assumes"])


def test_calls_too_long_for_a_window_stay_where_they_are(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send([{"inputTokens": 300_000, "outputTokens": 0}, {"inputTokens": 1_000}])
        row = one(
            world.savings(models=("anthropic/claude-haiku-4-5",), percent=Decimal(0)), "model"
        )
        assert row["would_likely"] == Decimal("0.375") + Decimal("0.001")
        assert "1 call longer than its window of 200,000 tokens stay" in str(row["assumes"])
        alone = world.savings(Chosen(), models=("openai/gpt-4",))
        assert len(rows(alone, "model")) == 1
        only_long = world.savings(models=("openai/gpt-3.5-turbo-instruct",))
        assert rows(only_long, "model")


def test_models_listed_unasked_are_alike_cheaper_and_few(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send([{"inputTokens": 5_000, "outputTokens": 500}])
        found = rows(world.savings(top=3), "model")
        assert len(found) == 3
        for row in found:
            assert usd(row["would_likely"]) <= usd(row["now"]) * Decimal("0.9")
            assert str(row["to"]).startswith("openai/")
            assert "embedding" not in str(row["to"])
        globbed = rows(world.savings(models=("anthropic/claude-haiku-*",)), "model")
        assert globbed
        assert all(str(row["to"]).startswith("anthropic/claude-haiku") for row in globbed)
        costs = [usd(row["would_likely"]) for row in rows(world.savings(top=50), "model")]
        assert costs == sorted(set(costs))  # no two models at one price
        assert {min(costs), max(costs)} <= {usd(row["would_likely"]) for row in found}


def test_only_the_dearest_of_many_features_are_compared_unasked(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send(
            {"endpointTag": f"feature-{number}", "inputTokens": 1_000 + number}
            for number in range(52)
        )
        answer = world.savings(top=1)
        of = {row["of"] for row in rows(answer, "model")}
        assert len(of) == 50
        assert not of & {"feature-0", "feature-1"}
        assert "2 more" in str(answer.total["skipped"])
        named = world.savings(models=("openai/gpt-5-mini",))
        assert len(rows(named, "model")) == 52


def test_unpriced_calls_are_counted_and_in_no_amount(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send([{"model": "unheard-of", "inputTokens": 500}, {"inputTokens": 1_000_000}])
        answer = world.savings(models=("openai/gpt-5-mini",))
        assert answer.total["unpriced_calls"] == 1
        assert answer.total["now"] == Decimal("1.25")
        assert [issue.code for issue in answer.issues] == ["unpriced_calls", "few_days"]


def test_what_the_provider_charged_otherwise_is_told(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send([{"inputTokens": 100_000, "providerCost": "0.1"}])
        answer = world.savings(models=("openai/gpt-5-mini",))
        assert answer.total["now"] == Decimal("0.125")
        assert answer.total["cost"] == Decimal("0.1")
        assert [issue.code for issue in answer.issues] == ["prices_differ", "few_days"]


def test_test_calls_and_staging_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send(
            [
                {"inputTokens": 1_000_000},
                {"inputTokens": 1_000_000, "dataMode": "test"},
                {"inputTokens": 1_000_000, "environment": "staging"},
            ]
        )
        assert world.savings().total["now"] == Decimal("1.25")
        every = Chosen(environment="all", data_mode="all")
        assert world.savings(every).total["now"] == Decimal("3.75")


def test_no_calls_at_all_are_an_answer_too(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        answer = world.savings(batch=("search",), routes=("plan=free:openai/gpt-5-mini",))
        assert not answer.rows
        assert [issue.code for issue in answer.issues] == ["no_calls"]


def test_asking_writes_nothing(tmp_path: Path) -> None:
    with observed(tmp_path) as world:
        world.send({"inputTokens": 4_000} for _ in range(3))
        books = world.world.books
        before = (books.marts.changes, books.control.changes)
        world.savings(models=("openai/*",), batch=("search",), routes=("tier=standard:openai/o3",))
        assert (books.marts.changes, books.control.changes) == before


@pytest.mark.parametrize(
    "said",
    [
        {"models": ("gpt-5-mini",)},
        {"routes": ("starter",)},
        {"routes": ("starter:openai/gpt-5",)},
        {"routes": ("plan=starter:gpt-5",)},
        {"routes": ("planet=mars:openai/gpt-5",)},
        {"top": 0},
        {"percent": Decimal(100)},
        {"shared": 0},
    ],
)
def test_what_is_not_written_as_it_should_be_is_refused(
    said: dict[str, Any], tmp_path: Path
) -> None:
    with observed(tmp_path) as world, pytest.raises((UserError, UnknownNameError)):
        world.savings(**said)


def _at(minute: int) -> str:
    return (NOON + minute * MINUTE).isoformat()
