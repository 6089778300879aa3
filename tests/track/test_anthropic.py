"""Anthropic's own client, sync and async, is told of call by call."""

import asyncio
import threading
from typing import Any

import pytest
from anthropic import Anthropic, APIStatusError, AsyncAnthropic
from tests.track.bodies import MESSAGE, MESSAGE_EVENTS, SECRET, message, message_stream
from tests.track.doors import Door, said, stream, texts

import costper
from costper.track.client import flush

ASKED: Any = {
    "model": "claude-sonnet-5",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": SECRET}],
}


def client_of(provider: Door, costper_server: Door) -> Anthropic:
    client = Anthropic(api_key="none", base_url=provider.url)
    return costper.track(client, url=costper_server.url)


def one_event(costper_server: Door) -> dict[str, Any]:
    assert flush()
    (event,) = costper_server.events
    assert not [text for text in texts(event) if SECRET in text]
    return event


def test_a_message_is_told(provider: Door, costper_server: Door) -> None:
    provider.answers = [message()]
    client = client_of(provider, costper_server)
    with costper.labels(feature="summariser"):
        assert client.messages.create(**ASKED).usage.output_tokens == 44
    event = one_event(costper_server)
    assert event["provider"] == event["wire"] == "anthropic"
    assert event["endpointTag"] == "summariser"
    assert event["externalRequestId"] == f"anthropic:{MESSAGE['id']}"
    assert event["response"]["usage"] == MESSAGE["usage"]
    assert event["response"]["content"] == [{"type": "text"}]


def test_streams_are_told_whichever_way_they_are_read(provider: Door, costper_server: Door) -> None:
    provider.usual = message_stream()
    client = client_of(provider, costper_server)
    assert len(list(client.messages.create(**ASKED, stream=True))) == len(MESSAGE_EVENTS)
    with client.messages.stream(**ASKED) as events:
        assert "".join(events.text_stream) == SECRET
    with client.messages.stream(**ASKED) as events:
        assert events.get_final_message().usage.output_tokens == 44
    with client.messages.with_streaming_response.create(**ASKED, stream=True) as raw:
        assert len(list(raw.iter_lines())) > len(MESSAGE_EVENTS)
    assert flush()
    assert len(costper_server.events) == 4
    for event in costper_server.events:
        assert event["status"] == "ok"
        assert event["responseChunks"][-2]["usage"] == {"output_tokens": 44}


def test_a_cancelled_stream_tells_how_much_was_seen_without_its_text(
    provider: Door, costper_server: Door
) -> None:
    gate = threading.Event()
    provider.answers = [stream(*MESSAGE_EVENTS[:4], gate=gate, breaks=True)]
    client = client_of(provider, costper_server)
    with client.messages.stream(**ASKED) as events:
        assert next(iter(events.text_stream)) == SECRET
        gate.set()
    event = one_event(costper_server)
    assert event["status"] == "cancelled"
    start, seen = event["responseChunks"]
    assert start["message"]["usage"]["cache_read_input_tokens"] == 100
    assert seen["delta"]["text"] == "x" * len(SECRET)


def test_an_error_within_a_stream_reaches_the_caller_and_costper(
    provider: Door, costper_server: Door
) -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": SECRET}}
    provider.answers = [stream(MESSAGE_EVENTS[0], error)]
    client = client_of(provider, costper_server)
    with pytest.raises(APIStatusError):
        list(client.messages.create(**ASKED, stream=True))
    event = one_event(costper_server)
    assert event["status"] == "error"
    assert event["responseChunks"][0]["message"]["usage"]["input_tokens"] == 13


def test_counting_tokens_is_not_told(provider: Door, costper_server: Door) -> None:
    provider.answers = [said({"input_tokens": 3}), message()]
    client = client_of(provider, costper_server)
    counted: Any = {key: ASKED[key] for key in ("model", "messages")}
    client.messages.count_tokens(**counted)
    client.messages.create(**ASKED)
    one_event(costper_server)


def test_attempts_share_their_operation(provider: Door, costper_server: Door) -> None:
    provider.answers = [said({}, 529, retry_after_ms="1"), message()]
    client = client_of(provider, costper_server)
    client.messages.create(**ASKED)
    assert flush()
    first, second = costper_server.events
    assert first["operationId"] == second["operationId"]
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert first["model"] == "claude-sonnet-5"


def test_async_messages_and_streams_are_told(provider: Door, costper_server: Door) -> None:
    provider.answers = [message(), message_stream(), message_stream()]

    async def calls() -> None:
        plain = AsyncAnthropic(api_key="none", base_url=provider.url)
        async with costper.track(plain, url=costper_server.url) as client:
            await client.messages.create(**ASKED)
            async with client.messages.stream(**ASKED) as events:
                assert await events.get_final_text() == SECRET
            async for _ in await client.messages.create(**ASKED, stream=True):
                pass

    asyncio.run(calls())
    assert flush()
    assert [event["status"] for event in costper_server.events] == ["ok"] * 3


def test_an_async_stream_left_in_the_middle_is_told(provider: Door, costper_server: Door) -> None:
    gate = threading.Event()
    provider.answers = [stream(*MESSAGE_EVENTS[:4], gate=gate, breaks=True)]

    async def calls() -> None:
        plain = AsyncAnthropic(api_key="none", base_url=provider.url)
        async with costper.track(plain, url=costper_server.url) as client:
            async with client.messages.stream(**ASKED) as events:
                async for _ in events.text_stream:
                    break
            gate.set()

    asyncio.run(calls())
    assert one_event(costper_server)["status"] == "cancelled"
