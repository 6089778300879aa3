"""Answers as bytes: asked once for each version of the books, kept, cut into pages."""

from __future__ import annotations

import hashlib
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import localcontext
from typing import Generic, TypeVar

import msgspec

from costper.api.callers import Caller
from costper.api.endpoint import PAGE, Endpoint
from costper.api.parameters import Given
from costper.api.posts import Post, Sent
from costper.api.problems import Problem
from costper.model.answer import Answer
from costper.model.envelope import Json, envelope
from costper.model.money import EXACT
from costper.pipeline.answer.frame import Asked, Frame, frame_of
from costper.pipeline.answer.standing import standing, version
from costper.pipeline.query.facts import Facts, facts_of
from costper.store.books import Books
from costper.store.feedback import feedback_mark

FRAMES_KEPT = 64
FACTS_KEPT = 2
ROWS_KEPT = 100_000
BYTES_KEPT = 64 * 2**20
Item = TypeVar("Item")


@dataclass(slots=True)
class Kept(Generic[Item]):
    """The last results up to a total weight; older ones are forgotten."""

    most: int
    weigh: Callable[[Item], int]
    _items: OrderedDict[Hashable, Item] = field(default_factory=OrderedDict[Hashable, Item])
    _weight: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._items)

    def get(self, key: Hashable, make: Callable[[], Item]) -> Item:
        """Give what is kept under `key`, or make and keep it. Two may make it at once."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
                return self._items[key]
        made = make()
        with self._lock:
            if key not in self._items:
                self._items[key] = made
                self._weight += self.weigh(made)
            while self._weight > self.most:
                _, oldest = self._items.popitem(last=False)
                self._weight -= self.weigh(oldest)
        return made


def _one(_item: object) -> int:
    return 1


def _rows(answer: Answer) -> int:
    return 1 + len(answer.rows)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply's bytes and entity tag; no body when the caller's copy is still good."""

    etag: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Replies:
    """Asks the books, and remembers."""

    books: Books
    frames: Kept[Frame] = field(default_factory=lambda: Kept(FRAMES_KEPT, _one))
    answers: Kept[Answer] = field(default_factory=lambda: Kept(ROWS_KEPT, _rows))
    facts: Kept[Facts] = field(default_factory=lambda: Kept(FACTS_KEPT, _one))
    bodies: Kept[bytes] = field(default_factory=lambda: Kept[bytes](BYTES_KEPT, len))

    def version(self, now: datetime) -> str:
        """Name the state an answer is of: the books, and the day that is today."""
        said = feedback_mark(self.books.control)
        return f"{version(self.books)}@{now.date()}@{said}"

    def reply(
        self, endpoint: Endpoint, given: Given, caller: Caller, now: datetime, have: str
    ) -> Reply:
        """Answer a caller who has the entity tags `have`.

        Raises:
            Problem: the caller may not ask this, or the cursor is of older books.
        """
        _check_own(endpoint, given, caller)
        books = self.version(now)
        question = tuple(sorted((name, str(value)) for name, value in given.items()))
        key = (endpoint.name, question, caller.scope, books)
        etag = f'"{_digest(repr(key))}"'
        if etag in [tag.strip().removeprefix("W/") for tag in have.split(",")]:
            return Reply(etag, None)
        body = self.bodies.get(key, lambda: self._body(endpoint, given, caller, now, books))
        return Reply(etag, body)

    def facts_now(self, now: datetime) -> Facts:
        """Give what is known of the books as they are now, whatever is asked."""
        return self.facts.get(self.version(now), lambda: facts_of(self.books))

    def posted(self, post: Post, sent: Sent, have: str) -> Reply:
        """Answer a question that was sent, as one that came in a query."""
        books = self.version(sent.now)
        key = (post.name, msgspec.json.encode(sent.body), sent.caller.scope, books)
        etag = f'"{_digest(repr(key))}"'
        if etag in [tag.strip().removeprefix("W/") for tag in have.split(",")]:
            return Reply(etag, None)
        known = replace(sent, facts=lambda: self.facts.get(books, lambda: facts_of(self.books)))
        return Reply(etag, self.bodies.get(key, lambda: _taken(post, known)))

    def _body(
        self, endpoint: Endpoint, given: Given, caller: Caller, now: datetime, books: str
    ) -> bytes:
        asked = {name: value for name, value in given.items() if name not in {"limit", "cursor"}}
        key = (endpoint.name, tuple(sorted((n, str(v)) for n, v in asked.items())), books)
        found = self.answers.get(key, lambda: self._answer(endpoint, asked, now, books))
        if caller.customer is not None:
            found = replace(found, coverage=None, unallocated={}, issues=())
        if not endpoint.paged:
            return msgspec.json.encode(envelope(found))
        return msgspec.json.encode(_page(found, given, _digest(repr(key))))

    def _answer(self, endpoint: Endpoint, given: Given, now: datetime, books: str) -> Answer:
        asked = _days(given)
        with localcontext(EXACT):
            frame = self.frames.get(
                (asked, books), lambda: frame_of(self.books, asked, now, standing(self.books))
            )
            return endpoint.ask(self.books, frame, given)


def _taken(post: Post, sent: Sent) -> bytes:
    with localcontext(EXACT):
        return msgspec.json.encode(envelope(post.take(sent)))


def _check_own(endpoint: Endpoint, given: Given, caller: Caller) -> None:
    """Refuse a customer everything but its own answer, whether or not the other exists."""
    if caller.customer is None:
        return
    if not endpoint.own or given.get(endpoint.own) != caller.customer:
        raise Problem(403, "not-yours", "this key sees only its own customer's answer")


def _page(answer: Answer, given: Given, digest: str) -> dict[str, Json]:
    limit = int(str(given.get("limit", PAGE)))
    at = _position(str(given.get("cursor", "")), digest)
    if at and at >= len(answer.rows):
        raise Problem(
            400, "bad-parameter", "there is no row so far on", "start without one", "cursor"
        )
    page = replace(answer, rows=answer.rows[at : at + limit])
    more = at + limit < len(answer.rows)
    return {**envelope(page), "next_cursor": _cursor(at + limit, digest) if more else None}


def _cursor(at: int, digest: str) -> str:
    return urlsafe_b64encode(f"{digest}:{at}".encode()).decode().rstrip("=")


def _position(cursor: str, digest: str) -> int:
    """Read a cursor; one of other books or another question would skip or repeat rows."""
    if not cursor:
        return 0
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        text = ""
    found, _, at = text.partition(":")
    if not at.isdecimal():
        raise Problem(400, "bad-parameter", "this is no cursor", "start without one", "cursor")
    if found != digest:
        raise Problem(
            410, "cursor-expired", "the books have changed since that page", "start again", "cursor"
        )
    return int(at)


def _days(given: Given) -> Asked:
    since, until, days, months = (given.get(name) for name in ("from", "to", "days", "months"))
    return Asked(
        days=days if isinstance(days, int) else None,
        since=since if isinstance(since, date) else None,
        until=until if isinstance(until, date) else None,
        months=months if isinstance(months, int) else None,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
