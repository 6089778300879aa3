"""Sums of lines are priced as the lines are, one by one."""

from decimal import Decimal

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from costper.model.call import COUNTS, Line
from costper.rating.fitness import alike, counted_for, known_of, listed_names, uncached
from costper.rating.price import parts, price, price_of_parts
from costper.rating.prices import bundled
from costper.rating.rates import KINDS, Rates, RateSet
from costper.rating.sql_price import parts_sql
from costper.rating.steps import steps_of

counts = st.one_of(st.just(0), st.integers(0, 300_000))
lines = st.builds(Line, **dict.fromkeys(COUNTS, counts))
rate_sets = st.tuples(*(st.decimals(0, Decimal("0.001"), places=18) for _ in KINDS))
some_rates = st.tuples(
    *(st.one_of(st.none(), st.decimals(0, Decimal("0.001"), places=18)) for _ in KINDS)
)


@given(st.lists(lines, max_size=6), rate_sets)
def test_the_price_of_summed_parts_is_the_sum_of_the_prices(
    told: list[Line], rates: RateSet
) -> None:
    added = [sum(column) for column in zip(*map(parts, told), strict=True)] or [0] * len(KINDS)
    one_by_one = [price(line, Rates(base=rates)) for line in told]
    assert price_of_parts(added, rates) == sum((it or Decimal(0) for it in one_by_one), Decimal(0))


@given(lines)
@settings(max_examples=25)
def test_sql_divides_a_line_as_python_does(line: Line) -> None:
    values = ", ".join(f"CAST({getattr(line, name)} AS BIGINT) AS {name}" for name in COUNTS)
    chosen = ", ".join(parts_sql("calls").values())
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {chosen} FROM (SELECT {values}) AS calls").fetchone()
    assert row == parts(line)


@given(lines, some_rates)
def test_no_token_is_lost_when_caches_have_no_price(line: Line, rates: RateSet) -> None:
    told = parts(line)
    for counted in (counted_for(told, rates), uncached(told)):
        assert sum(counted) == sum(told)
    assert uncached(uncached(told)) == uncached(told)


def test_every_limit_a_price_has_is_a_step_and_so_is_the_end_of_a_window() -> None:
    steps = steps_of(bundled(), ("openai", "anthropic"))
    assert {200_000, 272_000} <= set(steps.limits)
    assert not steps.hours
    assert known_of("anthropic", "claude-haiku-4-5").window in steps.limits
    assert steps_of(bundled(), ("deepseek",)).hours
    assert steps.context(0) == 0
    assert steps_of(bundled(), ("nobody",)).limits == ()


def test_listed_models_are_chosen_by_pattern() -> None:
    found = set(listed_names(bundled(), ("anthropic/claude-haiku-*",)))
    assert ("anthropic", "claude-haiku-4-5") in found
    assert all(provider == "anthropic" for provider, _ in found)


def test_a_model_that_cannot_answer_is_not_alike() -> None:
    text = tuple(Decimal(1) if kind in {"input", "output"} else None for kind in KINDS)
    embedding = tuple(Decimal(1) if kind == "input" else None for kind in KINDS)
    assert alike(text, text)
    assert not alike(text, embedding)
