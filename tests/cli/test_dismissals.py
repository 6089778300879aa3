"""A saving that is dismissed stays on the list and is counted no more, until that is taken back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.cli.test_savings import asked, october, write
from tests.cli.world import run

from costper.allocation.drivers import DRIVERS
from costper.api.app import application
from costper.config.load import load_settings
from costper.sources import SOURCES
from costper.store.books import open_books
from costper.store.control import Control, sqlite_url
from costper.store.dismissals import all_dismissals, dismissals_mark

DAYS = ("--from", "2026-10", "--to", "2026-11")
HTTP_DAYS = {"from": "2026-10-01", "to": "2026-11-01"}
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    write(tmp_path, list(october()))
    ran = run(tmp_path, "sync")
    assert ran.code == 0, ran.err
    return tmp_path


def test_it_comes_last_and_only_the_total_of_the_dismissed_counts_it(seed: Path) -> None:
    spare, nights = asked(seed, "savings", *DAYS)["rows"]
    ran = run(seed, "savings", *DAYS, "--dismiss", spare["finding"], "kept", "for the audit")
    assert (ran.code, "--restore" in ran.err) == (0, True)
    answer = asked(seed, "savings", *DAYS)
    assert [row["finding"] for row in answer["rows"]] == [nights["finding"], spare["finding"]]
    total, last = answer["total"], answer["rows"][-1]
    assert (total["findings"], total["monthly_saving"]) == (1, nights["monthly_saving"])
    assert (total["dismissed_findings"], total["dismissed_saving"]) == (1, spare["monthly_saving"])
    assert [kind["kind"] for kind in total["kinds"]] == ["nights_and_weekends"]
    assert (last["dismissed_note"], bool(last["dismissed"])) == ("kept for the audit", True)
    assert "dismissed and not counted: 1" in run(seed, "savings", *DAYS).out


def test_it_is_counted_again_when_that_is_taken_back(seed: Path) -> None:
    before = asked(seed, "savings", *DAYS)
    name = before["rows"][0]["finding"]
    assert run(seed, "savings", *DAYS, "--dismiss", name).code == 0
    assert run(seed, "savings", *DAYS, "--restore", name).code == 0
    assert asked(seed, "savings", *DAYS)["total"] == before["total"]
    again = run(seed, "savings", *DAYS, "--restore", name)
    assert (again.code, "unknown dismissed finding" in again.err) == (2, True)


@pytest.mark.parametrize("words", [("nobody",), ("",), ("nobody", "x" * 501)])
def test_what_is_no_finding_is_not_dismissed(seed: Path, words: tuple[str, ...]) -> None:
    ran = run(seed, "savings", *DAYS, "--dismiss", *words)
    assert (ran.code, "unknown finding" in ran.err) == (2, True)


def client(seed: Path) -> tuple[TestClient, Any]:
    settings = load_settings(
        seed / "costper.yaml", catalogue=SOURCES, drivers=tuple(DRIVERS), environment={}
    )
    books = open_books(settings, now=NOW)
    app = application(books, clock=lambda: NOW, local=True)
    return TestClient(app, base_url="http://localhost"), books


def test_over_http_the_same_and_the_kept_answer_is_renewed(seed: Path) -> None:
    asking, books = client(seed)
    try:
        first = asking.get("/api/v1/savings", params=HTTP_DAYS)
        name = first.json()["rows"][0]["finding"]
        path = f"/api/v1/savings/{name}/dismissal"
        said = asking.post(path, params=HTTP_DAYS, json={"note": "known"})
        assert said.status_code == 200, said.text
        after = asking.get(
            "/api/v1/savings", params=HTTP_DAYS, headers={"If-None-Match": first.headers["etag"]}
        )
        assert (after.status_code, after.json()["total"]["dismissed_findings"]) == (200, 1)
        assert (after.json()["rows"][-1]["finding"], after.json()["rows"][-1]["dismissed_by"]) == (
            name,
            "local",
        )
        assert all_dismissals(books.control)[name].note == "known"
        assert asking.post(path, params=HTTP_DAYS, json={"why": "x"}).status_code == 400
        unknown = asking.post("/api/v1/savings/none/dismissal", params=HTTP_DAYS, json={})
        assert unknown.status_code == 404
        assert asking.delete(path, params=HTTP_DAYS).json()["total"] == first.json()["total"]
    finally:
        books.close()


def test_a_store_from_before_dismissals_opens(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "control.sqlite")
    Control(url, revision="0006").close()
    control = Control(url)
    assert (all_dismissals(control), dismissals_mark(control)) == ({}, "")
    control.close()
