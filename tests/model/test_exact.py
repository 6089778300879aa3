"""Division in SQL is exact: it agrees with whole numbers in Python, whatever their size."""

from decimal import Decimal

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from costper.model.exact import divided, to_amount, to_units
from costper.model.money import EXACT

weights = st.integers(0, 10**18)
amounts = st.integers(0, 10**20)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(amounts, amounts, weights, st.integers(1, 10**18)), min_size=1))
def test_quotient_and_remainder_are_those_of_whole_numbers(
    rows: list[tuple[int, int, int, int]],
) -> None:
    rows = [(a, b, min(w, whole), whole) for a, b, w, whole in rows]
    kind = pa.decimal128(38, 0)
    names = ("a", "b", "w", "total")
    columns = zip(names, zip(*rows, strict=True), strict=True)
    table = pa.table({n: pa.array([Decimal(v) for v in c], kind) for n, c in columns})
    table = table.append_column("place", pa.array(range(len(rows))))
    with duckdb.connect() as connection:
        connection.register("given_rows", table)
        sql = divided("given_rows", ("place",), ("a", "b"), "w", "total")
        found = connection.sql(f"SELECT * FROM ({sql}) ORDER BY place").fetchall()
    expected = [
        (place, *divmod(a * w, total), *divmod(b * w, total))
        for place, (a, b, w, total) in enumerate(rows)
    ]
    assert [tuple(map(int, row)) for row in found] == expected


@settings(deadline=None)
@given(st.integers(-(10**33), 10**33))
def test_units_and_what_is_finer_add_up_to_the_amount(digits: int) -> None:
    amount = EXACT.scaleb(Decimal(digits), -21)
    with duckdb.connect() as connection:
        sql = f"SELECT {to_units('x')}, {to_amount(to_units('x'))} FROM (SELECT {{}} AS x)"
        units, back = connection.execute(
            sql.format("CAST($amount AS DECIMAL(38,21))"), {"amount": str(amount)}
        ).fetchall()[0]
    half = Decimal("0.5").scaleb(-12)
    assert abs(EXACT.subtract(amount, back)) <= half
    assert EXACT.scaleb(units, -12) == back
