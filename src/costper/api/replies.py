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

from costper.api.callers import Caller, check_admin, for_customer
from costper.api.encoding import encoded
from costper.api.endpoint import PAGE, Endpoint
from costper.api.parameters import Given
from costper.api.posts import Post, Sent
from costper.api.problems import Problem
from costper.errors import UnknownNameError
from costper.model.answer import Answer
from costper.model.money import EXACT
from costper.pipeline.answer.customer import has_cost_or_calls
from costper.pipeline.answer.frame import Asked, Frame, Standing
from costper.pipeline.answer.select import spoken
from costper.pipeline.answer.state import State, States
from costper.pipeline.export.columns import arrow_bytes
from costper.pipeline.query.facts import Facts, facts_of

PAGING = ("limit", "cursor")
TRIES = 3
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
class Question:
    """What is asked, by whom and when; `arrow` asks for the whole answer as an Arrow stream."""

    endpoint: Endpoint
    given: Given
    caller: Caller
    now: datetime
    arrow: bool = False

    def said(self, *, paging: bool) -> tuple[tuple[str, str], ...]:
        """Give the parameters as words, with those of paging or without."""
        return tuple(
            sorted(
                (name, str(value))
                for name, value in self.given.items()
                if paging or name not in PAGING
            )
        )


Make = Callable[[tuple[Hashable, ...], State], bytes]
"""Makes a body for what was asked, its state's name included, of a state of the books."""


@dataclass(frozen=True, slots=True)
class Replies:
    """Asks the books, and remembers until the next write."""

    states: States
    frames: Kept[Frame] = field(default_factory=lambda: Kept(FRAMES_KEPT, _one))
    answers: Kept[Answer] = field(default_factory=lambda: Kept(ROWS_KEPT, _rows))
    facts: Kept[Facts] = field(default_factory=lambda: Kept(FACTS_KEPT, _one))
    bodies: Kept[bytes] = field(default_factory=lambda: Kept[bytes](BYTES_KEPT, len))
    slow: threading.Lock = field(default_factory=threading.Lock)

    def version(self, now: datetime) -> str:
        """Name the state an answer is of: the books, and the day that is today."""
        return f"{self.states.newest().version}@{now.date()}"

    def reply(self, question: Question, have: str) -> Reply:
        """Answer a caller who has the entity tags `have`.

        Raises:
            Problem: the caller may not ask this, or the cursor is of older books.
        """
        endpoint, caller = question.endpoint, question.caller
        _check_own(endpoint, question.given, caller)
        said = (question.arrow, question.now.date(), question.said(paging=True), caller.scope)

        def asked() -> tuple[Hashable, ...]:
            return (endpoint.name, endpoint.state(self.states.books), *said)

        return self._reply(
            asked, have, lambda known, state: self._body(question, str(known[1]), state)
        )

    def posted(self, post: Post, sent: Sent, have: str, *, arrow: bool = False) -> Reply:
        """Answer a question that was sent, as one that came in a query."""
        said = msgspec.json.encode(sent.body)
        asked = (post.name, said, arrow, sent.caller.scope, sent.now.date())

        def make(_asked: tuple[Hashable, ...], state: State) -> bytes:
            if not post.slow:
                return _taken(post, self._known(sent, state), arrow=arrow)
            if not self.slow.acquire(blocking=False):
                detail = "somebody else asks for one at this moment"
                raise Problem(409, "at-work", detail, "ask again when it is done")
            try:
                return _taken(post, self._known(sent, state), arrow=arrow)
            finally:
                self.slow.release()

        return self._reply(lambda: (*asked, post.state(self.states.books)), have, make)

    def facts_now(self) -> Facts:
        """Give what is known of the books as they are now, whatever is asked."""
        return self._facts(self.states.newest())

    def standing_now(self) -> Standing:
        """Say how the books stand now."""
        return self.states.newest().standing

    def _facts(self, state: State) -> Facts:
        return self.facts.get(state.changes, lambda: facts_of(self.states.books))

    def _known(self, sent: Sent, state: State) -> Sent:
        return replace(sent, facts=lambda: self._facts(state), standing=lambda: state.standing)

    def _reply(self, ask: Callable[[], tuple[Hashable, ...]], have: str, make: Make) -> Reply:
        """Give the reply that is kept, or make it: again when a write came in between.

        Half of what was read may then be older than the rest. `ask` says what is asked, and of
        which state where a part of the books has one of its own.
        """
        for _ in range(TRIES - 1):
            state, asked = self.states.newest(), ask()
            found = self._of_state(asked, have, make, state)
            if self.states.newest() is state and ask() == asked:
                return found
        return self._of_state(ask(), have, make, self.states.newest())

    def _of_state(
        self,
        asked: tuple[Hashable, ...],
        have: str,
        make: Make,
        state: State,
    ) -> Reply:
        etag = f'"{_digest(repr((*asked, state.version)))}"'
        if etag in [tag.strip().removeprefix("W/") for tag in have.split(",")]:
            return Reply(etag, None)
        return Reply(etag, self.bodies.get((*asked, state.changes), lambda: make(asked, state)))

    def _body(self, question: Question, mark: str, state: State) -> bytes:
        endpoint, today = question.endpoint, question.now.date()
        asked = (endpoint.name, mark, question.said(paging=False), today)
        found = self.answers.get((*asked, state.changes), lambda: self._answer(question, state))
        if question.caller.customer is not None:
            _check_known(question.caller.customer, state)
            found = for_customer(found)
        if question.arrow:
            return arrow_bytes(found)
        if not endpoint.paged:
            return encoded(found)
        return _page(found, question.given, _digest(repr((*asked, state.version))))

    def _answer(self, question: Question, state: State) -> Answer:
        given = {name: value for name, value in question.given.items() if name not in PAGING}
        asked = Asked() if question.endpoint.own_days else _days(given)
        with localcontext(EXACT):
            frame = self.frames.get(
                (asked, state.changes, question.now.date()),
                lambda: state.frame(asked, question.now),
            )
            return question.endpoint.ask(self.states.books, frame, given)


def _taken(post: Post, sent: Sent, *, arrow: bool) -> bytes:
    with localcontext(EXACT):
        found = post.take(sent)
        return arrow_bytes(found) if arrow else encoded(found)


def _check_own(endpoint: Endpoint, given: Given, caller: Caller) -> None:
    """Refuse a customer everything but its own answer, whether or not the other exists."""
    if caller.customer is None:
        if endpoint.admin:
            check_admin(caller)
        return
    if not endpoint.own or given.get(endpoint.own) != caller.customer:
        raise Problem(403, "not-yours", "this key sees only its own customer's answer")


def _check_known(customer: str, state: State) -> None:
    """Refuse the key of a customer nobody ever heard of: nothing of it is no answer of zeros."""
    name = spoken("customer", customer, state.books.settings.dimensions)
    if not (
        {customer, name} & state.ground.facts.keys() or has_cost_or_calls(state.books.marts, name)
    ):
        raise UnknownNameError("customer", customer, ())


def _page(answer: Answer, given: Given, digest: str) -> bytes:
    limit = int(str(given.get("limit", PAGE)))
    at = _position(str(given.get("cursor", "")), digest)
    if at and at >= len(answer.rows):
        raise Problem(
            400, "bad-parameter", "there is no row so far on", "start without one", "cursor"
        )
    page = replace(answer, rows=answer.rows[at : at + limit])
    more = at + limit < len(answer.rows)
    return encoded(page, next_cursor=_cursor(at + limit, digest) if more else None)


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
