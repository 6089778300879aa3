"""Paths start at the project, stay in it, and say what is wrong with them."""

import os
from glob import glob
from pathlib import Path

import pytest
from tests.sources.reading import context_at

from costper.errors import UserError
from costper.sources.paths import find, globbed


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "bills" / "deep").mkdir(parents=True)
    for name in ("bills/b.csv", "bills/a.csv", "bills/deep/c.csv", "other.csv"):
        (root / name).write_text("x\n1\n")
    return root


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ("bills/a.csv", ["bills/a.csv"]),
        ("bills/*.csv", ["bills/a.csv", "bills/b.csv"]),
        ("bills/**/*.csv", ["bills/a.csv", "bills/b.csv", "bills/deep/c.csv"]),
        ("bills/[b].csv", ["bills/b.csv"]),
        (["other.csv", "bills/*.csv", "bills/a.csv"], ["other.csv", "bills/a.csv", "bills/b.csv"]),
    ],
)
def test_patterns_give_each_file_once_in_order(
    project: Path, patterns: str | list[str], names: list[str]
) -> None:
    found = find(patterns, context_at(project), outside=False)
    assert [one.origin for one in found] == names


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("bills/missing.csv", "is missing"),
        ("bills/*.txt", "no file matches"),
        ("bills", "is a folder"),
        ("", "cannot be empty"),
        ("../secret.csv", "outside the project"),
        ("link-out.csv", "outside the project"),
        ("folder-out/secret.csv", "outside the project"),
        ("loop.csv", "cannot be followed"),
        ("loop.csv/x.csv", "cannot be followed"),
        ("dangling.csv", "is missing"),
        ("a.csv\0", "cannot be empty"),
    ],
)
def test_a_wrong_path_says_where_it_is_written_and_why(
    project: Path, pattern: str, says: str
) -> None:
    (project.parent / "secret.csv").write_text("x\n1\n")
    (project / "link-out.csv").symlink_to(project.parent / "secret.csv")
    (project / "folder-out").symlink_to(project.parent)
    (project / "loop.csv").symlink_to(project / "pool.csv")
    (project / "pool.csv").symlink_to(project / "loop.csv")
    (project / "dangling.csv").symlink_to(project / "nothing.csv")
    with pytest.raises(UserError, match=says) as caught:
        find(pattern, context_at(project), outside=False)
    assert caught.value.where == "costper.yaml:7"
    assert caught.value.hint


def test_a_path_may_leave_the_project_where_that_is_said(project: Path) -> None:
    (project.parent / "shared.csv").write_text("x\n1\n")
    [found] = find("../shared.csv", context_at(project), outside=True)
    assert found.path.read_text() == "x\n1\n"


def test_links_to_one_file_count_once(project: Path) -> None:
    (project / "bills" / "z.csv").symlink_to(project / "bills" / "a.csv")
    found = find("bills/*.csv", context_at(project), outside=False)
    assert [one.origin for one in found] == ["bills/a.csv", "bills/b.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(project: Path) -> None:
    (project / "other.csv").chmod(0)
    with pytest.raises(UserError, match="may not be read"):
        find("other.csv", context_at(project), outside=False)


def test_links_that_lead_round_are_walked_once(project: Path) -> None:
    for name in ("one", "two", "three", "four"):
        (project / "round" / name).mkdir(parents=True)
        (project / "round" / name / f"{name}.csv").write_text("x")
    for name in ("one", "two", "three", "four"):
        for other in ("one", "two", "three", "four"):
            (project / "round" / name / f"to-{other}").symlink_to(project / "round" / other)
    (project / "round" / "up").symlink_to(project)
    (project / "round" / "itself").symlink_to("itself")
    (project / "round" / "nowhere").symlink_to("nothing")
    found = globbed("round/**/*.csv", project)
    assert len(found) == len({(project / name).resolve() for name in found})
    names = {Path(name).name for name in found}
    assert {"one.csv", "two.csv", "three.csv", "four.csv", "a.csv"} <= names


@pytest.mark.parametrize(
    "pattern",
    ["**/*.csv", "bills/**", "**", "*/**/*.csv", "bills/**/deep/*.csv", "**/x/**/y.csv", "*.csv"],
)
def test_without_links_a_pattern_matches_what_glob_does(project: Path, pattern: str) -> None:
    for name in ("bills/deep/b.csv", "bills/x/deep/c.csv", "x/a/b/y.csv", ".hidden/h.csv"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("x")
    plain = glob(pattern, root_dir=project, recursive=True)  # noqa: PTH207 - the oracle
    files = {name for name in plain if (project / name).is_file()}
    assert {name for name in globbed(pattern, project) if (project / name).is_file()} == files
    absolute = globbed(str(project / pattern), Path("/nowhere"))
    assert {name for name in absolute if Path(name).is_file()} == {
        str(project / name) for name in files
    }
