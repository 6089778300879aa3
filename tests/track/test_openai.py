"""OpenAI's own client, sync and async, is told of call by call."""

import asyncio
import threading
from typing import Any, cast

import httpx2
import pytest
from openai import APIConnectionError, AsyncOpenAI, BadRequestError, OpenAI, RateLimitError
from tests.track.bodies import (
    CHAT,
    CHUNKS,
    RESPONSE,
    SECRET,
    USAGE_CHUNK,
    Body,
    chat,
    chat_stream,
    chunk,
)
from tests.track.doors import Answer, Door, said, stream, texts

import costper
from costper.track.client import flush

SAID: Any = [{"role": "user", "content": SECRET}]
MODEL = "gpt-4o"


def client_of(provider: Door, costper_server: Door, *, include_usage: bool | None = None) -> OpenAI:
    client = OpenAI(api_key="none", base_url=f"{provider.url}/v1")
    return costper.track(client, url=costper_server.url, include_usage=include_usage)


def async_client_of(
    provider: Door, costper_server: Door, *, include_usage: bool | None = None
) -> AsyncOpenAI:
    client = AsyncOpenAI(api_key="none", base_url=f"{provider.url}/v1")
    return costper.track(client, url=costper_server.url, include_usage=include_usage)


def one_event(costper_server: Door) -> dict[str, Any]:
    assert flush()
    (event,) = costper_server.events
    assert not [text for text in texts(event) if SECRET in text]
    return event


def test_a_call_is_told_with_its_labels_and_usage(provider: Door, costper_server: Door) -> None:
    provider.answers = [chat()]
    client = client_of(provider, costper_server)
    with costper.labels(feature="search", user_id=7, tenant="acme", prompt_version="v7"):
        reply = client.chat.completions.create(model=MODEL, messages=SAID)
    assert reply.choices[0].message.content == SECRET
    event = one_event(costper_server)
    assert event["endpointTag"] == "search"
    assert event["userId"] == "7"
    assert event["tenantId"] == "acme"
    assert event["promptVersion"] == "v7"
    assert event["provider"] == "openai"
    assert event["wire"] == "openai_chat"
    assert event["externalRequestId"] == f"openai:{CHAT['id']}"
    assert event["response"]["usage"] == CHAT["usage"]
    assert event["response"]["service_tier"] == "default"
    assert (event["status"], event["attempt"]) == ("ok", 1)


def test_the_usage_of_a_stream_is_asked_for_and_hidden(
    provider: Door, costper_server: Door
) -> None:
    provider.answers = [chat_stream()]
    client = client_of(provider, costper_server, include_usage=True)
    chunks = list(client.chat.completions.create(model=MODEL, messages=SAID, stream=True))
    assert provider.asked[0]["stream_options"] == {"include_usage": True}
    assert len(chunks) == len(CHUNKS)
    assert all(each.choices for each in chunks)
    event = one_event(costper_server)
    assert event["responseChunks"][-1]["usage"] == USAGE_CHUNK["usage"]
    assert "estimated" not in event


def test_who_asks_for_the_usage_sees_it(provider: Door, costper_server: Door) -> None:
    provider.answers = [chat_stream()]
    client = client_of(provider, costper_server, include_usage=True)
    asked: Any = {"include_usage": True}
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=SAID, stream=True, stream_options=asked
        )
    )
    assert chunks[-1].usage is not None
    assert one_event(costper_server)["responseChunks"][-1]["usage"] == USAGE_CHUNK["usage"]


