"""`costper annotate`: told, listed, taken back."""

import json
from pathlib import Path

import pytest
from tests.cli.world import NOW, run

CONFIG = "organisation: Acme\ncurrency: USD\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "costper.yaml").write_text(CONFIG)
    return tmp_path


def test_an_event_is_told_listed_and_taken_back(folder: Path) -> None:
    words = ("--category", "deploy", "--scope", "service=checkout", "--id", "run-1")
    told = run(folder, "annotate", "add", "checkout 4.7.1", *words)
    assert (told.code, told.err) == (0, "")
    assert told.out == f"run-1  {NOW:%Y-%m-%dT%H:%M:%SZ}  deploy: checkout 4.7.1\n"
    run(folder, "annotate", "add", "checkout 4.7.1", *words)
    (row,) = json.loads(run(folder, "annotate", "list", "--json").out)["rows"]
    assert (row["scope"], row["actor"]) == ([{"dimension": "service", "value": "checkout"}], "cli")
    assert "checkout 4.7.1" in run(folder, "annotate", "list").out
    assert "run-1" in run(folder, "annotate", "list", "--csv").out
    assert run(folder, "annotate", "delete", "run-1").code == 0
    assert "nothing was told of" in run(folder, "annotate", "list").out
    assert run(folder, "annotate", "delete", "run-1").code == 2


def test_a_pipeline_that_tells_it_again_later_tells_nothing_new(folder: Path) -> None:
    first = run(folder, "annotate", "add", "v2", "--id", "r", "--at", "2026-11-05")
    again = run(folder, "annotate", "add", "v2", "--id", "r")
    assert (again.code, again.out) == (0, first.out)
    other = run(folder, "annotate", "add", "v3", "--id", "r")
    assert (other.code, "was told of before" in other.err) == (2, True)


def test_days_and_a_category_choose(folder: Path) -> None:
    run(folder, "annotate", "add", "prices", "--at", "2026-10-01", "--category", "price_change")
    run(folder, "annotate", "add", "party", "--at", "2026-11-05", "--until", "2026-11-06")
    november = run(folder, "annotate", "list", "--from", "2026-11", "--json")
    assert [row["title"] for row in json.loads(november.out)["rows"]] == ["party"]
    prices = run(folder, "annotate", "list", "--category", "price_change", "--json")
    assert [row["title"] for row in json.loads(prices.out)["rows"]] == ["prices"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "soon"), "no day and no instant"),
        (("--url", "ftp://x"), "no address"),
        (("--scope", "service"), "names no dimension and value"),
        (("--scope", "planet=earth"), "unknown dimension 'planet'"),
        (("--at", "2026-11-05", "--until", "2026-11-04"), "ends before it begins"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, words: tuple[str, ...], said: str) -> None:
    ran = run(folder, "annotate", "add", "x", *words)
    assert (ran.code, said in ran.err) == (2, True), ran.err
