"""The inlets over HTTP: what is acknowledged is durable, what is refused is told by index."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.api.calls_world import EVENTS, GOOD, CallsWorld, calls_world
from tests.pipeline.calls.people_world import NOW

from costper.api.intake import LONGEST_BODY
from costper.errors import BooksError
from costper.pipeline.calls.intake import FullError
from costper.store.closing import close_period
from costper.store.keys import revoke_key

JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}
GZIP = {**JSON, "Content-Encoding": "gzip"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CallsWorld]:
    with calls_world(tmp_path) as world:
        yield world


def ids(world: CallsWorld) -> list[str]:
    return [row["call_id"] for row in world.told()]


def numbered(number: int, **others: object) -> dict[str, Any]:
    return {**GOOD, "externalRequestId": f"r-{number}", **others}


def test_one_event_an_array_and_lines_are_taken_packed_or_not(world: CallsWorld) -> None:
    client = world.client()
    lines = "\n".join(json.dumps(numbered(n)) for n in (4, 5)).encode()
    packed = gzip.compress(json.dumps(numbered(6)).encode(), mtime=0)
    replies = [
        client.post(EVENTS, json=numbered(1)),
        client.post(EVENTS, json=[numbered(2), numbered(3)]),
        client.post(EVENTS, content=lines, headers=NDJSON),
        client.post(EVENTS, content=packed, headers=GZIP),
    ]
    assert [reply.status_code for reply in replies] == [202] * 4
    assert [reply.json()["accepted"] for reply in replies] == [1, 2, 2, 1]
    assert ids(world) == [f"r-{number}" for number in range(1, 7)]


def test_large_bodies_are_taken_whatever_is_in_them(world: CallsWorld) -> None:
    client = world.client()
    bodies = [[numbered(post * 1_000 + n) for n in range(700)] for post in range(4)]
    bodies[3][5]["inputTokens"] = -1
    replies = [client.post(EVENTS, json=body) for body in bodies]
    assert [reply.status_code for reply in replies] == [202] * 4
    assert [reply.json()["accepted"] for reply in replies] == [700, 700, 700, 699]
    assert [one["index"] for one in replies[3].json()["rejected"]] == [5]
    sent = {one["externalRequestId"] for body in bodies for one in body} - {"r-3005"}
    assert set(ids(world)) == sent
    assert len(ids(world)) == len(sent)


def test_a_bad_event_is_refused_by_index_and_the_rest_is_kept(world: CallsWorld) -> None:
    reply = world.client().post(
        EVENTS, json=[numbered(1), numbered(2, inputTokens=-1), numbered(3)]
    )
    assert reply.status_code == 202
    assert reply.json()["rejected"] == [
        {
            "index": 1,
            "code": "negative",
            "reason": "inputTokens is less than 0",
            "field": "inputTokens",
        }
    ]
    assert ids(world) == ["r-1", "r-3"]


def test_a_number_of_thousands_of_digits_is_the_fault_of_its_event_only(world: CallsWorld) -> None:
    odd = json.dumps(numbered(2, inputTokens="@")).replace('"@"', "7" * 4_302)
    body = f"[{json.dumps(numbered(1))},{odd}]"
    reply = world.client().post(EVENTS, content=body, headers=JSON)
    assert reply.status_code == 202
    told = [(one["index"], one["code"], one["field"]) for one in reply.json()["rejected"]]
    assert told == [(1, "too_large", "inputTokens")]
    assert ids(world) == ["r-1"]


def test_where_every_event_is_refused_nothing_is_accepted(world: CallsWorld) -> None:
    reply = world.client().post(EVENTS, json=numbered(1, dataMode="prod"))
    assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json")
    assert reply.json()["type"] == "urn:costper:problem:events-refused"
    assert [one["index"] for one in reply.json()["rejected"]] == [0]
    assert ids(world) == []


def test_the_same_id_again_changes_nothing(world: CallsWorld) -> None:
    client = world.client()
    for tokens in (100, 100, 999):
        assert client.post(EVENTS, json=numbered(1, inputTokens=tokens)).status_code == 202
    assert [(row["call_id"], row["input_tokens"]) for row in world.told()] == [("r-1", 100)]


def test_an_id_with_another_body_is_a_conflict_and_the_first_stands(world: CallsWorld) -> None:
    bodies = [numbered(1), numbered(1, inputTokens=999), numbered(2)]
    assert world.client().post(EVENTS, json=bodies).json()["accepted"] == 3
    assert [row["input_tokens"] for row in world.told()] == [100, 100]
    conflicts = world.books.marts.query("SELECT call_id FROM call_conflicts").to_pylist()
    assert conflicts == [{"call_id": "r-1"}]


def test_a_call_is_priced_and_its_user_is_nobody_by_name(world: CallsWorld) -> None:
    world.client().post(EVENTS, json=GOOD)
    (row,) = world.told()
    assert (row["price_status"], len(row["user_id"])) == ("priced", 32)
    assert row["user_id"] != "u-1"


def test_an_email_address_is_refused_and_never_repeated(world: CallsWorld) -> None:
    reply = world.client().post(EVENTS, json=numbered(1, userId="jane@acme.com"))
    assert reply.status_code == 422
    assert "jane" not in reply.text
    assert "e-mail" in reply.json()["rejected"][0]["reason"]


def test_a_call_of_a_closed_month_is_kept_and_flagged(world: CallsWorld) -> None:
    month = NOW.date().replace(day=1)
    client = world.client()
    assert client.post(EVENTS, json=numbered(1)).json()["warnings"] == []
    close_period(world.books.control, month, source="", now=NOW)
    reply = client.post(EVENTS, json=numbered(2))
    assert [one["code"] for one in reply.json()["warnings"]] == ["closed_month"]
    assert ids(world) == ["r-1", "r-2"]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_what_a_page_of_elsewhere_can_send_unasked_is_not_taken(
    world: CallsWorld, kind: str
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    reply = world.client().post(EVENTS, content=json.dumps(GOOD), headers=headers)
    assert reply.status_code == 415
    assert ids(world) == []


def test_another_name_of_this_machine_is_not_served_without_a_key(world: CallsWorld) -> None:
    reply = world.client().post(EVENTS, json=GOOD, headers={"Host": "evil.example"})
    assert reply.status_code == 421


def test_a_gzip_bomb_is_never_unpacked(world: CallsWorld) -> None:
    bomb = gzip.compress(b" " * (LONGEST_BODY + 1) + json.dumps(GOOD).encode(), mtime=0)
    assert len(bomb) < 100_000
    assert world.client().post(EVENTS, content=bomb, headers=GZIP).status_code == 413


@pytest.mark.parametrize("path", [EVENTS, "/v1/traces"])
def test_a_body_too_long_is_refused_announced_or_not(world: CallsWorld, path: str) -> None:
    client = world.client()
    part = b" " * 2**20
    parts = [part] * (LONGEST_BODY // len(part) + 1)
    assert client.post(path, content=b"".join(parts), headers=JSON).status_code == 413
    assert client.post(path, content=iter(parts), headers=JSON).status_code == 413


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", JSON, 400),
        (b"nope", JSON, 400),
        (b"\xff", JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"x", GZIP, 400),
        (gzip.compress(b"{}", mtime=0)[:-4], GZIP, 400),
        (b"{}", {**JSON, "Content-Encoding": "br"}, 415),
    ],
)
def test_a_body_nothing_can_be_read_from_is_a_problem(
    world: CallsWorld, body: bytes, headers: dict[str, str], status: int
) -> None:
    reply = world.client().post(EVENTS, content=body, headers=headers)
    assert (reply.status_code, reply.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert reply.json()["detail"]


def test_other_methods_are_refused(world: CallsWorld) -> None:
    reply = world.client().get(EVENTS)
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")


def test_everything_else_goes_to_the_application(world: CallsWorld) -> None:
    client = world.client()
    assert client.get("/healthz").json() == {"status": "ok"}
    client.post(EVENTS, json=GOOD)
    metrics = client.get("/metrics").text
    assert 'endpoint="events",status="202"} 1' in metrics
    assert "\ncostper_calls_queued 0\n" in metrics


def test_the_description_tells_of_every_inlet(world: CallsWorld) -> None:
    document = world.client().get("/openapi.json").json()
    told = document["paths"][EVENTS]["post"]
    assert {"application/json", "application/x-ndjson"} < set(told["requestBody"]["content"])
    assert "cacheWrite1hTokens" in document["components"]["schemas"]["Event"]["properties"]
    assert {"/v1/traces", "/v1/logs", f"{EVENTS}/litellm"} < set(document["paths"])


READ = "/api/v1/costs/customers"


def statuses(client: TestClient) -> tuple[int, int]:
    """Give what telling of a call and reading an answer come to."""
    return client.post(EVENTS, json=GOOD).status_code, client.get(READ).status_code


@pytest.mark.parametrize(
    ("scopes", "found"),
    [
        (("ingest",), (202, 403)),
        (("write",), (403, 403)),
        (("read",), (403, 200)),
        (("read", "ingest"), (202, 200)),
        (("admin",), (202, 200)),
        (("customer:acme",), (403, 403)),
    ],
)
def test_a_key_may_do_what_its_scopes_say_and_no_more(
    world: CallsWorld, scopes: tuple[str, ...], found: tuple[int, int]
) -> None:
    assert statuses(world.client(secret=world.key(*scopes))) == found


@pytest.mark.parametrize("path", ["/", "/metrics"])
def test_a_key_that_only_writes_reads_nothing(world: CallsWorld, path: str) -> None:
    client = world.client(secret=world.key("write"))
    assert client.get(path).status_code == 403
    body = {"letters": {"a": "cost"}}
    assert client.post("/api/v1/query", json=body).status_code == 403


def test_a_revoked_key_is_refused_at_once(world: CallsWorld) -> None:
    client = world.client(secret=world.key("ingest"))
    assert client.post(EVENTS, json=GOOD).status_code == 202
    revoke_key(world.books.control, "ingest", now=NOW)
    assert client.post(EVENTS, json=GOOD).status_code == 401


def test_without_a_key_only_this_machine_may_tell(world: CallsWorld) -> None:
    assert world.client(local=False).post(EVENTS, json=GOOD).status_code == 401
    assert world.client().post(EVENTS, json=GOOD).status_code == 202


def test_where_too_much_waits_senders_are_asked_to_come_again(
    world: CallsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_offer: object) -> None:
        raise FullError(3)

    monkeypatch.setattr(world.calls.intake, "pass_on", refuse)
    client = world.client()
    reply = client.post(EVENTS, json=GOOD)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "3")
    assert reply.json()["type"] == "urn:costper:problem:busy"
    assert client.post(EVENTS, json=[]).status_code == 202  # nothing is to be kept


def test_a_disk_that_fails_is_never_acknowledged(
    world: CallsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_batches: object, **_folded: object) -> None:
        raise BooksError("the spool could not be written", where="/secret/place")

    monkeypatch.setattr("costper.store.spool.Spool.write", fail)
    reply = world.client().post(EVENTS, json=GOOD)
    assert (reply.status_code, "retry-after" in reply.headers) == (503, True)
    assert "secret" not in reply.text
    monkeypatch.undo()
