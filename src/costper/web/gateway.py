"""Puts a page's questions to the API in process, through the same door as everybody's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote, urlencode

import msgspec

from costper.web.page import Ask, Asks
from costper.web.told import Told

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI application (asgi.readthedocs.io, spec 2.3)."""

UNREADABLE: Mapping[str, object] = {
    "title": "No answer",
    "detail": "the API gave no JSON",
    "hint": "the server's log says more",
}


@dataclass(frozen=True, slots=True)
class Gateway:
    """Asks `api` as one visitor: with their key, under the host name they used."""

    api: App
    host: str
    authorization: str = ""
    client: tuple[str, int] | None = None

    async def all(self, asks: Asks) -> dict[str, Told]:
        """Ask several questions at once."""
        told = await asyncio.gather(*(self.one(ask) for ask in asks.values()))
        return dict(zip(asks, told, strict=True))

    async def one(self, ask: Ask) -> Told:
        """Ask one question."""
        status, body = await self._called(ask)
        return Told(status, _decoded(body))

    async def _called(self, ask: Ask) -> tuple[int, bytes]:
        sent = b"" if ask.body is None else msgspec.json.encode(ask.body)
        statuses: list[int] = []
        parts: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        try:
            await self.api(self._scope(ask, len(sent)), receive, send)
        except Exception:  # a fault there is told in its log; one card of a page is not shown
            logging.getLogger(__name__).exception("%s failed", ask.path)
        return (statuses or [500])[0], b"".join(parts)

    def _scope(self, ask: Ask, length: int) -> Scope:
        headers = [(b"host", self.host.encode("latin-1")), (b"accept", b"application/json")]
        if self.authorization:
            headers.append((b"authorization", self.authorization.encode("latin-1", "replace")))
        if ask.body is not None:
            headers.append((b"content-type", b"application/json"))
            headers.append((b"content-length", str(length).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST" if ask.method == "GET" and ask.body is not None else ask.method,
            "scheme": "http",
            "path": unquote(ask.path),
            "raw_path": ask.path.encode(),
            "query_string": urlencode(ask.params).encode(),
            "root_path": "",
            "headers": headers,
            "client": self.client,
            "server": None,
            "state": {},
        }


def _decoded(body: bytes) -> Mapping[str, object]:
    if not body:
        return {}
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return UNREADABLE
    return cast("Mapping[str, object]", found) if isinstance(found, dict) else UNREADABLE
