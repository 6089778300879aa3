"""Allocation over HTTP: rules and balance, the runs, what the file would move, making it so."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient
from tests.pipeline.allocations.governed import NOW, RULES, Governed

from costper.api.app import application
from costper.api.endpoints_allocation import ALLOCATION
from costper.store.audit import entries
from costper.store.engine import Write
from costper.store.keys import add_key

PATH = "/api/v1/allocation"
SNAPSHOTS = Path(__file__).parent / "snapshots"
DAYS = {"from": "2026-10-30", "to": "2026-11-05"}
OTHER = RULES.replace("quantity: tickets", "quantity: requests").replace("cache-*", "cdn-*")


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Governed]:
    made = Governed.at(tmp_path)
    yield made
    made.books.close()


def client_of(company: Governed, secret: str = "") -> TestClient:
    app = application(company.books, clock=lambda: NOW, local=True)
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return TestClient(
        app, base_url="http://127.0.0.1:8321", headers=headers, raise_server_exceptions=False
    )


def got(company: Governed, path: str = PATH, **query: str) -> dict[str, Any]:
    reply = client_of(company).get(path, params=query)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def sent(company: Governed, what: str, **body: object) -> dict[str, Any]:
    reply = client_of(company).post(f"{PATH}/{what}", json=body)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


@pytest.mark.parametrize("name", ["allocation", "allocation_runs", "allocation_plan"])
def test_every_reply_keeps_to_its_described_shape_and_its_golden_copy(
    company: Governed, name: str
) -> None:
    document = client_of(company).get("/openapi.json").json()
    if name == "allocation_plan":
        company.write(OTHER)
        answer = sent(company, "plan")
    else:
        endpoint = next(one for one in ALLOCATION if one.name == name)
        answer = got(company, endpoint.path, **(DAYS if name == "allocation" else {}))
        operation = document["paths"][endpoint.path]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(answer, {**schema, "components": document["components"]})
    text = json.dumps(answer, indent=1, ensure_ascii=False) + "\n"
    golden = SNAPSHOTS / f"{name}.json"
    if not golden.exists():  # delete a snapshot to take it anew, then read the difference
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written now; read it, then run again")
    assert text == golden.read_text(encoding="utf-8")


def test_what_rules_took_and_what_nobody_took_is_what_the_bills_charged(company: Governed) -> None:
    found = got(company, **DAYS)
    (row,) = found["rows"]
    took = {rule["rule"]: Decimal(rule["cost"]) for rule in row["rules"]}
    assert took == {"dedicated": 108, "shared database": 60, "support": 18}
    assert {rule["match"] for rule in row["rules"]} == {
        "customer is named",
        "service is shared-db or cache-*",
        "service is support",
    }
    left = {(one["reason"], one["rule"]): one for one in row["unallocated"]}
    assert {key: Decimal(one["cost"]) for key, one in left.items()} == {
        ("no_rule", ""): 30,
        ("no_usage", "support"): 18,
    }
    assert left["no_rule", ""]["services"] == [{"service": "storage", "cost": "30.00"}]
    assert all(one["hint"] for one in left.values())
    assert (row["balanced"], len(row["conservation"])) == (True, 6)
    assert {one["charged_cost"] for one in row["conservation"]} == {"36.00"}
    assert {one["difference"] for one in row["conservation"]} == {"0.00"}
    assert Decimal(found["total"]["cost"]) == 216
    assert found["total"]["unallocated_percent"] == "22.2"


def test_books_behind_their_bills_say_by_how_much(company: Governed) -> None:
    land_only(company)
    found = got(company, **DAYS)
    (row,) = found["rows"]
    assert row["balanced"] is False
    assert {one["difference"] for one in row["conservation"]} == {"-7.00"}
    assert {one["state"] for one in row["months"]} == {"changed"}
    assert found["total"]["days_unbalanced"] == 6
    assert "conservation" in {one["code"] for one in found["issues"]}


def test_days_that_a_sync_is_about_to_divide_are_told_as_such(company: Governed) -> None:
    land_only(company)
    with company.books.activity.working([], actor="jane", now=NOW):
        found = got(company, **DAYS)
    assert found["rows"][0]["balanced"] is None
    codes = {one["code"]: one["severity"] for one in found["issues"]}
    assert codes.pop("allocating") == "warning"
    assert "conservation" not in codes
    assert got(company, **DAYS)["rows"][0]["balanced"] is False


def land_only(company: Governed) -> None:
    """Change charges behind the allocation's back, as a sync does that is cut short."""
    company.books.engine.offer("more", company.books.engine.query("SELECT * FROM charge_daily"))
    extra = (
        "SELECT * REPLACE (CAST(7 AS DECIMAL(38,21)) AS effective_cost, "
        "CAST(7 AS DECIMAL(38,21)) AS billed_cost, CAST(7 AS DECIMAL(38,21)) AS contracted_cost, "
        "CAST(7 AS DECIMAL(38,21)) AS list_cost, 99 AS delivery_id) FROM more "
        "WHERE effective_cost = 12"
    )
    company.books.engine.replace([Write(table="charge_daily", select=extra)])


