"""Streams of OpenAI's own client are told of, read to the end or not, and look as they did."""

import asyncio
import threading
from typing import Any

import httpx2
import pytest
from openai import APIConnectionError, OpenAI
from tests.track.asking import MODEL, SAID, async_client_of, client_of, one_event
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
from tests.track.doors import Answer, Door, stream

import costper
from costper.track.client import flush


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


def test_the_usage_is_hidden_in_a_body_that_is_in_memory_too(costper_server: Door) -> None:
    body = b"".join(chat_stream().pieces)

    def reply(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=body, headers={"content-type": "text/event-stream"})

    client = OpenAI(
        api_key="none", http_client=httpx2.Client(transport=httpx2.MockTransport(reply))
    )
    costper.track(client, url=costper_server.url)
    chunks = list(client.chat.completions.create(model=MODEL, messages=SAID, stream=True))
    assert len(chunks) == len(CHUNKS)
    assert all(each.choices for each in chunks)
    event = one_event(costper_server)
    assert event["responseChunks"][-1]["usage"] == USAGE_CHUNK["usage"]


def test_a_stream_that_breaks_fails_the_caller_as_before(
    provider: Door, costper_server: Door
) -> None:
    provider.answers = [stream(chunk(SECRET), breaks=True)]
    client = client_of(provider, costper_server)
    chunks = client.chat.completions.create(model=MODEL, messages=SAID, stream=True)
    with pytest.raises(APIConnectionError):
        list(chunks)
    assert one_event(costper_server)["status"] == "error"


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
