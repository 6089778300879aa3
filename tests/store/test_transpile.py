"""One SQL text for two engines: what they disagree on is refused, values are literals."""

from datetime import date
from decimal import Decimal

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from costper.errors import BooksError
from costper.store.transpile import to_spark


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a / b FROM t",
        "SELECT CAST(a AS DECIMAL(38,2)) / CAST(b AS DOUBLE) FROM t",
        "SELECT a // b FROM t",
        "SELECT arg_max(a, b) FROM t",
        "SELECT first(a) FROM t",
        "SELECT any_value(a) FROM t",
    ],
)
def test_what_engines_disagree_on_is_refused(sql: str) -> None:
    with pytest.raises(BooksError, match="engines"):
        to_spark(sql)


def test_dividing_floating_point_is_allowed() -> None:
    assert "/" in to_spark(
        "SELECT CAST(a AS DOUBLE) * CAST(b AS DOUBLE) / CAST(c AS DOUBLE) FROM t"
    )


def test_a_division_asks_for_a_zero_before_it_divides() -> None:
    a, b = "CAST(a AS DOUBLE)", "CAST(b AS DOUBLE)"
    safe = f"CASE WHEN {b} = 0 THEN {a} * CAST('Infinity' AS DOUBLE) ELSE {a} / {b} END"
    assert to_spark(f"SELECT {a} / {b} AS c FROM t") == f"SELECT {safe} AS c FROM t"
    nested = to_spark(f"SELECT CAST({a} / {b} AS DOUBLE) / {b} AS c FROM t")
    assert f"CAST({safe} AS DOUBLE) / {b} END" in nested


@given(st.text(max_size=20))
def test_a_text_parameter_stays_one_literal(text: str) -> None:
    sql = to_spark("SELECT a FROM t WHERE b = $b", {"b": text})
    literals = list(sqlglot.parse_one(sql, dialect="spark").find_all(exp.Literal))
    assert [literal.this for literal in literals] == [text]


def test_parameters_keep_their_types() -> None:
    params = {"a": None, "b": True, "c": 7, "d": Decimal("1.50"), "e": date(2026, 5, 1)}
    sql = to_spark("SELECT $a, $b, $c, $d, $e", params)
    expected = "SELECT NULL, TRUE, 7, CAST('1.50' AS DECIMAL(38, 21)), CAST('2026-05-01' AS DATE)"
    assert sql == expected


def test_a_parameter_that_is_not_given_is_told() -> None:
    with pytest.raises(BooksError, match=r"\$b"):
        to_spark("SELECT $a, $b", {"a": 1})