def test_days_nobody_charged_for_are_an_answer_too(company: Governed) -> None:
    (row,) = got(company, **{"from": "2025-01-01", "to": "2025-01-05"})["rows"]
    assert (row["conservation"], row["unallocated"], row["balanced"]) == ([], [], True)
    unknown = {"value": None, "reason": "no_data"}
    assert [rule["cost"] for rule in row["rules"]] == [unknown] * 3


def test_runs_tell_what_replaced_them_and_why(company: Governed) -> None:
    company.write(OTHER)
    company.books.close()
    company.books = Governed.opened(company.root).books
    sent(company, "apply")
    rows = got(company, f"{PATH}/runs")["rows"]
    assert [(one["run"], one["month"], one["status"]) for one in rows] == [
        (4, "2026-11", "current"),
        (3, "2026-10", "current"),
        (2, "2026-11", "superseded"),
        (1, "2026-10", "superseded"),
    ]
    assert [one["replaced_by"] for one in rows] == [None, None, 4, 3]
    assert [one["replaces"] for one in rows] == [2, 1, None, None]
    assert rows[0]["changed"] == ["rule shared database", "rule support"]
    assert [one["actor"] for one in rows] == ["local", "local", "cli", "cli"]
    november = {one["run"]: one["costs"][0] for one in rows if one["month"] == "2026-11"}
    assert (november[2]["cost"], november[2]["unallocated_cost"]) == ("144.00", "32.00")
    assert (november[4]["cost"], november[4]["unallocated_cost"]) == ("144.00", "20.00")


def test_a_plan_reads_the_file_as_it_is_now_and_changes_nothing(company: Governed) -> None:
    before = sent(company, "plan")["rows"][0]
    assert (before["in_force"], before["runs_needed"], before["by_customer"]) == (True, 0, [])
    company.write(OTHER)
    found = sent(company, "plan")
    (row,) = found["rows"]
    assert row["in_force"] is False
    assert "SIGHUP" in row["hint"]
    changed = {(one["rule"], one["change"]): one["where"] for one in row["changed_rules"]}
    assert changed == {
        ("shared database", "changed"): "costper.yaml:9",
        ("support", "changed"): "costper.yaml:13",
    }
    moved = {one["customer"]: Decimal(one["change"]) for one in row["by_customer"]}
    assert moved == {"(unallocated)": -18, "acme": Decimal("13.5"), "bolt": Decimal("4.5")}
    assert found["total"]["moved"] == "18.00"
    (short,) = sent(company, "plan", limit=1)["rows"]
    assert (len(short["by_customer"]), short["customers_moved"]) == (1, 3)
    (one,) = sent(company, "plan", months=["2026-11"])["rows"]
    assert [month["month"] for month in one["months"]] == ["2026-11"]
    assert len(entries(company.books.control)) == 2
    assert len(got(company, f"{PATH}/runs")["rows"]) == 2


