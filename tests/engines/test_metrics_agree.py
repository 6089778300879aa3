"""The metrics that Sail works out are those DuckDB works out, to the last digit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.engines.sail import SailEngine, fingerprint, sail
from tests.pipeline.measured_world import CONFIG, NOW, Measured, fill

from costper.config.settings import Settings
from costper.store.books import Books, open_books, prepare
from costper.store.control import Control
from costper.store.duckdb import DuckEngine

pytestmark = pytest.mark.sail

TABLES = ("metric_daily", "metric_facts", "metric_months")


@pytest.fixture(scope="module")
def session() -> Iterator[object]:
    with sail() as session:
        yield session


def sail_company(session: object, root: Path) -> Measured:
    """Books whose heavy side is Sail and whose marts are DuckDB."""
    wanted = fill(root)
    slices = wanted.store_path / "slices"
    slices.mkdir(parents=True)
    books = Books(
        settings=wanted,
        engine=SailEngine(session, slices),
        marts=DuckEngine(wanted.store_path / "marts.duckdb"),
        control=Control("sqlite://"),
        extra=(),
    )
    prepare(books, now=NOW)
    return Measured(root, books)


def duck_company(root: Path) -> Measured:
    wanted: Settings = fill(root)
    return Measured(root, open_books(wanted, now=NOW))


def state(company: Measured) -> dict[str, object]:
    return {
        name: fingerprint(company.books.marts.query(f"SELECT * FROM {name}")) for name in TABLES
    }


amounts = st.decimals(-(10**15), 10**15, places=6).map("{:f}".format)
lines = st.lists(
    st.tuples(
        st.dates(NOW.date().replace(year=2024), NOW.date()),
        amounts,
        st.sampled_from(["free", " PRO", "", "o'hara", "ﬁne"]),
        st.sampled_from(["eu", "EU", ""]),
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=5, phases=[Phase.generate])
@given(lines)
def test_generated_measurements_become_the_same_metrics(
    tmp_path_factory: pytest.TempPathFactory, session: object, drawn: list[tuple[object, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("both")
    ours, theirs = duck_company(folder / "duck"), sail_company(session, folder / "sail")
    for company in (ours, theirs):
        company.write("users", [",".join(map(str, line)) for line in drawn])
        company.write("peaks", [f"{day},{value},{value}" for day, value, *_ in drawn])
        company.write("monthly", [f"{day},{value},{plan}" for day, value, plan, _ in drawn])
        assert not company.sync().failed
    assert state(theirs) == state(ours)
    for company in (ours, theirs):
        company.write("users", ["2026-11-01,5,free,eu"])
        assert not company.sync().failed
    assert state(theirs) == state(ours)
    ours.books.close()
    theirs.books.close()


def test_weeks_begin_on_monday_on_both(tmp_path: Path, session: object) -> None:
    weekly = CONFIG.replace("grain: month", "grain: week")
    assert weekly != CONFIG
    days = [f"2026-{month:02}-{day:02},1,free" for month in (1, 2, 11) for day in range(1, 20)]
    ours, theirs = duck_company(tmp_path / "duck"), sail_company(session, tmp_path / "sail")
    for company in (ours, theirs):
        company.write("monthly", days)
        changed = fill(company.root, weekly)
        weeks = Measured(
            company.root,
            Books(
                settings=changed,
                engine=company.books.engine,
                marts=company.books.marts,
                control=company.books.control,
                extra=(),
            ),
        )
        assert not weeks.sync().failed
    assert state(theirs) == state(ours)
    mine = "SELECT DISTINCT day FROM metric_daily WHERE metric = 'monthly_active_users'"
    assert {row["day"].isoweekday() for row in ours.rows(mine)} == {1}
    ours.books.close()
    theirs.books.close()
