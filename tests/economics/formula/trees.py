"""Formulas made up by hypothesis: any tree the parser could give, over a, b and c."""

from decimal import Decimal
from typing import Literal, cast

from hypothesis import strategies as st

from costper.economics.formula.functions import ONE_ARGUMENT, UNITS
from costper.economics.formula.tree import (
    Call,
    Chain,
    Change,
    Compare,
    Comparison,
    Condition,
    Expression,
    If,
    Joined,
    Moving,
    Name,
    Negate,
    Not,
    Number,
    Operator,
    Round,
    Shift,
    Step,
)

LETTERS = ("a", "b", "c")

numbers = st.builds(
    Number,
    st.decimals(min_value=0, max_value=10**9, allow_nan=False, places=4).map(abs)
    | st.sampled_from([Decimal("1e30"), Decimal("1e-30"), Decimal(1000)]),
)
names = st.builds(Name, st.sampled_from(LETTERS))


leaves: st.SearchStrategy[Expression] = names | numbers

COMPARISONS: tuple[Comparison, ...] = ("<", "<=", ">", ">=", "=", "!=")
WORDS: tuple[Literal["and", "or"], ...] = ("and", "or")
ARITHMETIC = ("sum", "product", "minus", "abs", "min", "max", "default", "if")
REACHING = (*ARITHMETIC, "cumSum", "share", "round", "shift", "change", "moving")


@st.composite
def trees(draw: st.DrawFn, *, depth: int = 3, reaching: bool = True) -> Expression:
    """Give any tree; windows may stand inside windows, which the parser refuses.

    Not `reaching`: what school calls arithmetic, with conditions, at one bucket alone.
    """
    if not depth or not draw(st.integers(0, 3)):
        return draw(leaves)
    inner = trees(depth=depth - 1, reaching=reaching)
    kind = draw(st.sampled_from(REACHING if reaching else ARITHMETIC))
    match kind:
        case "sum" | "product":
            return _chain(draw, inner, "+-" if kind == "sum" else "*/")
        case "minus":
            return Negate(draw(inner))
        case "if":
            return If(draw(conditions(inner)), draw(inner), draw(inner))
        case "abs" | "cumSum" | "share" | "min" | "max" | "default":
            many = 1 if kind in ONE_ARGUMENT else 2
            return Call(kind, tuple(draw(inner) for _ in range(many)))
        case _:
            return _reaching(draw, kind, draw(inner))


def _reaching(draw: st.DrawFn, kind: str, part: Expression) -> Expression:
    if kind == "round":
        return Round(part, draw(st.integers(-12, 12)))
    if kind == "moving":
        return Moving(part, draw(st.integers(1, 366)))
    count, unit = draw(st.integers(1, 5000)), draw(st.sampled_from(UNITS))
    return Shift(part, count, unit) if kind == "shift" else Change(part, count, unit)


def _chain(draw: st.DrawFn, inner: st.SearchStrategy[Expression], signs: str) -> Chain:
    first = draw(inner)
    operators = draw(st.lists(st.sampled_from(signs), min_size=1, max_size=3))
    steps = tuple(Step(cast("Operator", sign), draw(inner)) for sign in operators)
    if isinstance(first, Chain) and first.is_sum == (signs == "+-"):
        return Chain(first.first, (*first.steps, *steps))
    return Chain(first, steps)


@st.composite
def conditions(draw: st.DrawFn, inner: st.SearchStrategy[Expression], depth: int = 2) -> Condition:
    """Give comparisons, joined and turned round."""
    kind = draw(st.integers(0, 2)) if depth else 0
    if not kind:
        return Compare(draw(st.sampled_from(COMPARISONS)), draw(inner), draw(inner))
    part = conditions(inner, depth - 1)
    if kind == 1:
        return Not(draw(part))
    return Joined(draw(st.sampled_from(WORDS)), (draw(part), draw(part)))
