"""The first list of customers is there before it is asked for."""

import threading
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

from starlette.testclient import TestClient
from tests.api.calls_world import EVENTS, GOOD, CallsWorld, calls_world
from tests.api.conftest import World
from tests.ledger import NOW
from tests.pipeline.calls.people_world import NOW as CALLS_NOW

from costper.api.app import application
from costper.api.callers import Caller
from costper.api.endpoints import ENDPOINTS
from costper.api.replies import Question, Replies
from costper.api.warm import WARMED, WARMED_WITH_CALLS, Warmer, kept_warm
from costper.errors import CostperError
from costper.pipeline.answer.state import States

CUSTOMERS = "/api/v1/costs/customers"


def test_the_reply_that_is_kept_is_the_one_that_is_asked_for(world: World) -> None:
    world.ledger.every_day(date(2026, 9, 1), 80, "1").keep()
    replies = Replies(States(world.books))
    assert Warmer(replies, lambda: NOW).look()
    kept = len(replies.answers)
    assert (len(replies.bodies), kept > 1) == (kept, True)
    app = application(world.books, clock=lambda: NOW, local=True, replies=replies)
    client = TestClient(app, base_url="http://127.0.0.1")
    assert client.get(CUSTOMERS).json()["rows"][0]["customer"] == "acme"
    assert client.get(f"{CUSTOMERS}?limit=5").status_code == 200
    assert (len(replies.bodies), len(replies.answers)) == (kept + 1, kept)


def test_it_asks_once_for_books_that_stand_still_and_waits_while_they_change(world: World) -> None:
    now = NOW
    warmer = Warmer(Replies(States(world.books)), lambda: now)
    world.ledger.payer("acme", "10").keep()
    assert (warmer.look(), warmer.look()) == (True, False)
    for customer in ("beta", "gamma"):
        world.ledger.payer(customer, "10").keep()
        assert not warmer.look()
    assert (warmer.look(), warmer.look()) == (True, False)
    now += timedelta(days=1)
    assert (warmer.look(), warmer.look()) == (False, True)


def test_its_thread_ends_with_the_block_and_survives_books_it_cannot_read(world: World) -> None:
    world.ledger.keep()
    replies = Replies(States(world.books))
    world.ledger.marts.close()
    with kept_warm(replies, lambda: NOW, seconds=0.001):
        assert "warm" in {thread.name for thread in threading.enumerate()}
    assert "warm" not in {thread.name for thread in threading.enumerate()}


def test_asking_writes_nothing_so_what_is_held_stays(world: World) -> None:
    world.ledger.every_day(date(2026, 9, 1), 80, "1").payer("acme", "10").keep()
    replies = Replies(States(world.books))
    app = application(world.books, clock=lambda: NOW, local=True, replies=replies)
    client = TestClient(app, base_url="http://127.0.0.1")
    state = replies.states.newest()
    for endpoint in ENDPOINTS:
        path = endpoint.path.replace("{id}", "acme").replace("{name}", "core")
        assert client.get(path).status_code < 500
    assert replies.states.newest() is state
    world.ledger.leg(date(2026, 11, 1), "100").keep()
    assert client.get(f"{CUSTOMERS}/acme?days=30").json()["rows"][0]["cost"] == "130.00"


def test_answers_about_calls_are_warm_once_there_are_calls(tmp_path: Path) -> None:
    def kept(world: CallsWorld) -> set[str]:
        asked: list[str] = []
        replies = Replies(States(world.books))
        assert Warmer(replies, lambda: CALLS_NOW).look()
        for endpoint in ENDPOINTS:
            if endpoint.name in {*WARMED, *WARMED_WITH_CALLS}:
                before = len(replies.bodies)
                with suppress(CostperError):
                    replies.reply(Question(endpoint, {}, Caller(), CALLS_NOW), "")
                    asked += [endpoint.name] * (len(replies.bodies) == before)
        return set(asked)

    with calls_world(tmp_path) as world:
        assert "sources" in kept(world)
        assert not kept(world).intersection(WARMED_WITH_CALLS)
        assert world.client().post(EVENTS, json=GOOD).status_code == 202
        world.calls.intake.fold_now()
        assert kept(world) >= {"sources", *WARMED_WITH_CALLS}
