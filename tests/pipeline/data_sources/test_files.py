"""A file is put where its source reads it, or nowhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.pipeline.data_sources.company import CONFIG, NOW, Company

from costper.errors import UserError
from costper.pipeline.data_sources.files import place_of
from costper.pipeline.local_files import local_files

NAMES = st.sampled_from(
    ["a.csv", "bill.csv", "A.CSV", "a.csv.gz", "b.parquet", "x y.tsv", "[a].csv", "ä.csv", "a.txt"]
)
PATHS = st.sampled_from(
    [
        *("in/*.csv", "in/**/*.csv", "in/**", "**/*.parquet", "*.csv*", "in", "in/", "in/a.csv"),
        *("in/?.csv", "in/[ab]*", "*/a.csv", "s3://bucket/in", "in/*/**/*.csv", "./in/*.csv"),
    ]
)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company.at(tmp_path)
    yield made
    made.books.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=PATHS, name=NAMES)
def test_what_has_a_place_is_read_there_and_what_has_none_changes_nothing(
    company: Company, path: str, name: str
) -> None:
    (company.root / "in").mkdir(exist_ok=True)
    text = CONFIG.replace("bills/*.csv", f'"{path}"')
    (company.root / "costper.yaml").write_text(text)
    declared = Company.settings_of(company.root).sources[0]
    read = company.books.settings
    try:
        place = place_of(read, declared, name, NOW)
    except UserError:
        return
    before = place.exists()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    found = [company.root / one.origin for one in local_files(read, declared, NOW)]
    assert place.resolve() in [one.resolve() for one in found]
    if not before:
        place.unlink()
