"""Landing on Sail gives the same books as landing on DuckDB, to the last digit."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import inf
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.engines.sail import SailEngine, fingerprint, sail
from tests.ledger import settings as plain_settings
from tests.store.raw_bills import MAY, NOW, Desk, Row, charge, days
from tests.store.raw_series import land, on

from costper.errors import BooksError
from costper.store.books import Books, prepare
from costper.store.control import Control
from costper.store.duckdb import DuckEngine
from costper.store.engine import Ask, Write

pytestmark = pytest.mark.sail

TABLES = ("charges", "charge_daily", "charge_daily_superseded", "bad_charges", "landed")


@pytest.fixture(scope="module")
def session() -> Iterator[object]:
    with sail() as session:
        yield session


def sail_desk(session: object, folder: Path) -> Desk:
    """Books whose heavy side is Sail and whose marts are DuckDB."""
    slices = folder / "slices"
    slices.mkdir(parents=True)
    books = Books(
        settings=plain_settings(folder),
        engine=SailEngine(session, slices),
        marts=DuckEngine(folder / "marts.duckdb"),
        control=Control("sqlite://"),
        extra=("resource",),
    )
    prepare(books, now=NOW)
    return Desk(folder, books)


def duck_desk(folder: Path) -> Desk:
    folder.mkdir(parents=True)
    engine = DuckEngine(folder / "books.duckdb")
    books = Books(
        settings=plain_settings(folder),
        engine=engine,
        marts=engine,
        control=Control("sqlite://"),
        extra=("resource",),
    )
    prepare(books, now=NOW)
    return Desk(folder, books)


def state(desk: Desk) -> dict[str, object]:
    return {name: fingerprint(desk.books.engine.query(f"SELECT * FROM {name}")) for name in TABLES}


def told(desk: Desk) -> list[tuple[list[str], list[str]]]:
    return [
        ([scope.fate for scope in bill.scopes], [issue.message for issue in bill.issues])
        for bill in desk.landings
    ]


amounts = st.decimals(-(10**9), 10**9, places=21, allow_nan=False).map("{:f}".format)
lines = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from(["day", "hour", "month", "odd"]),
        amounts,
        amounts,
        st.sampled_from(["i-1", "'; DROP", "", None]),
    ),
    min_size=1,
    max_size=10,
)
SPANS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "month": timedelta(days=30),
    "odd": timedelta(days=2, hours=7, seconds=13),
}


def rows_of(drawn: list[tuple[int, str, str, str, str | None]]) -> list[Row]:
    rows: list[Row] = []
    for offset, span, billed, effective, resource in drawn:
        day = MAY + timedelta(days=offset)
        start = f"{day}T05:30:00"
        end = datetime.fromisoformat(start) + SPANS[span]
        rows.append(
            charge(
                day,
                billed,
                effective_cost=effective,
                charge_period_start=start,
                charge_period_end=end.isoformat(),
                resource_id=resource,
            )
        )
    return rows


@settings(deadline=None, max_examples=6, phases=[Phase.generate])
@given(lines)
def test_generated_bills_land_alike(
    tmp_path_factory: pytest.TempPathFactory,
    session: object,
    drawn: list[tuple[int, str, str, str, str | None]],
) -> None:
    folder = tmp_path_factory.mktemp("both")
    ours, theirs = duck_desk(folder / "duck"), sail_desk(session, folder / "sail")
    rows = rows_of(drawn)
    for desk in (ours, theirs):
        desk.land(rows)
    assert state(theirs) == state(ours)
    assert theirs.landings[0].totals == ours.landings[0].totals
    ours.books.close()
    theirs.books.close()


def test_a_story_of_deliveries_ends_alike(tmp_path: Path, session: object) -> None:
    ours, theirs = duck_desk(tmp_path / "duck"), sail_desk(session, tmp_path / "sail")
    for desk in (ours, theirs):
        first = desk.file(days(MAY, 3))
        desk.land(first)
        desk.land(first)
        desk.land([*days(MAY, 3, "2"), charge(MAY, "ten"), charge(MAY, billing_account_id=None)])
        desk.land(days(MAY, 2, "9"))
        desk.land([*days(MAY, 4, "0.1"), *days(MAY, 4, "7", billing_account_id="b")])
        desk.land(desk.file([charge(MAY, "3", billing_account_id="c")]), mode="append")
    assert state(theirs) == state(ours)
    assert told(theirs) == told(ours)
    ours.books.close()
    theirs.books.close()


def test_measurements_land_and_restate_alike(tmp_path: Path, session: object) -> None:
    ours, theirs = duck_desk(tmp_path / "duck"), sail_desk(session, tmp_path / "sail")
    found = [
        (
            land(desk, [on(0, "0.000001"), on(1, "2"), on(1, "5", "globex"), (None, "1", "x")]),
            land(desk, [on(1, "20"), on(1, "7", "'; DROP"), on(2, "3")]),
        )
        for desk in (ours, theirs)
    ]
    assert found[0] == found[1]
    for name in ("measurements", "restatements"):
        rows = [fingerprint(d.books.engine.query(f"SELECT * FROM {name}")) for d in (ours, theirs)]
        assert rows[0] == rows[1]
    ours.books.close()
    theirs.books.close()


def test_a_check_undoes_the_writes_on_sail_too(tmp_path: Path, session: object) -> None:
    desk = sail_desk(session, tmp_path / "sail")
    desk.land(days(MAY, 1))
    before = state(desk)

    def refuse(ask: Ask) -> None:
        assert ask("SELECT * FROM charges", None).num_rows == 0
        raise BooksError("no")

    with pytest.raises(BooksError, match="no"):
        desk.books.engine.replace([Write(table="charges", where="TRUE")], check=refuse)
    assert state(desk) == before
    desk.books.close()


SHARE = "SELECT CAST(day AS DOUBLE) / CAST(first AS DOUBLE) AS share FROM calendar JOIN spans "


@pytest.mark.parametrize(
    ("which", "shares"),
    [
        ("ON day >= first WHERE first > 1", []),
        ("ON day >= first WHERE first = 1 ORDER BY share", [1.0, 2.0]),
        ("ON day > first WHERE first = 0 ORDER BY share", [inf, inf]),
    ],
)
def test_a_division_is_by_zero_only_where_a_row_divides_by_zero(
    tmp_path: Path, session: object, which: str, shares: list[float]
) -> None:
    """Not where a join hands on a batch without rows, as it may for charges of several days."""
    both = (SailEngine(session, tmp_path), DuckEngine(tmp_path / "books.duckdb"))
    for engine in both:
        engine.offer("calendar", pa.table({"day": pa.array([0, 1, 2], pa.int64())}))
        engine.offer("spans", pa.table({"first": pa.array([0, 1, 9], pa.int64())}))
        assert engine.query(SHARE + which)["share"].to_pylist() == shares
        engine.close()
