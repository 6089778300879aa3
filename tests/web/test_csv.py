"""A table as a file has all rows, or says in its name that it has the first ones."""

import asyncio
from urllib.parse import parse_qs

import msgspec
import pytest

from costper.web import site as sites
from costper.web.gateway import App, Gateway, Message, Receive, Scope, Send
from costper.web.page import Ask
from costper.web.site import to_the_end
from costper.web.table import first_of, whole
from costper.web.told import Told

ASK = Ask(path="/api/v1/customers", params={"limit": "100", "cursor": "5"})


def paged(rows: int, at_once: int) -> App:
    """Make an API that gives so many rows, some at once."""

    async def api(scope: Scope, _receive: Receive, send: Send) -> None:
        said = parse_qs(scope["query_string"].decode())
        at = int(said.get("cursor", ["0"])[0])
        more = str(at + at_once) if at + at_once < rows else None
        body = {
            "rows": [{"id": it} for it in range(at, min(rows, at + at_once))],
            "next_cursor": more,
        }
        start: Message = {"type": "http.response.start", "status": 200}
        await send(start)
        await send({"type": "http.response.body", "body": msgspec.json.encode(body)})

    return api


def gathered(rows: int, at_once: int) -> Told:
    """Ask such an API to the end."""
    gateway = Gateway(paged(rows, at_once), "here")
    ask = whole({"all": ASK}, "all")["all"]

    async def work() -> Told:
        return await to_the_end(gateway, ask, await gateway.one(ask))

    return asyncio.run(work())


@pytest.mark.parametrize("rows", [0, 1, 10, 11, 25])
def test_all_pages_are_in_the_file_in_their_order(rows: int) -> None:
    assert [it["id"] for it in gathered(rows, 10).rows] == list(range(rows))


def test_more_than_a_file_may_hold_is_refused_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sites, "MOST_IN_FILE", 20)
    assert gathered(20, 10).ok
    assert gathered(21, 10).status == 413


def test_what_has_no_cursor_is_asked_for_the_most_and_named_by_it() -> None:
    log = Ask(path="/api/v1/audit", params={"rows": "50", "before": "7"})
    users = Ask(path="/api/v1/llm/users", params={"top": "50"})
    asked = whole({"log": log}, "log")["log"], whole({"users": users}, "users")["users"]
    assert [it.params for it in asked] == [{"rows": "1000"}, {"top": "10000"}]
    assert (first_of(asked[0], 1000), first_of(asked[0], 999)) == ("first-1000", "")
    assert first_of(asked[1], 10_000) == "first-10000"
