"""Syncs over HTTP: one at a time, told step by step, ended cleanly when the server stops."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.test_sources import client_of, got
from tests.pipeline.data_sources.company import NOW, Company

from costper.errors import BusyError, StoppedError
from costper.pipeline.data_sources.job import stopped_with
from costper.pipeline.sync import sync
from costper.pipeline.workdir import workdir
from costper.store.audit import entries
from costper.store.deliveries import current, pending
from costper.store.keys import add_key

SYNC = "/api/v1/sync"


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company.at(tmp_path)
    yield made
    with stopped_with(made.books):
        pass
    made.books.close()


def post(company: Company, body: object, secret: str = "") -> tuple[int, dict[str, Any]]:
    reply = client_of(company, secret).post(SYNC, json=body)
    return reply.status_code, reply.json()


class Gate:
    """Holds a sync where it first tells of progress, until it is opened."""

    def __init__(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        tell = company.books.activity.tell

        def held(text: str) -> None:
            tell(text)
            self.reached.set()
            assert self.opened.wait(60)
            tell(text)

        monkeypatch.setattr(company.books.activity, "tell", held)


def test_a_sync_is_accepted_and_told_until_it_is_over(company: Company) -> None:
    status, begun = post(company, {"sources": ["users", "bill"]})
    assert (status, begun["total"]["actor"]) == (202, "local")
    company.books.activity.wait()
    found = got(company, SYNC)
    assert [(row["source"], row["state"]) for row in found["rows"]] == [
        ("bill", "ok"),
        ("users", "ok"),
    ]
    assert (found["total"]["state"], found["total"]["rows"]) == ("ok", 20)
    assert found["total"]["ended_at"] >= found["total"]["started_at"]
    bills = client_of(company).get("/api/v1/costs/trend?from=2026-11-01&to=2026-11-19").json()
    assert bills["total"]["cost"] == "27.00"  # allocated as well
    assert [(one.action, one.subject, one.actor) for one in entries(company.books.control)][:1] == [
        ("sync started", "bill, users", "local")
    ]


def test_a_second_sync_is_told_what_runs(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(company, monkeypatch)
    assert post(company, {"sources": ["bill"]})[0] == 202
    assert gate.reached.wait(60)
    status, problem = post(company, {})
    assert (status, problem["type"]) == (409, "urn:costper:problem:sync-running")
    assert "bill: reading" in problem["detail"]
    with pytest.raises(BusyError, match="another sync is running: bill: reading"):
        sync(company.books, now=NOW)
    now = got(company, SYNC)
    assert (now["total"]["state"], now["total"]["source"]) == ("running", "bill")
    assert now["rows"][0]["stage"] == "reading"
    tag = client_of(company).get(SYNC).headers["etag"]
    gate.opened.set()
    company.books.activity.wait()
    later = client_of(company).get(SYNC, headers={"If-None-Match": tag})
    assert later.json()["total"]["state"] == "ok"
    assert post(company, {"sources": ["users"]})[0] == 202


def test_a_server_that_stops_ends_the_sync_and_the_next_one_does_what_is_left(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(company, monkeypatch)
    assert post(company, {"sources": ["bill", "users"]})[0] == 202
    assert gate.reached.wait(60)
    opening = threading.Timer(0, gate.opened.set)
    company.books.activity.stop(lambda _thread: opening.start() if not opening.ident else None)
    found = got(company, SYNC)
    assert found["total"]["state"] == "stopped"
    assert [row["state"] for row in found["rows"]] == ["waiting", "waiting"]
    assert [issue["code"] for issue in found["issues"]] == ["sync_stopped"]
    assert (current(company.books.control), pending(company.books.control)) == ((), ())
    assert post(company, {})[0] == 503
    with pytest.raises(StoppedError):
        sync(company.books, now=NOW)
    company.books.close()
    again = Company.opened(company.root)
    assert again.sync("bill").sources[0].changed
    again.books.close()


def test_what_came_of_the_last_sync_is_told_after_a_restart(company: Company) -> None:
    company.sync("bill", "broken")
    company.books.close()
    company.books = Company.opened(company.root).books
    found = got(company, SYNC)
    assert [(row["source"], row["state"]) for row in found["rows"]] == [
        ("bill", "ok"),
        ("broken", "failed"),
    ]
    assert (found["total"]["state"], found["total"]["actor"]) == ("failed", "cli")


def test_before_the_first_sync_there_is_nothing_to_tell(company: Company) -> None:
    assert got(company, SYNC)["total"]["state"] == "never"


@pytest.mark.parametrize(
    ("body", "parameter"),
    [({"sources": ["bil"]}, "sources"), ({"sources": "bill"}, "sources"), ({"x": 1}, "x")],
)
def test_what_is_wrong_is_named_and_nothing_begins(
    company: Company, body: object, parameter: str
) -> None:
    status, problem = post(company, body)
    assert (status, problem["parameter"]) == (400, parameter)
    assert got(company, SYNC)["total"]["state"] == "never"


def test_a_sync_waits_until_calls_have_been_charged(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(company, monkeypatch)
    with workdir(company.books):
        assert post(company, {"sources": ["users"]})[0] == 202
        assert gate.reached.wait(60)
        assert got(company, SYNC)["total"]["stage"] == "waiting: calls are being charged"
    gate.opened.set()
    company.books.activity.wait()
    assert got(company, SYNC)["total"]["state"] == "ok"


def test_only_a_key_that_may_write_begins_a_sync(company: Company) -> None:
    control = company.books.control
    for scope, status in (("read", 403), ("customer:acme", 403), ("write", 202)):
        secret = add_key(control, scope.replace(":", " "), (scope,), now=NOW)
        assert post(company, {"sources": ["users"]}, secret)[0] == status
    company.books.activity.wait()
    assert client_of(company).post(SYNC, json={}).status_code == 401


def test_a_page_of_elsewhere_cannot_begin_one_unasked(company: Company) -> None:
    client = client_of(company)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert client.post(SYNC, content="{}", headers={"Content-Type": kind}).status_code == 415


def test_a_fault_in_the_thread_is_told_and_the_next_sync_may_begin(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object, **_named: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("costper.pipeline.data_sources.job.apply", fails)
        assert post(company, {"sources": ["users"]})[0] == 202
        company.books.activity.wait()
    found = got(company, SYNC)
    assert (found["total"]["state"], found["issues"][0]["code"]) == ("failed", "sync_failed")
    assert post(company, {"sources": ["users"]})[0] == 202
