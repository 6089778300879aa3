"""A folder of files reads like one file, and every value still knows where it stands."""

from pathlib import Path

import pytest
from tests.config.world import good, read, texts

MAIN = "currency: USD\ninclude: costper.d\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder that the settings include."""
    (tmp_path / "costper.d").mkdir()
    return tmp_path / "costper.d"


def test_sections_are_merged_and_rules_follow_in_the_order_of_file_names(
    tmp_path: Path, folder: Path
) -> None:
    (folder / "2.yaml").write_text("allocation:\n- {rule: two, driver: even}\n")
    (folder / "1.yml").write_text(
        "sources: {b: {type: bills, path: x}}\nallocation:\n- {rule: one, driver: even}\n"
    )
    (folder / "notes.txt").write_text("not: [read")
    settings = good(tmp_path, f"{MAIN}sources: {{a: {{type: bills, path: x}}}}\n")
    assert [one.name for one in settings.sources] == ["a", "b"]
    assert [(rule.name, rule.where) for rule in settings.allocation] == [
        ("one", "costper.d/1.yml:3"),
        ("two", "costper.d/2.yaml:2"),
    ]


def test_what_is_said_twice_names_both_files(tmp_path: Path, folder: Path) -> None:
    (folder / "a.yaml").write_text("\ncurrency: EUR\nsources: {b: {type: bills, path: x}}\n")
    (folder / "b.yaml").write_text("sources:\n  b: {type: bills, path: x}\n")
    assert texts(read(tmp_path, MAIN)) == [
        (
            "costper.d/a.yaml:2: 'currency' is written twice\n"
            "  hint: it already stands at costper.yaml:1; keep one of them"
        ),
        (
            "costper.d/b.yaml:2: 'b' is written twice\n"
            "  hint: it already stands at costper.d/a.yaml:3; keep one of them"
        ),
    ]


def test_an_included_file_cannot_include(tmp_path: Path, folder: Path) -> None:
    (folder / "a.yaml").write_text("include: more\n")
    assert texts(read(tmp_path, MAIN)) == ["costper.d/a.yaml:1: an included file cannot include"]


@pytest.mark.parametrize("name", ["..", "/etc", "no-such", "file.txt", "'a\\0b'", "''"])
def test_only_a_folder_of_the_project_can_be_included(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("")
    found = texts(read(tmp_path, f"currency: USD\ninclude: {name}\n"))
    assert found[0].startswith("costper.yaml:2: include: must name a folder beside this file")


def test_links_that_lead_out_or_round_are_refused(tmp_path: Path, folder: Path) -> None:
    (folder / "out.yaml").symlink_to("/etc/hostname")
    told = "costper.yaml:2: include: out.yaml is not a file of this project"
    assert texts(read(tmp_path, MAIN)) == [told]
    (folder / "out.yaml").unlink()
    (tmp_path / "loop").symlink_to("loop")
    found = texts(read(tmp_path, "currency: USD\ninclude: loop\n"))
    assert found[0].startswith("costper.yaml:2: include: must name a folder")
