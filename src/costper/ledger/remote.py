"""A running server's books over HTTP, asked for Arrow streams."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote, urlencode, urlsplit

from costper.api.endpoint import Endpoint
from costper.errors import BooksError, UserError
from costper.ledger.direct import refusal
from costper.ledger.door import Body, Given, endpoint_named, post_named
from costper.pipeline.export.columns import ARROW_STREAM

PATIENCE_SECONDS = 300
OK = 200
FAULT = 500


@dataclass(frozen=True, slots=True)
class Remote:
    """A server at `url`, such as http://127.0.0.1:8321; `key` is one of `costper keys add`."""

    url: str
    key: str = ""

    def call(self, name: str, given: Given, body: Body | None) -> bytes:
        """Ask over HTTP; redirections are not followed, so that no key goes elsewhere."""
        if body is None:
            return self._sent("GET", _target(endpoint_named(name), given), None)
        return self._sent("POST", post_named(name).path, json.dumps(body).encode())

    def close(self) -> None:
        """Hold nothing."""

    def _sent(self, method: str, target: str, body: bytes | None) -> bytes:
        headers = {"Accept": ARROW_STREAM, "Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        connection = self._connection()
        try:
            connection.request(method, self._base() + target, body, headers)
            reply = connection.getresponse()
            found = reply.read()
        except (OSError, http.client.HTTPException) as error:
            hint = "is `costper serve` running there?"
            raise BooksError(f"no answer: {error}", where=self.url, hint=hint) from error
        finally:
            connection.close()
        if reply.status != OK or reply.getheader("content-type", "") != ARROW_STREAM:
            raise _refused(self.url, reply.status, found)
        return found

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            hint = "such as http://127.0.0.1:8321"
            raise UserError(f"{self.url!r} is no address of a server", where="connect", hint=hint)
        https = parts.scheme == "https"
        kind = http.client.HTTPSConnection if https else http.client.HTTPConnection
        return kind(parts.hostname, parts.port, timeout=PATIENCE_SECONDS)

    def _base(self) -> str:
        return urlsplit(self.url).path.rstrip("/")


def _target(endpoint: Endpoint, given: Given) -> str:
    """Put each parameter where it belongs, in the path or in the query."""
    path, query = endpoint.path, dict[str, str]()
    for name, value in given.items():
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        else:
            query[name] = value
    return f"{path}?{urlencode(query)}" if query else path


def _refused(url: str, status: int, body: bytes) -> Exception:
    try:
        problem = json.loads(body)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return BooksError(f"status {status}, and no answer of costper", where=url)
    found = cast("dict[str, object]", problem)
    if status >= FAULT:
        detail, hint = str(found.get("detail", found.get("title"))), str(found.get("hint", ""))
        return BooksError(detail, where=url, hint=hint)
    return refusal(found)
