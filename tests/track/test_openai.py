"""OpenAI's own client, sync and async, is told of call by call."""

import asyncio
from typing import Any, cast

import httpx2
import pytest
from openai import APIConnectionError, AsyncOpenAI, BadRequestError, OpenAI, RateLimitError
from tests.track.asking import MODEL, SAID, async_client_of, client_of, one_event
from tests.track.bodies import (
    CHAT,
    CHUNKS,
    RESPONSE,
    SECRET,
    Body,
    chat,
    chat_stream,
)
from tests.track.doors import Door, said, texts

import costper
from costper.track.client import flush


def test_attempts_share_their_operation(provider: Door, costper_server: Door) -> None:
    provider.answers = [said({"error": {}}, 500, retry_after_ms="1"), chat(), chat()]
    client = client_of(provider, costper_server)
    client.chat.completions.create(model=MODEL, messages=SAID)
    client.chat.completions.create(model=MODEL, messages=SAID)
    assert flush()
    first, second, other = costper_server.events
    assert (first["attempt"], second["attempt"], other["attempt"]) == (1, 2, 1)
    assert first["operationId"] == second["operationId"] != other["operationId"]
    assert (first["status"], second["status"]) == ("error", "ok")
    assert first["externalRequestId"] != second["externalRequestId"]
    assert first["model"] == MODEL


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [(429, RateLimitError, "rate_limited"), (400, BadRequestError, "error")],
)
def test_errors_reach_the_caller_and_costper(
    provider: Door, costper_server: Door, status: int, error: type[Exception], told: str
) -> None:
    provider.answers = [said({"error": {"message": SECRET}}, status)]
    client = client_of(provider, costper_server).with_options(max_retries=0)
    with pytest.raises(error):
        client.chat.completions.create(model=MODEL, messages=SAID)
    event = one_event(costper_server)
    assert event["status"] == told
    assert "response" not in event


def test_a_server_that_is_not_there_is_told(costper_server: Door) -> None:
    client = OpenAI(api_key="none", base_url="http://127.0.0.1:9/v1", max_retries=0)
    costper.track(client, url=costper_server.url)
    with pytest.raises(APIConnectionError):
        client.chat.completions.create(model=MODEL, messages=SAID)
    assert one_event(costper_server)["status"] == "error"


def test_responses_embeddings_and_raw_responses_are_told(
    provider: Door, costper_server: Door
) -> None:
    vector = {"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}
    embeddings: Body = {
        "object": "list",
        "data": [vector],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 4, "total_tokens": 4},
    }
    provider.answers = [said(RESPONSE), said(embeddings), chat(), chat()]
    client = client_of(provider, costper_server)
    assert client.responses.create(model="gpt-5", input=SECRET).output_text == SECRET
    client.embeddings.create(model="text-embedding-3-small", input=SECRET, encoding_format="float")
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=SAID)
    assert raw.parse().choices
    with client.chat.completions.with_streaming_response.create(
        model=MODEL, messages=SAID
    ) as streaming:
        assert streaming.parse().choices
    assert flush()
    response, vectors, *chats = costper_server.events
    assert response["wire"] == "openai_responses"
    assert response["response"]["output"][0]["action"] == {"type": "search"}
    assert vectors["wire"] == "openai_embeddings"
    assert vectors["response"]["usage"]["prompt_tokens"] == 4
    assert "data" not in vectors["response"]
    assert [each["response"]["usage"] for each in chats] == [CHAT["usage"]] * 2
    assert not [text for text in texts(costper_server.events) if SECRET in text]


def test_a_response_of_the_background_is_told_once_it_is_there(
    provider: Door, costper_server: Door
) -> None:
    done = {**RESPONSE, "background": True}
    waiting: Body = {**done, "status": "queued", "usage": None, "output": []}
    provider.answers = [said(waiting), said(waiting), said(done)]
    client = client_of(provider, costper_server)
    begun = client.responses.create(model="gpt-5", input=SECRET, background=True)
    client.responses.retrieve(begun.id)
    client.responses.retrieve(begun.id)
    event = one_event(costper_server)
    assert event["externalRequestId"] == f"openai:{RESPONSE['id']}"
    assert event["response"]["usage"] == RESPONSE["usage"]


