"""Text becomes exactly the amount, the time and the tags it says, or nothing."""
# ruff: noqa: DTZ001 - the books keep UTC without a zone

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from costper.model.charge import SQL_TYPES
from costper.sources import projection as sql
from costper.sources.headers import RawColumn

Builder = Callable[[RawColumn | None], str]
TEXT = RawColumn("x", "x")
LARGEST = Decimal(10**12) - 1
AMOUNTS = st.decimals(min_value=-LARGEST, max_value=LARGEST, places=21, allow_nan=False)


def read(build: Builder, values: list[Any], kind: str = "VARCHAR") -> list[Any]:
    """Read values through a built expression, as a column of a raw type."""
    with duckdb.connect() as session:
        session.execute("SET TimeZone = 'UTC'")
        session.execute(f"CREATE TABLE raw (n INTEGER, x {kind})")
        for number, value in enumerate(values):
            told = json.dumps(value) if isinstance(value, dict | list) else value
            given = f"CAST($told::JSON AS {kind})" if told is not value else "$told"
            session.execute(f"INSERT INTO raw SELECT {number}, {given}", {"told": told})
        expression = build(RawColumn("x", "x", kind))
        return [
            row[0] for row in session.execute(f"SELECT {expression} FROM raw ORDER BY n").fetchall()
        ]


@settings(deadline=None, max_examples=50)
@given(st.lists(AMOUNTS, min_size=1, max_size=30))
def test_an_amount_comes_back_to_the_last_digit_however_it_is_written(
    amounts: list[Decimal],
) -> None:
    plain = [format(amount, "f") for amount in amounts]
    assert read(sql.money, plain) == amounts
    assert read(sql.money, [f" ${amount:,f} " for amount in amounts]) == amounts
    assert read(sql.money, [f"({abs(amount):,f})" for amount in amounts]) == [
        -abs(amount) for amount in amounts
    ]
    assert read(sql.rounded, plain) == [False] * len(amounts)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.floats(-9e11, 9e11).filter(lambda x: x == 0 or abs(x) > 1e-4), min_size=1, max_size=20
    )
)
def test_a_double_is_the_amount_its_shortest_text_says(numbers: list[float]) -> None:
    expected = [Decimal(repr(number)) for number in numbers]
    assert read(sql.money, numbers, "DOUBLE") == expected


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("5e-06", "0.000005"),
        ("1E2", "100"),
        ("$10,000.00 ", "10000"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("(12.50)", "-12.5"),
        ("($1,234.50)", "-1234.5"),
        ("1,000,000", "1000000"),
        (".5", "0.5"),
        ("+3", "3"),
        ("", None),
        ("NULL", None),
        ("(null)", None),
        ("abc", None),
        ("1.234,56", None),
        ("1,23", None),
        ("--5", None),
        ("$", None),
        ("()", None),
        ("€5", None),
        ("nan", None),
        ("inf", None),
        ("1e400", None),
        ("123456789012345678", None),
        ("99999999999999999", None),
        ("1000000000000", None),
        ("1_000", None),
    ],
)
def test_amounts_in_every_dress(text: str, amount: str | None) -> None:
    assert read(sql.money, [text]) == [None if amount is None else Decimal(amount)]


@pytest.mark.parametrize(
    ("text", "is_rounded"),
    [
        ("0.1", False),
        ("0.0000000000000000000001", True),
        ("1.1234567890123456789010", False),
        ("1.1234567890123456789011", True),
        ("1e-22", True),
        ("5e-06", False),
        ("abc", False),
        ("", False),
    ],
)
def test_more_than_21_decimal_places_are_noticed(text: str, *, is_rounded: bool) -> None:
    assert read(sql.rounded, [text]) == [is_rounded]


def test_typed_amounts_are_read_as_they_are() -> None:
    assert read(sql.money, [Decimal("0.1"), None], "DECIMAL(38,10)") == [Decimal("0.1"), None]
    assert read(sql.money, [7], "BIGINT") == [Decimal(7)]
    assert read(sql.rounded, [1.2345678901234567e-07, 0.1], "DOUBLE") == [True, False]
    assert read(sql.rounded, [Decimal("1e-21")], "DECIMAL(38,21)") == [False]
    assert read(sql.money, [date(2026, 8, 1)], "DATE") == [None]