def test_another_server_is_not_asked_and_the_call_is_estimated(
    provider: Door, costper_server: Door
) -> None:
    provider.answers = [stream(*CHUNKS, "[DONE]")]
    client = client_of(provider, costper_server)
    list(client.chat.completions.create(model=MODEL, messages=SAID, stream=True))
    assert "stream_options" not in provider.asked[0]
    event = one_event(costper_server)
    assert event["estimated"] is True
    assert event["status"] == "ok"
    assert event["outputTokens"] == -(-len(SECRET + " jumps") // 4)
    assert event["inputTokens"] >= len(SECRET) // 4


def test_a_cancelled_stream_is_told_as_cancelled(provider: Door, costper_server: Door) -> None:
    gate = threading.Event()
    provider.answers = [stream(*CHUNKS, USAGE_CHUNK, gate=gate)]
    client = client_of(provider, costper_server, include_usage=True)
    with client.chat.completions.create(model=MODEL, messages=SAID, stream=True) as chunks:
        next(iter(chunks))
    gate.set()
    event = one_event(costper_server)
    assert event["status"] == "cancelled"
    assert event["estimated"] is True
    assert event["outputTokens"] > 0


def test_a_stream_that_is_dropped_is_told_too(provider: Door, costper_server: Door) -> None:
    gate = threading.Event()
    provider.answers = [stream(*CHUNKS, USAGE_CHUNK, gate=gate)]
    client = client_of(provider, costper_server)
    chunks = client.chat.completions.create(model=MODEL, messages=SAID, stream=True)
    chunks.response.close()
    gate.set()
    assert one_event(costper_server)["status"] == "cancelled"


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


def test_the_helper_of_responses_streams(provider: Door, costper_server: Door) -> None:
    begun: Body = {**RESPONSE, "status": "in_progress", "usage": None, "output": []}
    provider.answers = [
        stream(
            {"type": "response.created", "response": begun, "sequence_number": 0},
            {"type": "response.completed", "response": RESPONSE, "sequence_number": 1},
        )
    ]
    client = client_of(provider, costper_server)
    with client.responses.stream(model="gpt-5", input=SECRET) as events:
        assert events.get_final_response().usage is not None
    event = one_event(costper_server)
    assert event["responseChunks"][-1]["response"]["usage"] == RESPONSE["usage"]
    assert event["status"] == "ok"


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


def test_async_calls_and_streams_are_told(provider: Door, costper_server: Door) -> None:
    provider.answers = [chat(), chat_stream()]

    async def calls() -> int:
        client = async_client_of(provider, costper_server, include_usage=True)
        async with client:
            with costper.labels(feature="async"):
                await client.chat.completions.create(model=MODEL, messages=SAID)
            chunks = await client.chat.completions.create(model=MODEL, messages=SAID, stream=True)
            return len([each async for each in chunks])

    assert asyncio.run(calls()) == len(CHUNKS)
    assert flush()
    once, streamed = costper_server.events
    assert once["endpointTag"] == "async"
    assert "endpointTag" not in streamed
    assert streamed["responseChunks"][-1]["usage"] == USAGE_CHUNK["usage"]


def test_a_cancelled_task_is_told_as_cancelled(provider: Door, costper_server: Door) -> None:
    gate = threading.Event()
    provider.answers = [stream(*CHUNKS, USAGE_CHUNK, gate=gate)]

    async def cancelled() -> None:
        client = async_client_of(provider, costper_server)
        seen = asyncio.Event()

        async def read() -> None:
            chunks = await client.chat.completions.create(model=MODEL, messages=SAID, stream=True)
            async for _ in chunks:
                seen.set()

        task = asyncio.create_task(read())
        await seen.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.close()

    asyncio.run(cancelled())
    gate.set()
    assert one_event(costper_server)["status"] == "cancelled"


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


def test_openai_itself_is_asked_for_usage(costper_server: Door) -> None:
    asked: list[bytes] = []

    def reply(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.content)
        return httpx2.Response(200, json=CHAT)

    client = OpenAI(
        api_key="none", http_client=httpx2.Client(transport=httpx2.MockTransport(reply))
    )
    costper.track(client, url=costper_server.url)
    client.chat.completions.create(model=MODEL, messages=SAID, stream=True)
    assert asked[0].endswith(b'"stream_options":{"include_usage":true}}')


def test_a_stream_that_breaks_fails_the_caller_as_before(
    provider: Door, costper_server: Door
) -> None:
    provider.answers = [stream(chunk(SECRET), breaks=True)]
    client = client_of(provider, costper_server)
    chunks = client.chat.completions.create(model=MODEL, messages=SAID, stream=True)
    with pytest.raises(APIConnectionError):
        list(chunks)
    assert one_event(costper_server)["status"] == "error"


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


def test_a_body_that_is_no_json_is_told_without_usage(provider: Door, costper_server: Door) -> None:
    provider.answers = [Answer((b"<html>",), 200, "text/html")]
    client = client_of(provider, costper_server)
    client.chat.completions.create(model=MODEL, messages=SAID)
    event = one_event(costper_server)
    assert event["estimated"] is True
    assert "response" not in event


def test_a_redirected_call_is_told_once_and_asked_once(
    provider: Door, costper_server: Door
) -> None:
    there = {"Location": f"{provider.url}/v2/chat/completions"}
    provider.answers = [Answer(status=307, headers=there), chat_stream()]
    client = client_of(provider, costper_server, include_usage=True)
    chunks = list(client.chat.completions.create(model=MODEL, messages=SAID, stream=True))
    assert len(chunks) == len(CHUNKS)
    assert provider.asked[0] == provider.asked[1]
    assert one_event(costper_server)["status"] == "ok"


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
