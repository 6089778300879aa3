"""Files sent to a source over HTTP: in their place whole, over no other unasked, nowhere else."""

import gzip
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx
import pytest
from openapi_spec_validator import validate
from tests.api.test_sources import client_of, got
from tests.pipeline.data_sources.company import CONFIG, NOW, Company, bill

from costper.api import uploads
from costper.store.audit import entries
from costper.store.keys import add_key

OCTOBER = bill(date(2026, 10, 1), date(2026, 10, 31)).encode()
CSV = {"Content-Type": "text/csv"}
"""What the header of a body says."""


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company.at(tmp_path)
    yield made
    made.books.close()


@pytest.fixture
def folder_of_all(tmp_path: Path) -> Iterator[Company]:
    config = CONFIG.replace("sources:", "sources:\n  all: {type: focus_file, path: all/}", 1)
    made = Company.at(tmp_path, config)
    yield made
    made.books.close()


def put(
    company: Company,
    place: str,
    body: bytes = OCTOBER,
    *,
    secret: str = "",
    kind: str = "text/csv",
    **query: str,
) -> httpx.Response:
    source, _, name = place.partition("/")
    path = f"/api/v1/sources/{source}/files/{quote(name, safe='')}"
    headers = {"Content-Type": kind} if kind else {}
    return client_of(company, secret).put(path, content=body, headers=headers, params=query)


def left(company: Company) -> list[str]:
    """Name what lies in the folders of the project, beside the books."""
    work = company.root / ".costper" / "work"
    return sorted(
        path.relative_to(company.root).as_posix()
        for path in company.root.rglob("*")
        if path.is_file() and (".costper" not in path.parts or path.is_relative_to(work))
        if path.name != "sync.lock"
    )


def test_a_file_is_put_among_those_of_its_source_and_the_next_sync_reads_it(
    company: Company,
) -> None:
    company.sync("bill")
    reply = put(company, "bill/october.csv")
    assert reply.status_code == 200, reply.text
    (row,) = reply.json()["rows"]
    assert (row["file"], row["fate"], row["bytes"]) == (
        "bills/october.csv",
        "created",
        len(OCTOBER),
    )
    assert (company.root / "bills" / "october.csv").read_bytes() == OCTOBER
    (found,) = got(company, "/api/v1/sources/bill")["rows"]
    assert (found["files_count"], found["files_waiting"]) == (2, 1)
    assert "1 file changed since the last sync" in found["next_step"]
    assert company.sync("bill").sources[0].changed
    (found,) = got(company, "/api/v1/sources/bill")["rows"]
    assert (found["first_day"], found["newest_day"]) == ("2026-10-01", "2026-11-18")


def test_the_same_bytes_again_change_nothing_and_others_replace_only_when_told_to(
    company: Company,
) -> None:
    fates = [put(company, "bill/october.csv").json()["rows"][0]["fate"] for _ in range(2)]
    assert fates == ["created", "unchanged"]
    other = OCTOBER.replace(b"1.5", b"2.5")
    refused = put(company, "bill/october.csv", other)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:costper:problem:other-file")
    assert "?replace=true" in refused.json()["hint"]
    assert (company.root / "bills" / "october.csv").read_bytes() == OCTOBER
    replaced = put(company, "bill/october.csv", other, replace="true")
    assert replaced.json()["rows"][0]["fate"] == "replaced"
    assert (company.root / "bills" / "october.csv").read_bytes() == other
    told = [(one.action, one.subject, one.actor) for one in entries(company.books.control)]
    assert told == [
        ("file uploaded", "bill: bills/october.csv", "local"),
        ("file replaced", "bill: bills/october.csv", "local"),
    ]


def test_a_source_of_one_file_takes_that_file_and_a_pattern_what_matches(
    company: Company,
) -> None:
    assert put(company, "old/old.csv", replace="true").status_code == 200
    assert put(company, "broken/first.csv").status_code == 200  # its folder is made
    assert (company.root / "missing" / "first.csv").is_file()
    for place, path in (("old/new.csv", "old.csv"), ("bill/october.csv.gz", "bills/*.csv")):
        reply = put(company, place)
        assert (reply.status_code, reply.json()["parameter"]) == (409, "filename")
        assert path in reply.json()["hint"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.csv",
        "../../etc/cron.csv",
        "a/b.csv",
        "a\\b.csv",
        "..",
        ".hidden.csv",
        " spaced.csv",
        "a\0.csv",
        "a\n.csv",
        "\u202egnp.csv",
        "x" * 250 + ".csv",
        "costper.yaml",
        "bill.sh",
        "",
    ],
)
def test_hostile_names_are_refused_and_nothing_is_left(company: Company, name: str) -> None:
    before = left(company)
    reply = put(company, f"bill/{name}")
    assert 400 <= reply.status_code < 500, reply.text
    assert left(company) == before


