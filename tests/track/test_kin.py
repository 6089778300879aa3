"""The libraries' clients for other clouds, forms and pictures are told of like the plain ones."""

from collections.abc import Callable
from typing import Any, cast

import httpx2
import pytest
from anthropic import (
    AnthropicBedrock,  # pyright: ignore[reportPrivateImportUsage]
    AnthropicVertex,  # pyright: ignore[reportPrivateImportUsage]
)
from openai import AzureOpenAI, OpenAI
from tests.track.bodies import CHAT, MESSAGE, Body
from tests.track.doors import Door

import costper
from costper.track.client import flush

SAID: Any = [{"role": "user", "content": "hello"}]


def answering(body: Body) -> httpx2.Client:
    """Connections to anywhere that answer this."""
    return httpx2.Client(transport=httpx2.MockTransport(lambda _: httpx2.Response(200, json=body)))


def azure(http: httpx2.Client) -> Any:  # noqa: ANN401 - clients of two libraries
    return AzureOpenAI(
        api_key="none",
        azure_endpoint="https://mine.openai.azure.com",
        api_version="2024-10-21",
        http_client=http,
    )


def bedrock(http: httpx2.Client) -> Any:  # noqa: ANN401
    return AnthropicBedrock(
        aws_access_key="none", aws_secret_key="none", aws_region="us-east-1", http_client=http
    )


def vertex(http: httpx2.Client) -> Any:  # noqa: ANN401
    return AnthropicVertex(region="us-east5", project_id="p", access_token="none", http_client=http)


def ask(client: Any) -> object:  # noqa: ANN401
    if isinstance(client, AzureOpenAI):
        return client.chat.completions.create(model="deployed", messages=SAID)
    return client.messages.create(model="claude-x", max_tokens=9, messages=SAID)


@pytest.mark.parametrize(
    ("made", "body", "told"),
    [
        (azure, CHAT, ("azure", "openai_chat")),
        (bedrock, MESSAGE, ("aws", "anthropic")),
        (vertex, MESSAGE, ("google", "anthropic")),
    ],
)
def test_clients_for_other_clouds_are_told_of(
    made: Callable[[httpx2.Client], Any], body: Body, told: tuple[str, str], costper_server: Door
) -> None:
    client = costper.track(made(answering(body)), url=costper_server.url)
    ask(client)
    assert flush()
    (event,) = costper_server.events
    assert (event["provider"], event["wire"]) == told
    assert event["model"] in {"deployed", "claude-x"}
    assert event["response"]["usage"] == body["usage"]


def openai_told(body: Body, costper_server: Door) -> OpenAI:
    client = OpenAI(api_key="none", http_client=answering(body))
    return costper.track(client, url=costper_server.url)


def test_the_model_of_a_form_is_told(costper_server: Door) -> None:
    usage = {"type": "tokens", "input_tokens": 14, "output_tokens": 45, "total_tokens": 59}
    client = openai_told({"text": "good morning", "usage": usage}, costper_server)
    client.audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.wav", b"RIFF"))
    assert flush()
    (event,) = costper_server.events
    assert event["model"] == "gpt-4o-transcribe"
    assert event["wire"] == "openai_audio"
    assert event["response"] == {"usage": usage}


def test_pictures_are_told_by_their_usage_alone(costper_server: Door) -> None:
    usage = {"input_tokens": 14, "output_tokens": 4_000, "total_tokens": 4_014}
    body = {"created": 1, "data": [{"b64_json": "iVBOR" * 1_000}], "usage": usage}
    client = openai_told(body, costper_server)
    client.images.generate(model="gpt-image-1", prompt="a fox")
    assert flush()
    (event,) = costper_server.events
    assert cast("Body", event["response"]) == {"usage": usage}
    assert event["model"] == "gpt-image-1"


def test_speech_says_no_usage_and_is_estimated(costper_server: Door) -> None:
    client = openai_told({}, costper_server)
    client.audio.speech.create(model="gpt-4o-mini-tts", voice="alloy", input="word " * 40)
    assert flush()
    (event,) = costper_server.events
    assert event["estimated"] is True
    assert event["inputTokens"] == 50


def test_the_model_of_a_request_too_long_to_keep_is_told(costper_server: Door) -> None:
    client = openai_told({**CHAT, "model": ""}, costper_server)
    long: Any = [{"role": "user", "content": "x" * 5_000_000}]
    client.chat.completions.create(model="gpt-4o", messages=long)
    assert flush()
    (event,) = costper_server.events
    assert event["model"] == "gpt-4o"
