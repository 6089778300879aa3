"""One SQL text for every engine: DuckDB's dialect, rewritten for Spark."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp

from costper.errors import BooksError

PICKERS = (exp.ArgMax, exp.ArgMin, exp.First, exp.Last, exp.AnyValue)


@lru_cache(maxsize=4096)
def to_spark(sql: str) -> str:
    """Rewrite one statement; raises BooksError for what engines disagree on."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    refuse_ambiguous(tree)
    return tree.sql(dialect="spark")


def refuse_ambiguous(tree: exp.Expr) -> None:
    """Refuse what gives different digits on different engines.

    Dividing is allowed on floating point only: DuckDB divides decimals as doubles, Spark cuts
    them at some digit. Picking one row of several needs an order to be the same everywhere.
    """
    for division in tree.find_all(exp.Div, exp.IntDiv):
        if not (_is_double(division.this) and _is_double(division.expression)):
            raise BooksError(f"engines divide differently: {division.sql(dialect='duckdb')}")
    for picked in tree.find_all(*PICKERS):
        raise BooksError(f"engines pick differently: {picked.sql(dialect='duckdb')}")


def _is_double(side: exp.Expr) -> bool:
    """Say whether a side of a division is, to the eye, floating point."""
    if isinstance(side, exp.Paren | exp.Mul):
        return all(_is_double(each) for each in side.iter_expressions())
    return isinstance(side, exp.Cast) and side.to.is_type(exp.DataType.Type.DOUBLE)
