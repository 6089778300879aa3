"""One customer's key never sees another's users: it is shut out of what is about all calls."""

from pathlib import Path

import pytest
from tests.api.calls_world import EVENTS, GOOD, calls_world
from tests.api.conftest import World

from costper.api.endpoints import ENDPOINTS, POSTS

ABOUT_CALLS = [one for one in ENDPOINTS if "/llm/" in one.path and not one.own]
"""What has `own` tells of one customer: tests/api/test_llm.py."""

PATHS = [one.path.replace("{", "").replace("}", "") for one in ABOUT_CALLS]


def test_there_is_something_to_be_shut_out_of() -> None:
    assert "/api/v1/llm/unknown" in PATHS


@pytest.mark.parametrize("path", PATHS)
def test_a_customers_key_sees_no_calls(path: str, world: World) -> None:
    client = world.client(secret=world.key("customer:acme", "read", "admin"))
    assert client.get(path).status_code == 403
    for customer in ("acme", "globex"):  # 400 where the path takes no customer
        assert client.get(f"{path}?customer={customer}").status_code in {400, 403}


def test_nothing_that_is_posted_about_calls_answers_a_customers_key(world: World) -> None:
    client = world.client(secret=world.key("customer:acme", "write"))
    for post in POSTS:
        if "/llm/" in post.path:
            assert client.post(post.path, json={}).status_code == 403


def test_a_key_that_may_read_sees_the_queue_and_what_was_refused(tmp_path: Path) -> None:
    with calls_world(tmp_path) as world:
        client = world.client(secret=world.key("read", "ingest"))
        told = client.post(EVENTS, json=[GOOD, {**GOOD, "userId": "jane@acme.com"}])
        assert "acme" not in told.text
        world.told()
        reply = client.get("/api/v1/llm/unknown")
        assert reply.status_code == 200, reply.text
        kinds = [row["kind"] for row in reply.json()["rows"]]
        assert sorted(kinds) == ["no_customer", "no_feature", "no_tenant", "refused_email"]
        assert "acme" not in reply.text


def test_a_copy_of_the_queue_is_good_until_calls_come_in(tmp_path: Path) -> None:
    with calls_world(tmp_path) as world:
        client = world.client()
        first = client.get("/api/v1/llm/unknown")
        again = {"If-None-Match": first.headers["etag"]}
        assert client.get("/api/v1/llm/unknown", headers=again).status_code == 304
        client.post(EVENTS, json=GOOD)
        world.told()
        assert client.get("/api/v1/llm/unknown", headers=again).status_code == 200


def test_a_key_of_a_customer_nobody_knows_finds_nothing(tmp_path: Path) -> None:
    own = {"/api/v1/llm/daily", "/api/v1/llm/users", "/api/v1/llm/features", "/api/v1/llm/outcomes"}
    assert own <= {one.path for one in ENDPOINTS if one.own}
    with calls_world(tmp_path) as world:
        client = world.client()
        client.post(EVENTS, json={**GOOD, "customerId": "initech"})
        world.told()
        stranger = world.client(secret=world.key("customer:nobody-such"))
        known = world.client(secret=world.key("customer:initech"))
        for path in sorted(own):
            assert stranger.get(f"{path}?customer=nobody-such").status_code == 404, path
            assert known.get(f"{path}?customer=initech").status_code == 200, path
