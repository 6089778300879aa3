"""Questions of many letters by many keys are counted before their rows are in memory."""

from typing import Any

import pyarrow as pa
import pytest
from tests.pipeline.query.world import FIRST, OCTOBER, Lettered

from costper.errors import UserError
from costper.pipeline.query import ask as asking
from costper.store.duckdb import DuckEngine
from costper.store.engine import Parameters

COST = "cost"
KEYS = ("team", "service", "customer")


def seen_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Listen to what the engine is asked."""
    said: list[str] = []
    query = DuckEngine.query

    def listening(engine: DuckEngine, sql: str, params: Parameters | None = None) -> pa.Table:
        said.append(sql)
        return query(engine, sql, params)

    monkeypatch.setattr(DuckEngine, "query", listening)
    return said


def many(letters: int) -> dict[str, Any]:
    names = [f"l{at}" for at in range(letters)]
    return {"letters": dict.fromkeys(names, COST), "by": ",".join(KEYS), "grain": "day", **OCTOBER}


def test_too_many_rows_are_refused_before_they_are_read(
    books: Lettered, monkeypatch: pytest.MonkeyPatch
) -> None:
    for team in "abc":
        books.every_day(FIRST, 31, "1", team=team)
    monkeypatch.setattr(asking, "MOST_LINES", 400)
    said = seen_by(monkeypatch)
    with pytest.raises(UserError, match="more than 400 numbers"):
        books.ask(**many(8))
    assert not any("UNION ALL" in sql and "COUNT(*) AS n FROM (SELECT 1" not in sql for sql in said)
    assert sum("COUNT(*) AS n FROM (SELECT 1" in sql for sql in said) < 8


def test_far_too_many_are_refused_by_one_day_alone(
    books: Lettered, monkeypatch: pytest.MonkeyPatch
) -> None:
    for team in "abc":
        books.every_day(FIRST, 31, "1", team=team)
    monkeypatch.setattr(asking, "MOST_LINES", 50)
    said = seen_by(monkeypatch)
    with pytest.raises(UserError, match="more than 50 numbers"):
        books.ask(**many(8))
    assert sum("COUNT(*) AS n FROM (SELECT 1" in sql for sql in said) == 1


def test_what_is_few_is_counted_once_and_answered(
    books: Lettered, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.every_day(FIRST, 31, "1", team="a")
    said = seen_by(monkeypatch)
    assert books.ask(**many(8)).value("l0") == 31
    assert sum("COUNT(*) AS n FROM (SELECT 1" in sql for sql in said) == 2  # a day, then a letter
    said.clear()
    assert books.ask(letters={"c": COST}, by="team", grain="day", **OCTOBER).value("c") == 31
    assert not any("SELECT 1 FROM" in sql for sql in said)
