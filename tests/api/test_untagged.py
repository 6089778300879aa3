"""What charges do not say, over HTTP: how much, where, and the line that mends it."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient
from tests.pipeline.allocations.governed import NOW, RULES, Governed

from costper.api.app import application
from costper.api.endpoints_untagged import UNTAGGED

PATH = "/api/v1/untagged"
SNAPSHOTS = Path(__file__).parent / "snapshots"
DAYS = {"from": "2026-10-30", "to": "2026-11-05"}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Governed]:
    made = Governed.at(tmp_path)
    yield made
    made.books.close()


def reply(company: Governed, **query: str) -> Any:  # noqa: ANN401 - a reply of the test client
    app = application(company.books, clock=lambda: NOW, local=True)
    return TestClient(app, base_url="http://127.0.0.1").get(PATH, params={**DAYS, **query})


def rows_of(company: Governed, **query: str) -> dict[str, dict[str, Any]]:
    found = reply(company, **query)
    assert found.status_code == 200, found.text
    return {row["dimension"]: row for row in found.json()["rows"]}


def test_the_reply_keeps_to_its_described_shape_and_its_golden_copy(company: Governed) -> None:
    app = application(company.books, clock=lambda: NOW, local=True)
    document = TestClient(app, base_url="http://127.0.0.1").get("/openapi.json").json()
    answer = reply(company).json()
    operation = document["paths"][UNTAGGED[0].path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": document["components"]})
    text = json.dumps(answer, indent=1, ensure_ascii=False) + "\n"
    golden = SNAPSHOTS / "untagged.json"
    if not golden.exists():  # delete a snapshot to take it anew, then read the difference
        golden.write_text(text, encoding="utf-8")
        pytest.fail("untagged.json was missing and is written now; read it, then run again")
    assert text == golden.read_text(encoding="utf-8")


def test_each_dimension_says_how_much_lacks_it_and_where(company: Governed) -> None:
    rows = rows_of(company)
    assert set(rows) == {"customer", "team", "service", "environment"}
    team = rows["team"]
    assert (team["untagged_cost"], team["tag"]) == ("30.00", "team")
    assert Decimal(team["coverage_percent"]) == Decimal("86.1")
    (group,) = team["groups"]
    assert (group["account"], group["service"], group["charges"]) == ("lab-2", "storage", 12)
    assert (group["first_seen"], group["last_seen"]) == ("2026-10-30", "2026-11-04")
    assert Decimal(rows["service"]["untagged_cost"]) == 0
    assert rows["service"]["groups"] == []


def test_what_a_rule_divides_is_no_customers_to_name(company: Governed) -> None:
    customer = rows_of(company)["customer"]
    assert Decimal(customer["untagged_cost"]) == 108
    assert Decimal(customer["divided_cost"]) == 78
    assert [group["service"] for group in customer["groups"]] == ["storage"]


def test_the_value_most_of_an_account_has_is_proposed(company: Governed) -> None:
    (group,) = rows_of(company, dimension="environment")["environment"]["groups"][1:]
    assert (group["account"], group["service"]) == ("prod-1", "support")
    assert (group["likely"], group["likely_percent"]) == ("production", "100.0")
    assert group["fix"] == (
        '- {where: {account: "prod-1", service_name: "support"}, value: "production"}'
    )
    assert group["fix_at"] == "dimensions.environment.rules"


def test_the_proposed_line_mends_what_it_says(company: Governed) -> None:
    groups = rows_of(company)["team"]["groups"]
    line = groups[0]["fix"].replace("CHOOSE", "lab")
    company.write(f"dimensions:\n  team:\n    from: [tags.team]\n    rules:\n      {line}\n{RULES}")
    company.books.close()
    company.books = Governed.opened(company.root).books
    company.sync()
    assert rows_of(company)["team"]["coverage_percent"] == "100.0"


def test_resources_are_told_apart_where_the_books_keep_them(tmp_path: Path) -> None:
    said = "dimensions:\n  owner: {from: [tags.owner, resource]}\n"
    company = Governed.at(tmp_path, said + RULES)
    groups = rows_of(company)["team"]["groups"]
    assert {group["resource"] for group in groups} == {"bucket-1", "bucket-2"}
    assert 'resource: "bucket-1"' in groups[0]["fix"]
    company.books.close()


def test_groups_can_be_cut_and_a_dimension_chosen(tmp_path: Path) -> None:
    company = Governed.at(
        tmp_path, "dimensions:\n  owner: {from: [tags.owner, resource]}\n" + RULES
    )
    (row,) = rows_of(company, dimension="team", rows="1").values()
    assert (len(row["groups"]), row["more_groups"]) == (1, 1)
    unknown = reply(company, dimension="planet")
    assert (unknown.status_code, unknown.json()["parameter"]) == (400, "dimension")
    company.books.close()


def test_days_without_charges_have_no_coverage(company: Governed) -> None:
    found = reply(company, **{"from": "2025-01-01", "to": "2025-01-05"}).json()
    assert {row["coverage_percent"] for row in found["rows"]} == {None}
