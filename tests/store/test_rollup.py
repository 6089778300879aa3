"""Days of the roll-up add up to the charges, each by the seconds it covers."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costper.model.allocation import Match, Rule
from costper.model.dimension import Dimension, When
from costper.model.money import COST_COLUMNS, total
from costper.store.duckdb import DuckEngine
from costper.store.engine import Write
from costper.store.rollup import daily, extra_attributes
from costper.store.spread import CALENDAR
from costper.store.tables import charge_daily, charges

DAY = timedelta(days=1)
Day = tuple[int, date]


@dataclass(frozen=True)
class Line:
    start: datetime
    end: datetime
    costs: tuple[Decimal, ...]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckEngine]:
    engine = DuckEngine(tmp_path_factory.mktemp("books") / "books.duckdb")
    engine.define(charges())
    engine.define(charge_daily([]))
    yield engine
    engine.close()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def seconds_by_day(line: Line) -> dict[date, int]:
    """The seconds of each day a charge covers; one that ends before it starts has one day."""
    if line.end <= line.start:
        return {line.start.date(): 1}
    days: dict[date, int] = {}
    since = line.start
    while since < line.end:
        midnight = datetime.combine(since.date() + DAY, datetime.min.time())
        until = min(midnight, line.end)
        days[since.date()] = int((until - since).total_seconds())
        since = until
    return days


def shares(amount: Decimal, seconds: dict[date, int]) -> dict[date, Decimal]:
    """The definition: whole units of 10^-12 by largest remainder, the rest to the first day."""
    unit = Decimal("1e-12")
    units = int((amount / unit).to_integral_value("ROUND_HALF_UP"))
    whole = sum(seconds.values())
    cut = {day: divmod(abs(units) * each, whole) for day, each in seconds.items()}
    order = sorted(seconds, key=lambda day: (-cut[day][1], day))
    left = abs(units) - sum(quotient for quotient, _ in cut.values())
    sign = -1 if units < 0 else 1
    given_out = {day: cut[day][0] + (1 if day in order[:left] else 0) for day in order}
    parts = {day: sign * count * unit for day, count in given_out.items()}
    parts[order[0]] += amount - units * unit
    return parts


def land(engine: DuckEngine, lines: Sequence[Line]) -> None:
    rows = [
        {
            "source": "bill",
            "delivery_id": 1,
            "file_no": 0,
            "row_no": number,
            "billing_currency": "USD",
            "billing_period_start": at("2026-01-01"),
            "charge_period_start": line.start,
            "charge_period_end": line.end,
            **dict(zip(COST_COLUMNS, line.costs, strict=True)),
        }
        for number, line in enumerate(lines, 1)
    ]
    kinds: list[pa.Field[Any]] = [
        pa.field(name, pa.int64()) for name in ("delivery_id", "file_no", "row_no")
    ]
    kinds += [pa.field(name, pa.string()) for name in ("source", "billing_currency")]
    instants = ("billing_period_start", "charge_period_start", "charge_period_end")
    kinds += [pa.field(name, pa.timestamp("us")) for name in instants]
    kinds += [pa.field(name, pa.decimal128(38, 21)) for name in COST_COLUMNS]
    engine.offer("lines", pa.Table.from_pylist(rows, pa.schema(kinds)))
    engine.replace([Write(table="charges", where="TRUE", select="SELECT * FROM lines")])
    first = min(line.start for line in lines).date()
    days = max((line.end.date() - first).days for line in lines) + 1
    calendar = [first + each * DAY for each in range(max(days, 1))]
    engine.offer(CALENDAR, pa.table({"day": pa.array(calendar, pa.date32())}))


def rolled(engine: DuckEngine, *, several_days: bool = True) -> list[dict[str, object]]:
    sql = daily([], "delivery_id = 1", several_days=several_days)
    engine.replace([Write(table="charge_daily", where="TRUE", select=sql)])
    return engine.query("SELECT * FROM charge_daily ORDER BY day").to_pylist()


instants = st.datetimes(at("2026-01-01"), at("2026-03-01")).map(
    lambda moment: moment.replace(microsecond=0)
)
amounts = st.decimals(-(10**7), 10**7, places=21, allow_nan=False)
lines = st.builds(
    Line,
    start=instants,
    end=instants,
    costs=st.tuples(amounts, amounts, amounts, amounts),
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(lines, min_size=1, max_size=6))
def test_each_day_has_what_the_definition_gives_it(
    engine: DuckEngine, given_lines: list[Line]
) -> None:
    land(engine, given_lines)
    expected: dict[tuple[date, str], list[Decimal]] = defaultdict(list)
    for line in given_lines:
        for cost, amount in zip(COST_COLUMNS, line.costs, strict=True):
            for day, part in shares(amount, seconds_by_day(line)).items():
                expected[day, cost].append(part)
    found = {(row["day"], cost): row[cost] for row in rolled(engine) for cost in COST_COLUMNS}
    assert found == {key: total(parts) for key, parts in expected.items()}


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(lines, min_size=1, max_size=6))
def test_days_add_up_to_the_charges(engine: DuckEngine, given_lines: list[Line]) -> None:
    land(engine, given_lines)
    rows = rolled(engine)
    for place, cost in enumerate(COST_COLUMNS):
        parts = [value for row in rows if isinstance(value := row[cost], Decimal)]
        assert total(parts) == total([line.costs[place] for line in given_lines])
    assert sum(count for row in rows if isinstance(count := row["charges"], int)) == len(
        given_lines
    )


def test_a_month_of_ten_units_is_a_third_of_a_unit_a_day(engine: DuckEngine) -> None:
    cost = Decimal("10e-12")
    land(engine, [Line(at("2026-01-01"), at("2026-01-31"), (cost,) * 4)])
    rows = rolled(engine)
    assert [row["effective_cost"] for row in rows] == [Decimal("1e-12")] * 10 + [0] * 20
    assert [row["charges"] for row in rows] == [1] + [0] * 29


def test_without_longer_charges_the_short_way_gives_the_same_rows(engine: DuckEngine) -> None:
    day = Line(at("2026-01-01"), at("2026-01-02"), (Decimal(1),) * 4)
    land(engine, [day, day])
    assert rolled(engine, several_days=False) == rolled(engine)


def test_no_attribute_is_null(engine: DuckEngine) -> None:
    land(engine, [Line(at("2026-01-01"), at("2026-01-02"), (Decimal(1),) * 4)])
    (row,) = rolled(engine)
    assert [name for name, value in row.items() if value is None] == []


def test_attributes_that_rules_and_dimensions_read_are_kept_too() -> None:
    dimension = Dimension(
        name="customer",
        fields=("tags.customer", "resource"),
        rules=(When(match={"sku": ("x",)}, value="y"),),
    )
    rule = Rule(name="r", driver="even", match=(Match(key="description"), Match(key="customer")))
    assert extra_attributes([dimension], [rule]) == ("description", "resource", "sku")