@settings(deadline=None, max_examples=40)
@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    minutes=st.integers(-14 * 60, 14 * 60),
)
def test_a_time_with_an_offset_is_that_moment_in_utc(moment: datetime, minutes: int) -> None:
    zoned = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes)))
    whole = moment.replace(microsecond=0)
    texts = [
        zoned.isoformat(),
        zoned.isoformat(" ").replace(":", "", 0),
        moment.isoformat(),
        moment.isoformat(" ") + "Z",
        moment.isoformat() + " UTC",
    ]
    assert read(sql.instant, texts) == [moment] * len(texts)
    short = [whole.strftime("%Y-%m-%d %H:%M:%S"), whole.strftime("%Y-%m-%dT%H:%M:%SZ")]
    assert read(sql.instant, short) == [whole] * 2


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-09-18 23:00:00", datetime(2024, 9, 18, 23)),
        ("2025-04-01", datetime(2025, 4, 1)),
        ("4/1/25", datetime(2025, 4, 1)),
        ("12/31/25", datetime(2025, 12, 31)),
        ("09/01/2023", datetime(2023, 9, 1)),
        ("9/1/2023 13:45", datetime(2023, 9, 1, 13, 45)),
        ("2025-07-5T00:00:00Z", datetime(2025, 7, 5)),
        ("2025/04/01", datetime(2025, 4, 1)),
        ("2025-04-01T00:00:00-0500", datetime(2025, 4, 1, 5)),
        ("2025-04-01 00:00+02", datetime(2025, 3, 31, 22)),
        ("2026-08-01 00:00:00 +0000 UTC", datetime(2026, 8, 1)),
        ("2026-08-01 02:00:00.5 -0500 EST", datetime(2026, 8, 1, 7, 0, 0, 500_000)),
        ("2026-08-01 00:00:00 EST", None),
        (" 2025-04-01 ", datetime(2025, 4, 1)),
        ("2025-05-01T30:00:00Z", None),
        ("2025-02-30", None),
        ("13/13/2025", None),
        ("31/12/2025", None),
        ("infinity", None),
        ("epoch", None),
        ("4", None),
        ("NULL", None),
        ("", None),
    ],
)
def test_times_in_every_dress(text: str, moment: datetime | None) -> None:
    assert read(sql.instant, [text]) == [moment]


def test_typed_times_are_utc() -> None:
    moment = datetime(2026, 8, 1, 12)
    assert read(sql.instant, [moment], "TIMESTAMP") == [moment]
    assert read(sql.instant, [moment.replace(tzinfo=UTC)], "TIMESTAMP WITH TIME ZONE") == [moment]
    assert read(sql.instant, [moment.date()], "DATE") == [moment.replace(hour=0)]
    assert read(sql.instant, [5], "BIGINT") == [None]


def test_a_day_is_that_of_its_zone() -> None:
    def berlin(raw: RawColumn | None) -> str:
        return sql.day_in(raw, "Europe/Berlin")

    texts = [
        "2026-08-01T22:30:00Z",
        "2026-08-01 22:30:00",
        "2026-08-01",
        "2026-08-02T01:00:00+04:00",
        "2026-08-01 22:30:00 +0000 UTC",
    ]
    assert read(berlin, texts) == [
        date(2026, 8, 2),
        date(2026, 8, 1),
        date(2026, 8, 1),
        date(2026, 8, 1),
        date(2026, 8, 2),
    ]
    moment = datetime(2026, 8, 1, 22, 30, tzinfo=UTC)
    assert read(berlin, [moment], "TIMESTAMP WITH TIME ZONE") == [date(2026, 8, 2)]
    assert read(lambda raw: sql.day_in(raw, "UTC"), texts[:1]) == [date(2026, 8, 1)]