def test_labels_of_tasks_do_not_mix(provider: Door, costper_server: Door) -> None:
    provider.usual = chat()

    async def call(client: AsyncOpenAI, user: str) -> None:
        with costper.labels(user_id=user):
            await client.chat.completions.create(model=user, messages=SAID)

    async def calls() -> None:
        async with async_client_of(provider, costper_server) as client:
            await asyncio.gather(*(call(client, f"u{number}") for number in range(8)))

    asyncio.run(calls())
    assert flush()
    assert {(each["userId"], each["model"]) for each in costper_server.events} == {
        (f"u{number}", f"u{number}") for number in range(8)
    }
    assert len({each["operationId"] for each in costper_server.events}) == 8


def test_a_clients_own_connection_is_shared_not_changed(
    provider: Door, costper_server: Door
) -> None:
    provider.usual = chat()
    mine = httpx2.Client()
    tracked = OpenAI(api_key="none", base_url=f"{provider.url}/v1", http_client=mine)
    other = OpenAI(api_key="none", base_url=f"{provider.url}/v1", http_client=mine)
    costper.track(tracked, url=costper_server.url)
    tracked.chat.completions.create(model="told", messages=SAID)
    other.chat.completions.create(model="not told", messages=SAID)
    assert one_event(costper_server)["model"] == "told"
    mine.close()


def test_tracking_twice_tells_once(provider: Door, costper_server: Door) -> None:
    provider.answers = [chat()]
    client = client_of(provider, costper_server)
    client = costper.track(client, url=costper_server.url, provider="somebody")
    client.with_options(timeout=5).chat.completions.create(model=MODEL, messages=SAID)
    assert one_event(costper_server)["provider"] == "somebody"


def test_responses_of_a_mocked_transport_are_told(costper_server: Door) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=CHAT))
    client = OpenAI(api_key="none", http_client=httpx2.Client(transport=transport))
    costper.track(client, url=costper_server.url)
    client.chat.completions.create(model=MODEL, messages=SAID)
    assert one_event(costper_server)["response"]["usage"] == CHAT["usage"]


def test_what_is_not_billed_is_not_told(provider: Door, costper_server: Door) -> None:
    provider.answers = [said({"object": "list", "data": []}), chat()]
    client = client_of(provider, costper_server)
    client.models.list()
    client.chat.completions.create(model=MODEL, messages=SAID)
    assert one_event(costper_server)["model"] == MODEL


def test_an_unknown_client_is_given_back_as_it_is(
    costper_server: Door, caplog: pytest.LogCaptureFixture
) -> None:
    thing = object()
    assert costper.track(cast("Any", thing), url=costper_server.url) is thing
    assert "the call goes on" in caplog.text


def test_what_the_process_says_of_all_calls_is_below_what_a_label_says(
    provider: Door, costper_server: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COSTPER_ENVIRONMENT", "staging")
    monkeypatch.setenv("COSTPER_DATA_MODE", "test")
    provider.answers = [chat()]
    client = client_of(provider, costper_server)
    with costper.labels(data_mode="demo"):
        client.chat.completions.create(model=MODEL, messages=SAID)
    event = one_event(costper_server)
    assert (event["environment"], event["dataMode"]) == ("staging", "demo")


def test_tracking_can_be_switched_off_from_outside(
    provider: Door, costper_server: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COSTPER_TRACK", "off")
    provider.answers = [chat()]
    client_of(provider, costper_server).chat.completions.create(model=MODEL, messages=SAID)
    assert flush()
    assert costper_server.events == []


def test_a_failure_of_ours_never_reaches_the_caller(
    provider: Door, costper_server: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.usual = chat_stream()
    client = client_of(provider, costper_server, include_usage=True)

    def broken(*_words: object, **_named: object) -> None:
        raise RuntimeError("a fault of ours")

    for place in (
        "costper.track.tap.is_metered",
        "costper.track.tap.current",
        "costper.track.tap.asking",
        "costper.track.streams._kind",
        "costper.track.tape.Tape.feed",
        "costper.track.tape.Tape.end",
        "costper.track.usage_chunk.Hiding.feed",
        "costper.track.sender.Sender.put",
        "costper.track.sender.event_of",
        "costper.track.quiet.once",
    ):
        with monkeypatch.context() as patched:
            patched.setattr(place, broken)
            chunks = client.chat.completions.create(model=MODEL, messages=SAID, stream=True)
            assert len(list(chunks)) >= len(CHUNKS), place
            flush()
