"""Nothing that was sent as an id of a person is anywhere on the disk, in logs or in messages."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pipeline.calls.people_world import people_books

from costper.events.batch import Batch
from costper.events.payload import read_payload
from costper.pipeline.calls.accept import accept
from costper.pipeline.calls.road import Calls, open_calls
from costper.pipeline.calls.told import plain_of
from costper.store.books import Books
from costper.store.spool import Spool

NOW_US = 1_795_240_800_000_000
SECRETS = ("Zaphod", "beeblebrox", "Trillian", "192.0.2.77", "marvin", "session-of-ford")
"""Parts of every raw id below; each is long enough not to stand anywhere by chance."""

PLAIN = {"provider": "openai", "model": "gpt-5", "inputTokens": 10, "endpointTag": "search"}
SENT = (
    {"userId": "Zaphod-7"},
    {"userId": "auth0|beeblebrox"},
    {"anonId": "Trillian-anonymous"},
    {"ipHash": "192.0.2.77"},
    {"userId": "jane", "sessionId": "<session-of-ford@hitchhikers.example>"},
    {"userId": "jane", "operationId": "marvin@hitchhikers.example"},
    {"userId": "jane", "externalRequestId": "marvin@hitchhikers.example"},
    {"userId": "Marvin@hitchhikers.example"},
    {"tenantId": "marvin@hitchhikers.example"},
    {"endpointTag": "/inbox/marvin%40hitchhikers.example"},
    {"tenantId": "anon\0Trillian-visitor"},
    {"anonId": "Trillian-visitor"},
    {"provider": "marvin@hitchhikers.example"},
    {"model": "ft:marvin@hitchhikers.example"},
    {"environment": "marvin@hitchhikers.example"},
    {"lines": [{"model": "marvin@hitchhikers.example"}]},
    {"lines": [{"model": "gpt-5", "part": "marvin@hitchhikers.example"}]},
)
SECTIONS = (
    "llm: {aliases: {auth0|beeblebrox: Zaphod-7}}",
    "llm: {hash_emails: true, aliases: {auth0|beeblebrox: Zaphod-7}}",
)


def told(calls: Calls) -> Batch:
    body = json.dumps([{**PLAIN, **said} for said in SENT]).encode()
    batch = accept(read_payload(body), calls.desk, now_us=NOW_US)
    calls.intake.offer(batch.events, NOW_US).result()
    return batch


def files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Give every file below a folder, and what is compressed in the spool also unpacked."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()
    if (folder / "spool.sqlite").exists():
        spool = Spool(folder / "spool.sqlite", folded=0)
        for batch in spool.after(0, most_events=10**6):
            yield folder / "spool.sqlite (unpacked)", bytes(plain_of(batch))
        spool.close()


def leaks(text: bytes) -> list[str]:
    plain = text.lower() + text.lower().replace(b"\0", b"")  # UTF-16 as well
    return [one for one in SECRETS if one.lower().encode() in plain]


def rows(books: Books) -> bytes:
    """Give all rows of all tables: in the file they are compressed."""
    tables = books.marts.query("SELECT table_name AS name FROM duckdb_tables()").to_pylist()
    return repr([books.marts.query(f"FROM {it['name']}").to_pylist() for it in tables]).encode()


def assert_private(folder: Path) -> None:
    found = {str(path): leaks(content) for path, content in files(folder)}
    assert {path: secrets for path, secrets in found.items() if secrets} == {}


@pytest.mark.parametrize("section", SECTIONS)
def test_no_raw_id_is_in_any_file_while_calls_wait_or_when_they_are_folded(
    section: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    books = people_books(tmp_path, section)
    with open_calls(books) as calls:
        batch = told(calls)
        assert_private(tmp_path / ".costper")
        calls.intake.fold_now()
        assert_private(tmp_path / ".costper")
    assert books.marts.query("SELECT * FROM calls").num_rows == len(batch.events) >= 7
    assert leaks(rows(books)) == []
    books.close()
    assert_private(tmp_path / ".costper")
    assert leaks(caplog.text.encode()) == []


def test_what_is_refused_is_told_by_index_without_repeating_it(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTIONS[0])
    with open_calls(books) as calls:
        batch = told(calls)
    assert [remark.index for remark in batch.rejected] == [7, 8, 9, 10, 12, 13, 14, 15, 16]
    assert leaks(repr(batch.rejected).encode()) == []
    books.close()


def test_a_failure_that_shows_its_objects_shows_no_raw_id(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTIONS[0])
    with open_calls(books) as calls:
        assert leaks(repr(calls).encode()) == []
        assert b"pepper" not in repr(calls.desk.admit).encode()
    books.close()


def test_the_search_for_leaks_finds_them(tmp_path: Path) -> None:
    for name, content in {
        "plain": b"x Zaphod-7 y",
        "lower": b"zaphod",
        "wide": "Zaphod".encode("utf-16-le"),
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AssertionError, match="Zaphod"):
            assert_private(tmp_path)
        (tmp_path / name).unlink()
