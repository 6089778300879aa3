"""One SQL text for every engine: DuckDB's dialect, rewritten for Spark."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

import sqlglot
from sqlglot import exp

from costper.errors import BooksError
from costper.store.engine import Parameter, Parameters

PICKERS = (exp.ArgMax, exp.ArgMin, exp.First, exp.Last, exp.AnyValue)


def to_spark(sql: str, params: Parameters | None = None) -> str:
    """Rewrite one statement for Spark with its parameters as literals.

    Raises BooksError for what engines disagree on, and for a parameter that is not given.
    """
    tree = _parsed(sql)
    return (tree.copy().transform(_filled, params or {}) if params else tree).sql(dialect="spark")


@lru_cache(maxsize=4096)
def _parsed(sql: str) -> exp.Expr:
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    refuse_ambiguous(tree)
    for division in reversed(list(tree.find_all(exp.Div))):
        division.replace(_unraised(division))
    return tree


def _unraised(division: exp.Div) -> exp.Expr:
    """Divide by zero as DuckDB does, which gives infinity; Spark raises an error.

    The zero is asked for first: Sail takes the branch of a CASE that all rows of a batch choose,
    for a batch without rows the first one, and so raises the error it puts around a division
    where there is nothing to divide.
    """
    zero = exp.EQ(this=division.expression.copy(), expression=exp.Literal.number(0))
    infinity = exp.cast(exp.Literal.string("Infinity"), "DOUBLE")
    infinite = exp.Mul(this=division.this.copy(), expression=infinity)
    return exp.case().when(zero, infinite).else_(division.copy())


def _filled(node: exp.Expr, params: Parameters) -> exp.Expr:
    """Put a parameter's value in its place, as a typed literal."""
    if not isinstance(node, exp.Parameter | exp.Placeholder):
        return node
    if node.name not in params:
        raise BooksError(f"the statement names a parameter ${node.name} that is not given")
    return literal_of(params[node.name])


def literal_of(value: Parameter) -> exp.Expr:
    """Write a parameter's value as an expression; text is escaped by the generator."""
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        return exp.Literal.number(value)
    if isinstance(value, str):
        return exp.Literal.string(value)
    kind = "DECIMAL(38,21)" if isinstance(value, Decimal) else "DATE"
    kind = "TIMESTAMP" if isinstance(value, datetime) else kind
    text = format(value, "f") if isinstance(value, Decimal) else value.isoformat()
    return exp.cast(exp.Literal.string(text), kind)


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