def test_null_words_are_nothing_and_other_text_is_kept() -> None:
    words = ["", "NULL", "null", "(null)", " NULL ", "None", " x "]
    assert read(sql.text, words) == [None, None, None, None, " NULL ", "None", " x "]
    assert read(sql.trimmed, words) == [None, None, None, None, None, "None", "x"]
    assert read(sql.text, [1.5], "DOUBLE") == ["1.5"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("VARCHAR", '{"a": "b", " a": 1}', {"a": "b", " a": 1}),
        ("VARCHAR", '[{"key": "a", "value": "x, \\"y\\""}]', {"a": 'x, "y"'}),
        ("VARCHAR", '[{"key":"a","value":null},{"key":"b","value":"c"}]', {"a": None, "b": "c"}),
        ("VARCHAR", "[]", {}),
        ("VARCHAR", "NULL", None),
        ("MAP(VARCHAR, VARCHAR)", {"a'; DROP": "b"}, {"a'; DROP": "b"}),
        ('STRUCT("key" VARCHAR, "value" VARCHAR)[]', [{"key": "a", "value": "b"}], {"a": "b"}),
        ('STRUCT("a" VARCHAR, "b" INTEGER)', {"a": "x", "b": 1}, {"a": "x", "b": 1}),
    ],
)
def test_tags_become_a_json_object(kind: str, value: object, expected: object) -> None:
    [told] = read(sql.tags, [value], kind)
    assert (None if told is None else json.loads(told)) == expected


def test_flags_are_read_from_words() -> None:
    assert read(sql.flag, ["true", "Y", "0", " No ", "", "maybe"]) == [
        True,
        True,
        False,
        False,
        None,
        None,
    ]
    assert read(sql.flag, [True], "BOOLEAN") == [True]


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6),
        st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        min_size=1,
        max_size=4,
    )
)
def test_extras_are_json_with_every_value_that_is_said(values: dict[str, str | None]) -> None:
    columns = [RawColumn(f"c{n}", header) for n, header in enumerate(values)]
    raw = pa.table({f"c{n}": [value] for n, value in enumerate(values.values())})
    with duckdb.connect() as session:
        session.register("raw", raw)
        [told] = session.execute(f"SELECT {sql.extras(columns)} FROM raw").fetchone() or (None,)
    said = {k: v for k, v in values.items() if v is not None and v not in sql.NULLS}
    loose = {
        k: "".join(" " if c < " " and c not in "\n\r\t" else c for c in v) for k, v in said.items()
    }
    assert (json.loads(told) if told else {}) == loose


def test_a_column_that_is_not_there_is_a_typed_null() -> None:
    builders: dict[str, Builder] = {
        "text": sql.text,
        "money": sql.money,
        "quantity": sql.quantity,
        "instant": sql.instant,
        "tags": sql.tags,
        "json": sql.json,
        "flag": sql.flag,
    }
    for kind, build in builders.items():
        assert build(None) == f"CAST(NULL AS {SQL_TYPES[kind]})"  # type: ignore[index]
    assert sql.first(sql.text(None), sql.text(TEXT)) == sql.text(TEXT)
    assert sql.first(sql.text(None), sql.text(None)) == sql.null("text")


def test_columns_are_found_by_header_without_case_but_the_exact_one_wins() -> None:
    raw = sql.Raw([RawColumn("tag", "tag"), RawColumn("Tag__2", "Tag"), RawColumn("b", "b")])
    assert raw.find("Tag") == RawColumn("Tag__2", "Tag")
    assert raw.find("none", "B") == RawColumn("b", "b")
    assert raw.find("none") is None
    assert [c.name for c in raw.starting("TA")] == ["tag", "Tag__2"]
    assert [c.name for c in raw.others([raw.find("b"), None])] == ["tag", "Tag__2"]


@pytest.mark.parametrize("build", [sql.money, sql.instant, sql.tags, sql.trimmed, sql.flag])
def test_every_expression_can_be_said_in_spark(build: Builder) -> None:
    said = sqlglot.transpile(f"SELECT {build(TEXT)}", read="duckdb", write="spark")
    assert len(said) == 1
