"""What providers really answered is told so that costper reads the same usage from it."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from anthropic import Anthropic
from openai import OpenAI
from tests.track.doors import Answer, Door, texts

import costper
from costper.model.call import Reading
from costper.rating.usage import read_body, read_chunks, read_response
from costper.track.client import flush

WIRE = "data/llm/wire"
OPENAI = (
    *("azure_openai_chat.0", "deepseek_reasoner.0", "groq_chat.0", "openai_chat_basic.0"),
    *("openai_chat_cache_e2e.0", "openai_chat_reasoning.0", "openai_chat_reasoning.1"),
    *("openai_chat_service_tier.0", "openai_chat_stream_include_usage.0"),
    *("openai_chat_stream_no_usage.0", "openai_embeddings.0", "openai_responses_cache_e2e.1"),
    *("openai_responses_service_tier.0", "openai_responses_stream_usage.0"),
    "openrouter_cache_stream_cost.0",
)
ANTHROPIC = (
    *("anthropic_advisor_stream.0", "anthropic_cache_stream.0"),
    *("anthropic_cache_write_then_read.0", "anthropic_opus5.0", "anthropic_pause_turn_stream.0"),
    "anthropic_thinking_stream.0",
)
LEAST_TEXT = 20
pytestmark = [
    pytest.mark.shared(WIRE),
    # What was recorded are models of then.
    pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning"),
]


class Elsewhere(httpx2.BaseTransport):
    """Connections to any address lead to the server of the test, whatever the request says."""

    def __init__(self, url: str) -> None:
        self._url = httpx2.URL(url)
        self._within = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url.copy_with(
            scheme=self._url.scheme, host=self._url.host, port=self._url.port
        )
        return self._within.handle_request(
            httpx2.Request(request.method, url, headers=request.headers, content=request.content)
        )

    def close(self) -> None:
        self._within.close()


def exchange_of(shared: Path, stem: str) -> dict[str, Any]:
    path = shared / WIRE / f"{stem}.exchange.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def body_of(shared: Path, stem: str) -> bytes:
    (path,) = (shared / WIRE).glob(f"{stem}.response.*")
    return path.read_bytes()


def ask_openai(exchange: dict[str, Any], http: httpx2.Client, costper_server: Door) -> None:
    """Make the recorded request again, by the client's own method, and read all of the answer."""
    before, _, path = exchange["uri"].partition("/v1/")
    base = f"{before}/v1" if path else exchange["uri"].partition("/chat/")[0]
    client = OpenAI(api_key="none", base_url=base, http_client=http, max_retries=0)
    costper.track(client, url=costper_server.url)
    said: dict[str, Any] = dict(exchange["request_body"])
    first: Any = {key: said.pop(key) for key in ("model", "messages", "input") if key in said}
    if exchange["uri"].partition("?")[0].endswith("/embeddings"):
        client.embeddings.create(**first, encoding_format=said["encoding_format"])
        return
    streams: Any = {"stream": said.pop("stream", False), "extra_body": said}
    create: Any = client.responses.create if "input" in first else client.chat.completions.create
    reply = create(**first, **streams)
    if streams["stream"]:
        list(reply)


def ask_anthropic(exchange: dict[str, Any], http: httpx2.Client, costper_server: Door) -> None:
    """Make the recorded request again, by the client's own method, and read all of the answer."""
    client = Anthropic(api_key="none", http_client=http, max_retries=0)
    costper.track(client, url=costper_server.url)
    said: dict[str, Any] = dict(exchange["request_body"])
    first: Any = {key: said.pop(key) for key in ("model", "messages", "max_tokens")}
    streams: Any = {"stream": said.pop("stream", False), "extra_body": said}
    messages: Any = client.beta.messages if "beta" in exchange["uri"] else client.messages
    reply = messages.create(**first, **streams)
    if streams["stream"]:
        list(reply)


def reading_of(event: dict[str, Any]) -> Reading:
    wire: str = event["wire"]
    if "response" in event:
        return read_response(wire, event["response"]).items[0]
    return read_chunks(wire, event["responseChunks"]).items[0]


@pytest.mark.parametrize("stem", [*OPENAI, *ANTHROPIC])
def test_a_recorded_answer_is_told_as_it_reads(
    stem: str, shared: Path, provider: Door, costper_server: Door
) -> None:
    exchange, body = exchange_of(shared, stem), body_of(shared, stem)
    provider.answers = [Answer((body,), 200, exchange["content_type"])]
    ask = ask_openai if stem in OPENAI else ask_anthropic
    with httpx2.Client(transport=Elsewhere(provider.url)) as http:
        ask(exchange, http, costper_server)
    assert flush()
    (event,) = costper_server.events
    reading = reading_of(event)
    assert reading == read_body(event["wire"], exchange["content_type"], body).items[0]
    assert reading.lines
    assert reading.finished
    assert event["status"] == "ok"
    assert "estimated" not in event


@pytest.mark.parametrize("stem", [*OPENAI, *ANTHROPIC])
def test_no_recorded_text_is_sent(
    stem: str, shared: Path, provider: Door, costper_server: Door
) -> None:
    exchange, body = exchange_of(shared, stem), body_of(shared, stem)
    provider.answers = [Answer((body,), 200, exchange["content_type"])]
    ask = ask_openai if stem in OPENAI else ask_anthropic
    with httpx2.Client(transport=Elsewhere(provider.url)) as http:
        ask(exchange, http, costper_server)
    assert flush()
    # Ids and names of models have no blanks; what people write has.
    assert [text for text in texts(costper_server.events) if " " in text] == []


@pytest.mark.parametrize("stem", ANTHROPIC)
def test_a_recorded_stream_that_was_cut_anywhere_reads_the_same_without_its_text(
    stem: str, shared: Path
) -> None:
    from costper.track.bodies import body_of as parsed
    from costper.track.reduced import reduced_chunks
    from costper.track.tape import Tape

    body = body_of(shared, stem)
    if not body.startswith(b"event:"):
        pytest.skip("it was not streamed")
    for size in range(0, len(body), max(len(body) // 40, 1)):
        tape = Tape("", "POST", lambda _: None)
        tape.headers = {"content-type": "text/event-stream"}
        tape.feed(body[:size])
        nodes = parsed(tape).nodes
        whole = read_chunks("anthropic", list(nodes))
        assert read_chunks("anthropic", reduced_chunks(nodes)).items == whole.items
