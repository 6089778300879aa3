"""Every source is listed once for its kind, with a manual page of its own."""

from pathlib import Path

from costper import sources
from costper.sources import SOURCES, catalogue, source_of


def test_a_type_name_means_one_source_of_each_kind() -> None:
    names = [(one.name, one.kind) for one in catalogue()]
    assert len(set(names)) == len(names)
    for one in SOURCES:
        assert source_of(one.name, one.kind) is one


def test_every_source_that_stands_in_the_folder_is_listed() -> None:
    folder = Path(sources.__file__).parent
    declared = sum(
        line.split(" = ")[-1].startswith("Source(")
        for path in folder.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    assert len(SOURCES) == declared
