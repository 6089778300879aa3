"""Data sources as people see them: how each stands, what its last sync met, and how far one is."""

from tests.web.shown import page_of, snapshots, text_of

from costper.web.pages.connect import ADD
from costper.web.pages.source import SOURCE
from costper.web.pages.sources import SOURCES
from costper.web.told import Told

ALL = {"sources": "sources", "sync": "sync", "metrics": "metric_list"}
ONE = {"source": "source", "met": "source_issues", "sync": "sync", "metrics": "metric_list"}
WORK = {
    "state": "running",
    "source": "bill",
    "stage": "landing 1,000 rows",
    "started_at": "2026-11-02T09:59:00Z",
    "actor": "local",
    "sources": 2,
    "sources_done": 1,
    "rows": 1200,
    "errors": 0,
    "warnings": 0,
}
RUNNING = Told(200, {"total": WORK, "rows": []})


def test_every_source_says_how_it_stands_and_what_to_do() -> None:
    text = text_of(SOURCES, "/sources", snapshots(ALL))
    assert "old Bill · focus_file Late 30 Sep 2026" in text
    assert "Its newest day is 2026-09-30, 51 days ago; 2026-11-15 was due." in text
    assert "No newer delivery has come: put the newer file in old.csv, then press Sync now." in text
    assert "Failing" in text
    assert "Never synced" in text
    assert "no file matches 'missing/*.csv'" in text


def test_the_last_sync_is_told_source_by_source() -> None:
    text = text_of(SOURCES, "/sources", snapshots(ALL))
    assert "Last sync failed" in text
    assert "54 rows of 6 sources, 2 errors, 5 warnings." in text
    assert "requests 3 rows, 1 error, 1 warning failed" in text


def test_a_metric_opens_in_the_explorer_as_query_a() -> None:
    page = page_of(SOURCES, "/sources", snapshots(ALL))
    assert 'href="/explorer?a=metric%20requests"' in page.replace("+", "%20")


def test_a_running_sync_is_looked_at_again_and_no_second_is_offered() -> None:
    page = page_of(SOURCES, "/sources", {**snapshots(ALL), "sync": RUNNING})
    assert 'data-again="1500"' in page
    assert "1 of 2 sources, " in page
    assert "landing 1,000 rows" in page
    assert 'action="/sources/sync"' not in page


def test_issues_of_one_source_stand_with_their_file_and_row() -> None:
    text = text_of(SOURCE, "/sources/requests", snapshots(ONE), name="requests")
    assert "usage.csv:3 warning 'ten' is no number of requests" in text
    assert "usage.csv:4 error 'soon' is no day or time of requests" in text
    assert "usage.csv 62 bytes · 20 Nov 2026, 06:00 UTC" in text
    assert "a file put there by hand is read by the next sync too" in text


def test_a_source_of_one_file_takes_any_file_under_that_name() -> None:
    page = page_of(SOURCE, "/sources/requests", snapshots(ONE), name="requests")
    assert 'data-upload="requests" data-as="usage.csv"' in page


def test_no_source_at_all_leads_to_connecting_one() -> None:
    none = {"sources": Told(200, {"rows": [], "total": {}}), "sync": RUNNING}
    assert 'href="/connect"' in page_of(SOURCES, "/sources", none)


def test_a_metric_that_is_connected_says_what_it_measures() -> None:
    form = {"type": "csv", "kind": "measurements", "name": "dau", "path": "usage/"}
    one = ADD.sends({**form, "value": "n", "metric_kind": "active_users"}, {})
    assert one.body is not None
    assert one.body["metrics"] == {"dau": "active_users"}
    said = {"values": "orders: o, seats: s", "metric_kinds": "seats: balance"}
    several = ADD.sends({**form, **said}, {})
    assert several.body is not None
    assert several.body["metrics"] == {"orders": "", "seats": "balance"}