def test_a_file_with_faults_is_refused_line_by_line(company: Governed) -> None:
    company.write(RULES.replace("driver: direct", "driver: dierct").replace("tickets", "tikets"))
    reply = client_of(company).post(f"{PATH}/plan", json={})
    assert reply.status_code == 422, reply.text
    found = reply.json()
    assert found["type"] == "urn:costper:problem:settings-wrong"
    assert {one["where"] for one in found["issues"]} == {"costper.yaml:8", "costper.yaml:16"}
    assert all(one["message"] for one in found["issues"])
    company.write("allocation: [")
    assert client_of(company).post(f"{PATH}/plan", json={}).status_code == 422
    (company.root / "costper.yaml").unlink()
    assert client_of(company).post(f"{PATH}/plan", json={}).status_code == 422


def test_a_file_of_other_dimensions_waits_for_a_restart(company: Governed) -> None:
    company.write("dimensions: {region: {from: [region]}}\n" + RULES)
    reply = client_of(company).post(f"{PATH}/plan", json={})
    assert (reply.status_code, reply.json()["type"]) == (
        409,
        "urn:costper:problem:settings-changed",
    )
    assert "region" in reply.json()["detail"]


def test_rules_that_changed_on_the_disk_are_not_applied_by_halves(company: Governed) -> None:
    company.write(OTHER)
    reply = client_of(company).post(f"{PATH}/apply", json={})
    assert (reply.status_code, reply.json()["type"]) == (
        409,
        "urn:costper:problem:settings-changed",
    )
    company.write(RULES)
    done = sent(company, "apply")
    assert {(one["month"], one["state"]) for one in done["rows"]} == {
        ("2026-10", "unchanged"),
        ("2026-11", "unchanged"),
    }
    with company.books.activity.working(("bill",), actor="someone", now=NOW):
        busy = client_of(company).post(f"{PATH}/apply", json={})
    assert (busy.status_code, busy.json()["type"]) == (409, "urn:costper:problem:at-work")


@pytest.mark.parametrize(
    "body",
    [
        {"months": "2026-11"},
        {"months": []},
        {"months": ["2026-13"]},
        {"months": ["2026-11-05"]},
        {"months": [7]},
        {"month": ["2026-11"]},
    ],
)
def test_months_are_read_strictly(company: Governed, body: object) -> None:
    for what in ("plan", "apply"):
        assert client_of(company).post(f"{PATH}/{what}", json=body).status_code == 400
    unknown = client_of(company).post(f"{PATH}/plan", json={"months": ["2031-01"]})
    assert unknown.status_code == 422
    for limit in (0, -1, "7", True, 10_001):
        assert client_of(company).post(f"{PATH}/plan", json={"limit": limit}).status_code == 400


def test_a_reader_may_plan_and_only_a_writer_may_apply(company: Governed) -> None:
    control = company.books.control
    reads = client_of(company, add_key(control, "r", ("read",), now=NOW))
    own = client_of(company, add_key(control, "c", ("customer:acme",), now=NOW))
    writes = client_of(company, add_key(control, "w", ("write",), now=NOW + timedelta(1)))
    assert reads.post(f"{PATH}/plan", json={}).status_code == 200
    assert reads.post(f"{PATH}/apply", json={}).status_code == 403
    assert writes.post(f"{PATH}/plan", json={}).status_code == 403
    assert writes.post(f"{PATH}/apply", json={}).status_code == 200
    for reply in (
        own.get(PATH),
        own.get(f"{PATH}/runs"),
        own.post(f"{PATH}/plan", json={}),
        own.post(f"{PATH}/apply", json={}),
    ):
        assert reply.status_code == 403
