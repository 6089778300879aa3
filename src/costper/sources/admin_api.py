"""Ask a provider's admin API page by page: patient with limits, exact with numbers.

JSON numbers are read as decimals, from the text that was sent. A refusal that may pass (too many
requests, a server that is overloaded, a connection that broke) is tried again, after as long as
`Retry-After` asks for; every other one is told at once. No message holds the key.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

import httpx2

from costper.errors import SourceError

OK = 200
PASSING = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
DENIED = frozenset((401, 403))
ATTEMPTS = 6
LONGEST_PAUSE = 60.0
PAGES_MAX = 10_000
TIMEOUT_SECONDS = 60.0
SHOWN = 200
Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminApi:
    """An API's address and the headers that open it; `where` is the source's file:line.

    `key_hint` says which key it takes. `pause` waits for so many seconds.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    where: str
    key_hint: str
    progress: Callable[[str], object] = str.strip
    pause: Callable[[float], object] = time.sleep

    def pages(self, params: Params) -> Iterator[Mapping[str, Any]]:
        """Give every page of an answer: `data`, then `has_more` and `next_page` lead on.

        Raises SourceError when it cannot be asked, refuses, or answers in no known shape.
        """
        with httpx2.Client(headers=dict(self.headers), timeout=TIMEOUT_SECONDS) as client:
            token: str | None = None
            seen: set[str] = set()
            while True:
                asked = [*params, *([("page", token)] if token else [])]
                page = self._read(self._answer(client, asked))
                yield page
                if not page.get("has_more"):
                    return
                token = str(page.get("next_page") or "")
                if not token or token in seen or len(seen) >= PAGES_MAX:
                    raise self._strange("its pages do not end")
                seen.add(token)
                self.progress(f"{self.url}: page {len(seen) + 1}")

    def _answer(self, client: httpx2.Client, params: Params) -> httpx2.Response:
        attempt = 1
        while True:
            try:
                answer = client.get(self.url, params=list(params))
            except httpx2.TransportError as error:
                if attempt >= ATTEMPTS:
                    raise SourceError(
                        f"{self.url} could not be asked: {error}",
                        where=self.where,
                        hint="check the network, and base_url where it is set",
                    ) from error
                self.pause(_backoff(attempt))
            else:
                if answer.status_code not in PASSING or attempt >= ATTEMPTS:
                    return answer
                self.pause(_retry_after(answer, attempt))
            attempt += 1

    def _read(self, answer: httpx2.Response) -> Mapping[str, Any]:
        if answer.status_code != OK:
            raise self._refusal(answer)
        try:
            page: object = json.loads(
                answer.content, parse_float=Decimal, parse_constant=_no_number
            )
        except ValueError as error:
            raise self._strange(f"it is no JSON: {error}") from error
        if not isinstance(page, dict):
            raise self._strange("it is no object")
        found = cast("dict[str, Any]", page)
        if not isinstance(found.get("data"), list):
            raise self._strange("it has no list `data`")
        return found

    def _refusal(self, answer: httpx2.Response) -> SourceError:
        said = " ".join(answer.text.split())[:SHOWN]
        hint = "see what it says; check the settings of the source"
        if answer.status_code in DENIED:
            hint = f"it takes {self.key_hint}"
        elif answer.status_code in PASSING:
            hint = "wait a few minutes and sync again"
        return SourceError(
            f"{self.url} refused: {answer.status_code}: {said}", where=self.where, hint=hint
        )

    def _strange(self, what: str) -> SourceError:
        return SourceError(
            f"{self.url} answered what cannot be read: {what}",
            where=self.where,
            hint="check base_url; if it is the provider itself, please report it",
        )


def _backoff(attempt: int) -> float:
    return min(2.0 ** (attempt - 1), LONGEST_PAUSE)


def _retry_after(answer: httpx2.Response, attempt: int) -> float:
    """Give the seconds a server asks to wait, the usual growing pause where it says none."""
    said = answer.headers.get("retry-after", "")
    return min(int(said), LONGEST_PAUSE) if said.isdecimal() else _backoff(attempt)


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no amount")
