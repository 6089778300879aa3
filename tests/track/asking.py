"""OpenAI's own client before the two servers of a test."""

from typing import Any

from openai import AsyncOpenAI, OpenAI
from tests.track.bodies import SECRET
from tests.track.doors import Door, texts

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
