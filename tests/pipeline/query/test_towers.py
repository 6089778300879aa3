from decimal import Decimal

from tests.pipeline.query.world import FIRST, OCTOBER, Lettered


def test_formulas_that_name_formulas_a_hundred_times_each_are_walked_once(books: Lettered) -> None:
    """Walked at every mention this would be 100^19 steps, and no server would ever come back."""
    books.leg(FIRST, "1", team="a")
    towers = {f"f{at}": "+".join([f"f{at - 1}"] * 100) for at in range(1, 20)}
    ask = {"letters": {"b": "cost"}, "formulas": {"f0": "b", **towers}}
    assert books.ask(**ask, **OCTOBER).value("f19") == Decimal(100) ** 19
