"""The vendors' bills in the books: replaced, never doubled, equal to their files."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from tests.sources.projected import NOW, context, read

from costper.config.settings import Settings
from costper.sources import aws_cur, azure_cost, gcp_billing
from costper.sources.base import Source
from costper.store.books import Books, open_books
from costper.store.land import land_bill
from costper.store.landing import Landing

Land = tuple[Books, Callable[[Source, dict[str, object]], Sequence[Landing]]]
pytestmark = pytest.mark.shared("data/bills")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    root = tmp_path / "project"
    root.mkdir()
    settings = Settings(
        path=root / "costper.yaml",
        root=root,
        organisation="Acme",
        currency="USD",
        timezone="UTC",
        cost_of_record="effective_cost",
        dimensions=(),
    )
    opened = open_books(settings, now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def landing_of(books: Books, shared: Path, tmp_path: Path) -> Land:
    folder = shared / "data" / "bills"
    return books, lambda source, said: landed(books, source, said, folder, tmp_path)


def landed(
    books: Books, source: Source, said: dict[str, object], folder: Path, tmp_path: Path
) -> Sequence[Landing]:
    """Read and land what the settings name."""
    outcome = read(source, said, context(folder, tmp_path))
    assert not outcome.failed, outcome.issues
    return [land_bill(books, "bill", bill, now=NOW) for bill in outcome.items]


def held(books: Books) -> tuple[int, Decimal]:
    """Count the charges in the books and sum what they were billed."""
    [row] = books.engine.query(
        "SELECT count(*) AS n, sum(billed_cost) AS b FROM charges"
    ).to_pylist()
    return row["n"], row["b"]


def test_a_bill_before_and_after_it_is_final_stays_thirty(
    books: Books, shared: Path, tmp_path: Path
) -> None:
    folder = shared / "data" / "bills" / "koku"
    fates: list[str] = []
    for name in ("aws__2023-06-01-not-final.csv", "aws__2023-06-01.csv", "aws__2023-06-01.csv"):
        for landing in landed(books, aws_cur.SOURCE, {"path": name}, folder, tmp_path):
            fates += [scope.fate for scope in landing.scopes]
        assert held(books) == (3, Decimal(30))
    assert fates == ["landed", "replaced", "unchanged"]


OCP = "2059.163546593914125456791"


@pytest.mark.parametrize(
    ("source", "said", "expected"),
    [
        (aws_cur.SOURCE, {"path": "nise/aws_org*.csv.gz"}, (4320, Decimal(4320))),
        (aws_cur.SOURCE, {"path": "nise/aws_ocp*.csv.gz"}, (21576, Decimal(OCP))),
        (gcp_billing.SOURCE, {"path": "koku/gcp*.csv"}, (42, Decimal("0.000012"))),
        (
            azure_cost.SOURCE,
            {"actual": "koku/azure__azure_v*.csv"},
            (5, Decimal("19.998413754")),
        ),
    ],
    ids=["nise org", "nise ocp", "gcp", "azure"],
)
def test_what_landed_is_what_the_files_say_and_twice_is_once(
    landing_of: Land, source: Source, said: dict[str, object], expected: tuple[int, Decimal]
) -> None:
    books, land = landing_of
    for changed in (True, False):
        landings = land(source, said)
        assert [(one.bad, one.set_aside) for one in landings] == [(0, 0)] * len(landings)
        assert held(books) == expected
        unchanged = sum(one.unchanged for one in landings)
        assert unchanged == (0 if changed else expected[0])
