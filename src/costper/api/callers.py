"""Who calls: nobody in particular on this machine, or the holder of a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from costper.api.problems import Problem
from costper.model.answer import Absent, Answer, Row
from costper.store.keys import CUSTOMER_SCOPE, Key, is_customer

READ = "read"
WRITE = "write"
INGEST = "ingest"
ADMIN = "admin"
LOCAL = "local"
"""Who is told as the doer where no key was needed."""

CALLERS_KEPT = 1_000
OURS = Absent("not_shown")
NOT_SHOWN: Row = {
    "margin": OURS,
    "margin_percent": OURS,
    "previous_margin": OURS,
    "share_of_arpu_percent": OURS,
    "band": "",
}
"""What stands in the cells that say what is earned on a customer, where the customer asks."""

LOCAL_HOSTS = frozenset(("localhost", "127.0.0.1", "[::1]"))


@dataclass(frozen=True, slots=True)
class Caller:
    """What a caller may do: see everything, or only `customer`; change things; tell of calls.

    `reads` is false for a key that only sends. `admin` may also see and make keys, and read
    the log. `name` is who did what it changes.
    """

    customer: str | None = None
    reads: bool = True
    writes: bool = False
    ingests: bool = False
    name: str = ""
    admin: bool = False

    @property
    def scope(self) -> str:
        """Tell callers who may see different things apart, in caches and entity tags."""
        return READ if self.customer is None else f"{CUSTOMER_SCOPE}{self.customer}"


def check_reads(caller: Caller) -> None:
    """Refuse a key that may send and not see."""
    if not caller.reads:
        hint = "make one with `costper keys add NAME --scope read`"
        raise Problem(403, "no-scope", f"this needs a key with the scope {READ}", hint)


def check_admin(caller: Caller) -> None:
    """Refuse who may not see keys and the log."""
    if not caller.admin:
        hint = "make one with `costper keys add NAME --scope admin`"
        raise Problem(403, "no-scope", f"this needs a key with the scope {ADMIN}", hint)


def check_ingests(caller: Caller) -> None:
    """Refuse a key that may not tell of calls."""
    if not caller.ingests:
        hint = "make one with `costper keys add NAME --scope ingest`"
        raise Problem(403, "no-scope", f"this needs a key with the scope {INGEST}", hint)


@dataclass(slots=True)
class Recognised:
    """Callers that were recognised, until anything changes of what keys there are.

    `changes` counts the changes; a program sends its key with every call it tells of.
    """

    door: Door
    changes: Callable[[], int]
    _known: dict[tuple[str, str], Caller] = field(default_factory=dict[tuple[str, str], Caller])
    _at: int = -1

    def caller(self, authorization: str, host: str) -> Caller:
        """Recognise a caller, or raise the Problem that refuses it."""
        now = self.changes()
        if now != self._at or len(self._known) > CALLERS_KEPT:
            self._known, self._at = {}, now
        found = self._known.get((authorization, host))
        if found is None:
            found = self._known[authorization, host] = self.door.caller(authorization, host)
        return found


@dataclass(frozen=True, slots=True)
class Door:
    """How callers are recognised.

    `verify` gives the key a secret belongs to; `any_key` says whether one was ever made.
    `local` means only this machine can reach the door: then no key is needed until one is made.
    """

    verify: Callable[[str], Key | None]
    any_key: Callable[[], bool]
    local: bool

    def caller(self, authorization: str, host: str) -> Caller:
        """Recognise a caller, or raise the Problem that refuses it."""
        if authorization:
            return _holder(self._key(authorization))
        if not self.local or self.any_key():
            raise _unauthorized("this needs a key")
        if bare_host(host) not in LOCAL_HOSTS:
            raise Problem(421, "wrong-host", f"this is not {host!r}", "call it 127.0.0.1")
        return Caller(writes=True, ingests=True, name=LOCAL, admin=True)

    def _key(self, authorization: str) -> Key:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise _unauthorized("only `Authorization: Bearer KEY` is understood")
        key = self.verify(secret.strip())
        if key is None:
            raise _unauthorized("no such key is in force")
        return key


def bare_host(host: str) -> str:
    """Give a Host header without its port.

    >>> bare_host("127.0.0.1:8321"), bare_host("[::1]:80"), bare_host("evil.example")
    ('127.0.0.1', '[::1]', 'evil.example')
    """
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdecimal() else host.lower()


def _holder(key: Key) -> Caller:
    """A customer's key never sees more, whatever other scopes it was given."""
    own = [
        scope.removeprefix(CUSTOMER_SCOPE)
        for scope in key.scopes
        if scope.startswith(CUSTOMER_SCOPE)
    ]
    if own:
        if not is_customer(own[0]):  # a key made before such scopes were refused
            raise Problem(403, "no-scope", "the key's scope names no customer")
        return Caller(own[0])
    held = frozenset((READ, WRITE, INGEST)) if ADMIN in key.scopes else frozenset(key.scopes)
    if not held.intersection((READ, WRITE, INGEST)):
        raise Problem(
            403, "no-scope", "the key has no scope to read", "make one with `costper keys`"
        )
    return Caller(
        reads=READ in held,
        writes=WRITE in held,
        ingests=INGEST in held,
        name=key.name,
        admin=ADMIN in key.scopes,
    )


def _unauthorized(detail: str) -> Problem:
    return Problem(
        401,
        "unauthorized",
        detail,
        "make one with `costper keys add NAME` and send it as `Authorization: Bearer KEY`",
        headers={"WWW-Authenticate": 'Bearer realm="costper"'},
    )


OF_ONES_OWN = frozenset(("unpriced_calls",))
"""Issues that count nothing but a customer's own: what its cost lacks."""


def for_customer(found: Answer) -> Answer:
    """Leave out what is not a customer's to know: of the others, and what is earned on it."""
    return replace(
        found,
        rows=[_without_margin(row) for row in found.rows],
        total=_without_margin(found.total),
        coverage=None,
        unallocated={},
        issues=tuple(one for one in found.issues if one.code in OF_ONES_OWN),
    )


def _without_margin(row: Row) -> Row:
    return {name: NOT_SHOWN.get(name, cell) for name, cell in row.items()}
