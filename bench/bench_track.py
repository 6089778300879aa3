"""How much of the caller's time does tracking a call take, and a stream of many chunks?

The real clients call a transport within the process, so that nothing but their own work and ours
is measured: processor time of the caller's thread, tracked and untracked in turn.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import httpx2
from anthropic import Anthropic
from openai import OpenAI

import costper
from bench.measure import Figure, report
from costper.track.client import stats

CALLS, ROUNDS, CHUNKS = 20, 15, 200
MICROSECONDS = 1_000_000
NOWHERE = "http://127.0.0.1:9"
TEXT = "word " * 400
CHAT = {
    "id": "chatcmpl-AAAAAAAAAAAAAAAAAAAAA",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 500, "completion_tokens": 400, "total_tokens": 900},
}
MESSAGE = {
    "id": "msg_AAAAAAAAAAAAAAAAAAAAA",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-5",
    "content": [{"type": "text", "text": TEXT}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 13, "output_tokens": 44},
}
CHUNK = {
    "id": "chatcmpl-BBBBBBBBBBBBBBBBBBBBB",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "gpt-4o",
    "choices": [{"index": 0, "delta": {"content": "word"}, "finish_reason": None}],
    "usage": None,
}
LAST = {**CHUNK, "choices": [], "usage": CHAT["usage"]}


class Pieces(httpx2.SyncByteStream):
    """A body that comes piece by piece, as from a network."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces


def answering(pieces: list[bytes], kind: str) -> httpx2.Client:
    def reply(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": kind}, stream=Pieces(pieces))

    return httpx2.Client(transport=httpx2.MockTransport(reply))


def openai_client(pieces: list[bytes], kind: str) -> OpenAI:
    return OpenAI(api_key="none", http_client=answering(pieces, kind))


def chat(client: OpenAI) -> Callable[[], object]:
    asked = [{"role": "user", "content": TEXT}]
    return lambda: client.chat.completions.create(model="gpt-4o", messages=asked)  # type: ignore[arg-type]


def chat_stream(client: OpenAI) -> Callable[[], object]:
    asked = [{"role": "user", "content": TEXT}]

    def run() -> None:
        for _ in client.chat.completions.create(model="gpt-4o", messages=asked, stream=True):  # type: ignore[arg-type]
            pass

    return run


def message(client: Anthropic) -> Callable[[], object]:
    asked = [{"role": "user", "content": TEXT}]
    return lambda: client.messages.create(model="claude", max_tokens=64, messages=asked)  # type: ignore[arg-type]


def overhead(plain: Callable[[], object], tracked: Callable[[], object]) -> tuple[float, float]:
    """Give the microseconds an untracked call takes, and those tracking adds.

    Both are the least of many rounds in turn: what others do on the machine only adds.
    """

    def labelled() -> None:
        with costper.labels(feature="search", user_id="u1", tenant="acme", prompt_version="v7"):
            tracked()

    rounds = [(once(plain), once(labelled)) for _ in range(ROUNDS)]
    alone = min(before for before, _ in rounds)
    return alone, min(after for _, after in rounds) - alone


def once(run: Callable[[], object]) -> float:
    """Give the microseconds of this thread a call takes."""
    gc.collect()
    started = time.thread_time()
    for _ in range(CALLS):
        run()
    return (time.thread_time() - started) / CALLS * MICROSECONDS


def main() -> int:
    """Measure calls, messages and streams; each beside its limit."""
    events = [b"data: " + json.dumps(each).encode() + b"\n\n" for each in [CHUNK] * CHUNKS + [LAST]]
    events.append(b"data: [DONE]\n\n")
    bodies = {
        "a chat completion": (chat, [json.dumps(CHAT).encode()], "application/json"),
        f"a stream of {CHUNKS} chunks": (chat_stream, events, "text/event-stream"),
    }
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as spool:
        for name, (call, pieces, kind) in bodies.items():
            client = openai_client(pieces, kind)
            costper.track(client, url=NOWHERE, spool=spool)
            figures += figures_of(name, call(openai_client(pieces, kind)), call(client))
        body = [json.dumps(MESSAGE).encode()]
        plain, tracked = (
            Anthropic(api_key="none", http_client=answering(body, "application/json"))
            for _ in range(2)
        )
        costper.track(tracked, url=NOWHERE, spool=spool)
        figures += figures_of("a message", message(plain), message(tracked))
        costper.flush()
    print(f"the server was away all the while: {stats()}")
    return report(*figures)


def figures_of(
    name: str, plain: Callable[[], object], tracked: Callable[[], object]
) -> tuple[Figure, Figure]:
    alone, added = overhead(plain, tracked)
    chunks = name.count(str(CHUNKS)) * CHUNKS
    adds = (
        Figure(name=f"{name}: tracking adds, a chunk", value=added / chunks, bound=2, unit="µs")
        if chunks
        else Figure(name=f"{name}: tracking adds", value=added, bound=50, unit="µs")
    )
    return (
        adds,
        Figure(name=f"{name}: tracked / untracked", value=1 + added / alone, bound=1.1, unit="x"),
    )


if __name__ == "__main__":
    sys.exit(main())