def test_what_reads_no_local_files_and_what_nobody_declared_is_told(company: Company) -> None:
    reply = put(company, "elsewhere/october.csv")
    assert (reply.status_code, reply.json()["type"]) == (
        409,
        "urn:costper:problem:not-of-source",
    )
    reply = put(company, "bil/october.csv")
    assert (reply.status_code, reply.json()["hint"]) == (404, "did you mean 'bill'?")


def test_a_link_out_of_the_project_is_not_followed(company: Company, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (company.root / "missing").symlink_to(outside)
    reply = put(company, "broken/october.csv")
    assert reply.status_code == 400
    assert str(tmp_path) not in reply.text
    (company.root / "bills" / "linked.csv").symlink_to(company.root / "old.csv")
    assert put(company, "bill/linked.csv", replace="true").status_code == 409
    assert list(outside.iterdir()) == []


def test_a_folder_led_by_manifests_takes_no_file_beside_them(tmp_path: Path) -> None:
    made = Company.at(tmp_path, CONFIG.replace("bills/*.csv", "bills"))
    assert put(made, "bill/october.csv").status_code == 200
    manifest = '{"assemblyId": "x", "reportKeys": ["november.csv"], "billingPeriod": {}}'
    (tmp_path / "bills" / "x-Manifest.json").write_text(manifest)
    reply = put(made, "bill/september.csv")
    assert (reply.status_code, "manifests" in reply.json()["detail"]) == (409, True)
    made.books.close()


def test_a_body_that_is_too_long_or_empty_leaves_nothing(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = left(company)
    monkeypatch.setattr(uploads, "LONGEST", 1000)
    assert put(company, "bill/october.csv").status_code == 413  # it says so beforehand

    def parts() -> Iterator[bytes]:
        for _ in range(8):
            yield b"x" * 200

    reply = client_of(company).put(
        "/api/v1/sources/bill/files/october.csv", content=parts(), headers=CSV
    )
    assert reply.status_code == 413
    assert put(company, "bill/october.csv", b"").status_code == 400
    assert left(company) == before


def test_only_a_key_that_may_write_sends_files(company: Company) -> None:
    for scope, status in (("read", 403), ("customer:acme", 403), ("write", 200)):
        secret = add_key(company.books.control, scope.replace(":", " "), (scope,), now=NOW)
        assert put(company, "bill/october.csv", secret=secret).status_code == status
    assert put(company, "bill/october.csv").status_code == 401


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_body_that_a_page_of_elsewhere_could_send_is_refused(company: Company, kind: str) -> None:
    assert put(company, "bill/october.csv", kind=kind).status_code == 415
    assert not (company.root / "bills" / "october.csv").exists()


def test_no_file_changes_under_a_sync_that_runs(company: Company) -> None:
    with company.books.activity.working(["bill"], actor="cli", now=NOW):
        reply = put(company, "bill/october.csv")
    assert (reply.status_code, reply.json()["type"]) == (409, "urn:costper:problem:sync-running")


def test_two_senders_of_one_name_leave_one_whole_file(company: Company) -> None:
    bodies = [OCTOBER.replace(b"1.5", f"{n}.5".encode()) for n in range(1, 5)]
    found: list[int] = []

    def send(body: bytes) -> None:
        found.append(put(company, "bill/october.csv", body, replace="true").status_code)

    threads = [threading.Thread(target=send, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) <= {200, 409}
    assert 200 in found
    assert (company.root / "bills" / "october.csv").read_bytes() in bodies
    assert not [name for name in left(company) if "upload-" in name or name.endswith(".part")]


def test_it_is_described(company: Company) -> None:
    document: dict[str, Any] = client_of(company).get("/openapi.json").json()
    validate(document)
    told = document["paths"][uploads.PATH]["put"]
    assert set(told["requestBody"]["content"]) == set(uploads.KINDS)


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("x.csv", b"%PDF-1.7", "is a PDF"),
        ("x.csv", b"PK\x03\x04rest", "Excel workbook"),
        ("x.csv", gzip.compress(OCTOBER, mtime=0), "packed with gzip"),
        ("x.csv", b"<!DOCTYPE html><p>sign in", "a web page"),
        ("x.csv.gz", OCTOBER, "is not packed with gzip"),
        ("x.csv.gz", gzip.compress(OCTOBER, mtime=0)[:-20], "is cut off"),
        ("x.csv.gz", gzip.compress(OCTOBER, mtime=0)[:40] + b"x" * 60, "is cut off"),
        ("x.parquet", b"PAR1 and no end", "is cut off, or no Parquet file"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused_and_leaves_nothing(
    folder_of_all: Company, name: str, body: bytes, said: str
) -> None:
    before = left(folder_of_all)
    reply = put(folder_of_all, f"all/{name}", body)
    assert reply.status_code == 400
    assert said in reply.json()["detail"]
    assert left(folder_of_all) == before


def test_a_whole_packed_file_is_taken(folder_of_all: Company) -> None:
    assert put(folder_of_all, "all/x.csv.gz", gzip.compress(OCTOBER, mtime=0)).status_code == 200
