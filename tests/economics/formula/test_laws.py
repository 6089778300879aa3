"""Laws of evaluation and of writing, over formulas nobody thought of."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.economics.formula.operands import At, Numbers, series
from tests.economics.formula.oracle import Undecided, worth
from tests.economics.formula.trees import LETTERS, trees

from costper.economics.formula.arithmetic import Amount
from costper.economics.formula.evaluate import evaluate
from costper.economics.formula.parse import parse
from costper.economics.formula.tree import Expression
from costper.economics.formula.written import written
from costper.errors import FormulaError
from costper.model.answer import Absent

amounts = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=6)
positive = st.decimals(min_value="0.01", max_value=10**9, allow_nan=False, places=2)


def near(found: Amount, exact: Fraction) -> bool:
    """Say whether rounded digits are those of the exact value."""
    return isinstance(found, Decimal) and abs(Fraction(found) - exact) <= abs(exact) / 10**10


@contextmanager
def suppress_limits() -> Generator[None]:
    """Let pass what is refused for nesting: such a tree cannot be read at all."""
    try:
        yield
    except FormulaError as fault:
        if "nest" not in fault.message and "inside" not in fault.message:
            raise


@given(trees())
def test_a_formula_written_out_and_read_again_is_the_same_formula(tree: Expression) -> None:
    text = written(tree)
    assume(len(text) <= 500)
    with suppress_limits():
        assert parse(text, LETTERS) == tree


@given(trees(reaching=False), *(st.none() | amounts for _ in LETTERS))
def test_a_value_is_what_exact_fractions_give(
    tree: Expression, a: Decimal | None, b: Decimal | None, c: Decimal | None
) -> None:
    letters = {"a": a, "b": b, "c": c}
    exactly = {name: None if value is None else Fraction(value) for name, value in letters.items()}
    found = evaluate(tree, At(0), series(a=[a], b=[b], c=[c]))
    with suppress(Undecided):
        exact = worth(tree, exactly)
        assert isinstance(found, Absent) if exact is None else near(found, exact)


groups = st.dictionaries(
    st.sampled_from(["eu", "us", "apac", "(untagged)"]), st.tuples(positive, positive), min_size=1
)


@given(groups)
def test_a_total_is_all_cost_over_all_units_and_lies_between_its_groups(
    facts: dict[str, tuple[Decimal, Decimal]],
) -> None:
    numbers = Numbers(
        {
            "b": {(0, group): cost for group, (cost, _) in facts.items()},
            "a": {(0, group): units for group, (_, units) in facts.items()},
        }
    )
    unit_cost = parse("b / a", "ab")
    total = evaluate(unit_cost, At(0), numbers)
    exact = Fraction(sum(cost for cost, _ in facts.values())) / Fraction(
        sum(units for _, units in facts.values())
    )
    assert near(total, exact)
    parts = [Fraction(cost) / Fraction(units) for cost, units in facts.values()]
    assert min(parts) <= exact <= max(parts)
    assert all(
        near(evaluate(unit_cost, At(0, group), numbers), part)
        for group, part in zip(facts, parts, strict=True)
    )


@given(groups)
def test_shares_add_up_to_one_under_any_grouping(
    facts: dict[str, tuple[Decimal, Decimal]],
) -> None:
    numbers = Numbers({"b": {(0, group): cost for group, (cost, _) in facts.items()}})
    shares = [evaluate(parse("share(b)", "b"), At(0, group), numbers) for group in facts]
    total = sum((Fraction(s) for s in shares if isinstance(s, Decimal)), Fraction(0))
    assert abs(total - 1) < Fraction(1, 10**48)


@given(positive, positive, st.sampled_from([1, 100, 1_000, 1_000_000, 1_000_000_000]))
def test_scaling_inside_and_outside_a_formula_commute(
    cost: Decimal, units: Decimal, scale: int
) -> None:
    numbers = series(b=[cost], a=[units])
    values = [
        evaluate(parse(text, "ab"), At(0), numbers)
        for text in (f"b / (a / {scale})", f"b / a * {scale}", f"{scale} * b / a")
    ]
    exact = Fraction(cost) / Fraction(units) * scale
    assert all(near(v, exact) for v in values)


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=6))
def test_a_moving_ratio_is_the_ratio_over_the_window_as_one_bucket(
    days: list[tuple[Decimal, Decimal]],
) -> None:
    n = len(days)
    numbers = series(b=[cost for cost, _ in days], a=[units for _, units in days])
    moving = evaluate(parse(f"movingAvg(b / a, {n})", "ab"), At(n - 1), numbers)
    exact = Fraction(sum(cost for cost, _ in days)) / Fraction(sum(units for _, units in days))
    assert near(moving, exact)


@given(st.lists(amounts, min_size=1, max_size=8))
def test_a_running_sum_ends_with_the_sum_and_steps_by_each_value(values: list[Decimal]) -> None:
    numbers = series(a=values)
    running = parse("cumSum(a)", "a")
    sums = [evaluate(running, At(bucket), numbers) for bucket in range(len(values))]
    assert sums[-1] == sum(values)
    assert all(
        evaluate(parse("cumSum(a) - timeShift(cumSum(a), 1 DAY)", "a"), At(n), numbers) == value
        for n, value in enumerate(values)
        if n
    )
