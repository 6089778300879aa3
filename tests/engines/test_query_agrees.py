"""A question in letters is one statement, and gives the same digits on Sail as on DuckDB."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.engines.sail import SailEngine, fingerprint, sail
from tests.ledger import DIMENSIONS, NOW
from tests.pipeline.query.world import DAU, FIRST, Lettered, lettered

from costper.pipeline.query.ask import prepare
from costper.pipeline.query.facts import facts_of
from costper.pipeline.query.written import question_from_json
from costper.store import metric_tables, tables
from costper.store.engine import Write

pytestmark = pytest.mark.sail

MARTS = (
    tables.legs(DIMENSIONS),
    tables.customer_daily(),
    tables.dimension_daily(DIMENSIONS),
    metric_tables.metric_daily(DIMENSIONS),
    tables.customers(),
    tables.rates(),
)
QUESTIONS: dict[str, dict[str, object]] = {
    "sums by month": {"letters": {"a": "metric orders", "b": "cost"}, "grain": "month"},
    "averages by week and team": {
        "letters": {"a": f"metric {DAU}", "b": "cost as average"},
        "grain": "week",
        "by": ["team"],
        "compare": "previous",
    },
    "last, highest and lowest": {
        "letters": {"l": "metric seats", "h": f"metric {DAU} as max", "m": "metric low"},
        "by": ["team"],
        "grain": "month",
    },
    "days that are filled": {"letters": {"f": "metric held"}, "grain": "week", "by": ["team"]},
    "plans and revenue": {
        "letters": {"c": "cost", "r": "revenue", "p": "cost where plan = pro"},
        "by": ["plan"],
        "grain": "month",
    },
    "customers under a condition": {
        "letters": {"c": "cost billed_cost where customer != beta and team in (eu, us)"},
        "by": ["customer", "service"],
        "grain": "quarter",
    },
    "day by day, shifted and moving": {
        "letters": {"c": "cost", "o": "metric orders"},
        "formulas": {"x": "movingAvg(c / o, 3)", "y": "timeShift(c, 1 MONTH)", "z": "cumSum(o)"},
        "grain": "day",
    },
}


@pytest.fixture(scope="module")
def session() -> Iterator[object]:
    with sail() as session:
        yield session


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lettered]:
    books = lettered(tmp_path_factory.mktemp("query"))
    third = Decimal(1) / Decimal(3)
    for at in range(60):
        day = FIRST - timedelta(days=20) + timedelta(days=at)
        books.leg(day, third.quantize(Decimal("1e-21")) * at, team="eu")
        books.leg(day, "7.25", team="us", customer="beta", service="db", billed_cost="7.5")
        books.leg(day, "2", team="us", customer="(unallocated)", reason="no_rule", currency="EUR")
        if at % 7:
            for team in ("eu", "us"):
                books.metric(DAU, day, 10 + at, team=team)
                books.metric("orders", day, at, team=team)
                books.metric("low", day, 100 - at, team=team)
                books.metric("held", day, at, team=team)
                books.metric("seats", day, at * 2, team=team)
    books.payer("acme", "100.333333333333333333", plan="Pro", until=date(2026, 10, 10))
    books.payer("acme", "200", plan="free", since=date(2026, 10, 10))
    books.payer("beta", "31", plan="free", currency="EUR").rate(date(2026, 9, 15), "EUR", "1.1")
    books.rate(FIRST, "EUR", "1.2").keep()
    yield books
    books.close()


@pytest.fixture(scope="module")
def there(session: object, here: Lettered, tmp_path_factory: pytest.TempPathFactory) -> SailEngine:
    engine = SailEngine(session, tmp_path_factory.mktemp("slices"))
    for table in MARTS:
        engine.define(table)
        rows = here.marts.query(f"SELECT * FROM {table.name}")
        engine.offer(f"new_{table.name}", rows)
        engine.replace([Write(table=table.name, select=f"SELECT * FROM new_{table.name}")])
    return engine


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_the_same_statement_gives_the_same_digits(
    here: Lettered, there: SailEngine, name: str
) -> None:
    question = question_from_json({**QUESTIONS[name], "from": "2026-09-20", "to": "2026-11-01"})
    written = prepare(here, question, now=NOW, facts=facts_of(here)).statement
    mine = here.marts.query(written.sql, written.params.values)
    theirs = there.query(written.sql, written.params.values)
    assert mine.num_rows > 0
    assert fingerprint(mine) == fingerprint(theirs)
