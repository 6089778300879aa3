"""Whose call it was is read from the address, and only what is billed is recorded."""

import pytest

from costper.rating.usage import WIRES, wire_of
from costper.track.wires import is_metered, route_of

ADDRESSES = (
    "https://api.openai.com/v1/chat/completions",
    "https://api.openai.com/v1/completions",
    "https://api.openai.com/v1/responses",
    "https://api.openai.com/v1/embeddings",
    "https://api.openai.com/v1/audio/transcriptions",
    "https://api.openai.com/v1/audio/speech",
    "https://api.anthropic.com/v1/messages?beta=true",
    "https://a.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=1",
    "https://a.services.ai.azure.com/openai/v1/responses",
    "https://api.groq.com/openai/v1/chat/completions",
    "https://api.deepseek.com/beta/chat/completions",
    "https://api.x.ai/v1/chat/completions",
    "https://api.x.ai/v1/responses",
    "https://api.mistral.ai/v1/embeddings",
    "https://openrouter.ai/api/v1/responses",
    "https://api.together.xyz/v1/chat/completions",
    "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
    "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/anthropic/models/claude-1@2:streamRawPredict",
    "http://localhost:11434/v1/chat/completions",
)


@pytest.mark.parametrize("url", ADDRESSES)
def test_the_sdk_and_the_proxy_name_an_address_alike(url: str) -> None:
    route = route_of(url, "openai")
    assert wire_of(url) == (route.provider, route.wire, route.model)
    assert route.wire in WIRES
    assert is_metered("POST", url.partition("?")[0].partition("://")[2].partition("/")[2])


@pytest.mark.parametrize("own", ["openai", "anthropic"])
def test_an_address_nobody_knows_is_that_of_the_client(own: str) -> None:
    assert route_of("http://gateway.internal:8000/v1/chat/completions", own).provider == own
    assert route_of("http://evil-openai.com/v1/chat/completions", own).provider == own


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"),
        ("GET", "/v1/chat/completions"),
        ("POST", "/v1/messages/count_tokens"),
        ("POST", "/v1/messages/batches"),
        ("POST", "/v1/files"),
        ("POST", "/v1/moderations"),
        ("POST", "/v1/threads/t/messages"),
        ("POST", "/v1/responses/r/cancel"),
        ("GET", "/v1/responses/r/input_items"),
        ("DELETE", "/v1/responses/r"),
        ("POST", ""),
        ("GET", ""),
    ],
)
def test_what_is_not_billed_is_not_recorded(method: str, path: str) -> None:
    assert not is_metered(method, path)
