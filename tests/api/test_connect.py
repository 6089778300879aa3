"""Connecting a source over HTTP: what there is, and adding one to costper.yaml."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.api.test_sources import client_of, got
from tests.pipeline.data_sources.company import NOW, Company

from costper.api.endpoints_connect import CONNECT
from costper.sources import SOURCES
from costper.store.audit import entries
from costper.store.keys import add_key

PATH = "/api/v1/sources"
TYPES = "/api/v1/source-types"
NEW: dict[str, Any] = {"type": "focus_file", "name": "cloud", "settings": {"path": "cloud/"}}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company.at(tmp_path)
    yield made
    made.books.close()


def post(company: Company, body: object, secret: str = "") -> tuple[int, dict[str, Any]]:
    reply = client_of(company, secret).post(PATH, json=body)
    return reply.status_code, reply.json()


def settings_of(company: Company) -> str:
    return (company.root / "costper.yaml").read_text(encoding="utf-8")


def test_every_type_of_source_has_its_block(company: Company) -> None:
    answer = got(company, TYPES)
    (endpoint,) = CONNECT
    document = client_of(company).get("/openapi.json").json()
    operation = document["paths"][endpoint.path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": document["components"]})
    assert [(it["type"], it["kind"]) for it in answer["rows"]] == [
        (one.name, one.kind) for one in SOURCES
    ]
    block = next(it for it in answer["rows"] if it["type"] == "focus_file")
    assert block["block"].startswith("sources:\n  bill_2:\n")
    assert block["files"] is True


def test_a_source_is_added_with_what_was_said_and_told_in_the_log(company: Company) -> None:
    status, told = post(company, NEW)
    assert (status, told["rows"][0]["source"]) == (200, "cloud")
    assert "  cloud:\n" in settings_of(company)
    assert "    path: cloud/\n" in settings_of(company)
    last = entries(company.books.control)[-1]
    assert (last.action, last.subject) == ("source added", "cloud")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "nonsense"}, "unknown source type"),
        ({"type": "openai_costs"}, "reads no files"),
        ({"name": "Cloud!"}, "cannot name a source"),
        ({"name": "bill"}, "is there already"),
        ({"name": "calls"}, "cannot name a source"),
        ({"settings": {}}, "needs a path"),
        ({"settings": {"path": "/etc/passwd"}}, "is no path below"),
        ({"settings": {"path": "../other/"}}, "is no path below"),
        ({"settings": {"path": "a/../../b.csv"}}, "is no path below"),
        ({"settings": {"path": ".costper/books.duckdb"}}, "is no path below"),
        ({"settings": {"path": "s3://bucket/x"}}, "is no path below"),
        ({"settings": {"path": "~/bill.csv"}}, "is no path below"),
        ({"settings": {"path": "a.csv\n  evil: {}"}}, "is no path below"),
        ({"settings": {"path": "a/", "outside": True}}, "cannot be set from here"),
        ({"settings": {"path": "a/", "date": "day"}}, "date"),
        ({"settings": "a/"}, "must be an object"),
        ({"kind": "customers"}, "unknown source type"),
        ({"extra": 1}, "unknown member"),
    ],
)
def test_what_is_not_right_is_refused_and_changes_nothing(
    company: Company, change: dict[str, Any], said: str
) -> None:
    before = settings_of(company)
    status, problem = post(company, {**NEW, **change})
    assert (status, said in problem["detail"]) == (400, True), problem
    assert settings_of(company) == before


@pytest.mark.parametrize(
    "settings",
    [
        {"path": "${MYSECRET}/x.csv"},
        {"path": "usage/", "date": "$${MYSECRET}"},
        {"path": "usage/", "values": {"orders": "a ${MYSECRET}"}},
        {"path": "usage/", "value": "v", "dimensions": {"customer": "${MYSECRET}"}},
    ],
)
def test_nobody_reads_the_environment_by_a_source_sent_over_http(
    company: Company, settings: dict[str, Any]
) -> None:
    before = settings_of(company)
    said = {"date": "day", "value": "v", **settings}
    if "values" in said:
        del said["value"]
    status, problem = post(
        company, {**NEW, "type": "csv", "kind": "measurements", "settings": said}
    )
    assert (status, problem["hint"]) == (400, "secrets are named in costper.yaml by hand"), problem
    assert settings_of(company) == before


def test_a_column_may_have_a_dollar_sign(company: Company) -> None:
    settings = {"path": "usage/", "date": "day", "value": "cost ($) {net}"}
    body = {**NEW, "type": "csv", "kind": "measurements", "settings": settings}
    assert post(company, body)[0] == 200


def test_sources_added_at_once_all_stand_in_the_file(company: Company) -> None:
    names = [f"cloud_{number}" for number in range(10)]

    def add(name: str) -> int:
        return post(company, {**NEW, "name": name})[0]

    with ThreadPoolExecutor(len(names)) as pool:
        told = list(pool.map(add, names))
    assert told == [200] * len(names)
    declared = {it.name for it in Company.settings_of(company.root).declared()}
    assert set(names) <= declared


def test_columns_of_usage_are_written_so_that_yaml_reads_them_back(company: Company) -> None:
    settings = {
        "path": "usage/",
        "date": "no",
        "values": {"orders": "a: b # c"},
        "dimensions": {"customer": 'the "id"'},
    }
    body = {"type": "csv", "kind": "measurements", "name": "orders", "settings": settings}
    status, told = post(company, body)
    assert status == 200, told
    declared = next(
        it for it in Company.settings_of(company.root).declared() if it.name == "orders"
    )
    assert declared.settings.model_dump(include=set(settings)) == {
        **settings,
        "path": ("usage/",),
    }


def test_dimensions_nobody_declared_are_refused(company: Company) -> None:
    body = {
        "type": "csv",
        "kind": "measurements",
        "name": "orders",
        "settings": {"path": "usage/", "dimensions": {"planet": "p"}},
    }
    status, problem = post(company, body)
    assert (status, problem["detail"]) == (400, "'planet' is no dimension")


def test_none_is_added_while_a_sync_runs(company: Company) -> None:
    before = settings_of(company)
    with company.books.activity.working(["bill"], actor="ann", now=NOW):
        status, problem = post(company, NEW)
    assert (status, "a sync is running" in problem["detail"]) == (409, True)
    assert settings_of(company) == before


def test_only_an_administrator_adds_sources(company: Company) -> None:
    control = company.books.control
    writer = add_key(control, "writer", now=NOW, scopes=("read", "write"))
    boss = add_key(control, "boss", now=NOW, scopes=("admin",))
    assert post(company, NEW)[0] == 401
    assert post(company, NEW, writer)[0] == 403
    assert post(company, NEW, boss)[0] == 200


def test_a_file_is_looked_at_without_changing_anything(company: Company) -> None:
    before = company.books.control.changes
    body = {"file": "u.csv", "head": "day,customer,seats\n2026-10-01,acme,3"}
    reply = client_of(company).post(f"{TYPES}/guess", json=body)
    (row,) = reply.json()["rows"]
    assert (row["type"], row["kind"], row["path"]) == ("csv", "measurements", "usage/seats/")
    assert {it["setting"]: it["value"] for it in row["settings"]}["dimensions"] == (
        "customer: customer"
    )
    assert company.books.control.changes == before


def test_a_metric_is_connected_with_what_it_measures_said_or_by_its_name(company: Company) -> None:
    usage = {"type": "csv", "kind": "measurements"}
    settings = {"path": "usage/", "date": "day", "value": "n"}
    for name, kind in (("active_users", ""), ("licences", "balance")):
        body = {**usage, "name": name, "settings": settings, "metrics": {name: kind}}
        assert post(company, body)[0] == 200
    found = {it.name: it for it in Company.settings_of(company.root).metrics}
    users, licences = found["active_users"], found["licences"]
    assert (users.kind, users.aggregation, users.unit) == ("active_users", "average", "user")
    assert (licences.kind, licences.aggregation) == ("balance", "last")
    before = settings_of(company)
    for metrics, hint in (({"visits": ""}, "it measures hits"), ({"hits": "sum"}, "known: count")):
        body = {**usage, "name": "hits", "settings": settings, "metrics": metrics}
        status, problem = post(company, body)
        assert (status, hint in problem["hint"]) == (400, True)
    assert settings_of(company) == before


def test_a_guess_says_what_each_number_measures(company: Company) -> None:
    head = "day,active_users,orders\n2026-10-01,5,7\n"
    client = client_of(company)
    (row,) = client.post(f"{TYPES}/guess", json={"file": "u.csv", "head": head}).json()["rows"]
    assert row["metrics"] == [
        {"metric": "active_users", "kind": "active_users"},
        {"metric": "orders", "kind": "count"},
    ]
