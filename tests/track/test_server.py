"""A call of a real client reaches the books of a real costper, once."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from anthropic import Anthropic
from openai import OpenAI
from tests.track.bodies import RESPONSE, chat, chat_stream, chunk, message, message_stream
from tests.track.doors import Answer, Door, said, stream

import costper
from costper.config.load import load_settings
from costper.pipeline.calls.road import open_calls
from costper.store.books import open_books
from costper.track.client import flush, stats

NOW = datetime.now(UTC) + timedelta(minutes=1)  # noqa: TID251 - the calls are of today
SAID: Any = [{"role": "user", "content": "a question of forty characters, or so it is"}]


class Costper:
    """A `costper serve` process, and its books once it has ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "costper.yaml").write_text("currency: USD\n", encoding="utf-8")
        words = [sys.executable, "-m", "costper", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1]

    def end(self) -> None:
        """Stop it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)

    def calls(self) -> list[dict[str, Any]]:
        """Give the calls in its books, in the order they were made."""
        self.end()
        path = self.folder / "costper.yaml"
        settings = load_settings(path, catalogue=(), drivers=("even",), environment={})
        books = open_books(settings, now=NOW)
        try:
            with open_calls(books) as calls:
                calls.intake.fold_now()
                found: list[dict[str, Any]] = books.marts.query(
                    'SELECT * FROM calls ORDER BY "at", line_no'
                ).to_pylist()
                return found
        finally:
            books.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Costper]:
    made = Costper(tmp_path)
    yield made
    if made.process.poll() is None:
        made.end()


def test_calls_of_both_libraries_are_in_the_books_once(server: Costper, provider: Door) -> None:
    openai = costper.track(OpenAI(api_key="x", base_url=f"{provider.url}/v1"), url=server.url)
    plain = Anthropic(api_key="x", base_url=provider.url)
    anthropic: Any = costper.track(plain, url=server.url)
    asked: Any = {"model": "claude-sonnet-5", "max_tokens": 9, "messages": SAID}
    other = {"id": "chatcmpl-CCCCCCCCCCCCCCCCCCCCC"}
    ended = stream({**chunk("yes"), **other}, {**chunk(None, "stop"), **other}, "[DONE]")
    provider.answers = [
        *(chat(), said(RESPONSE), chat_stream(), message(), message_stream(), ended),
        *(Answer(status=500, headers={"retry-after-ms": "1"}), chat()),
    ]
    with costper.labels(feature="search", user_id="u-1", tenant="Acme", prompt_version="v7"):
        openai.chat.completions.create(model="gpt-4o", messages=SAID)
        openai.responses.create(model="gpt-5", input="a question")
        list(openai.chat.completions.create(model="gpt-4o", messages=SAID, stream=True))
        anthropic.messages.create(**asked)
        list(anthropic.messages.create(**asked, stream=True))
        list(openai.chat.completions.create(model="gpt-4o", messages=SAID, stream=True))
        openai.chat.completions.create(model="gpt-4o", messages=SAID)
    assert flush(), stats()
    assert stats().refused == 0
    calls = server.calls()
    tokens = [(call["input_tokens"], call["output_tokens"]) for call in calls]
    # The last call repeats the first one's response id, so only its failed attempt is new; an
    # Anthropic stream has the id of the message before it.
    assert tokens == [(8, 10), (53, 469), (8, 3), (113, 44), (12, 1), (0, 0)]
    assert [call["estimated"] for call in calls] == [False] * 4 + [True, False]
    assert {call["feature"] for call in calls} == {"search"}
    assert {call["tenant"] for call in calls} == {"acme"}
    assert {len(call["user_id"]) for call in calls} == {32}
    assert calls[-1]["status"] == "error"
    assert calls[1]["tier"] == "flex"
    assert calls[1]["web_searches"] == 1
