"""Keys, the log and who calls, as answers."""

from __future__ import annotations

from collections.abc import Sequence

from costper.model.answer import Answer, Cell, Row
from costper.model.instant import instant
from costper.pipeline.answer.frame import Standing
from costper.store.audit import Entry
from costper.store.books import Books
from costper.store.keys import Key, list_keys

LONGEST_DETAIL = 2_000


def keys_answer(books: Books, standing: Standing) -> Answer:
    """List the keys, never their secrets: those in force first, the newest first."""
    keys = sorted(list_keys(books.control), key=lambda one: one.created_at, reverse=True)
    keys.sort(key=lambda one: bool(one.revoked_at))
    in_force = sum(not one.revoked_at for one in keys)
    total: Row = {"keys": len(keys), "in_force": in_force}
    return _answer(books, standing, "keys", tuple(map(_key, keys)), total)


def key_answer(books: Books, standing: Standing, key: Key, secret: str = "") -> Answer:
    """Tell of one key; its `secret` only to who has just made it."""
    own: dict[str, Cell] = {"secret": secret} if secret else {}
    return _answer(books, standing, "key", ({**_key(key), **own},), {})


def audit_answer(
    books: Books, standing: Standing, entries: Sequence[Entry], whole: int, more: int | None
) -> Answer:
    """List entries of the log; `before` asks for those that come next, null at the end."""
    rows = tuple(map(_entry, entries))
    return _answer(books, standing, "audit", rows, {"entries": whole, "before": more})


def who_answer(books: Books, row: Row) -> Answer:
    """Put what is known of a caller in the envelope."""
    return _answer(books, Standing(), "whoami", (row,), {})


def _key(one: Key) -> dict[str, Cell]:
    return {
        "name": one.name,
        "scopes": one.scopes,
        "created": instant(one.created_at),
        "revoked": instant(one.revoked_at) or None,
        "last_used": one.last_used or None,
    }


def _entry(one: Entry) -> Row:
    detail = one.detail if len(one.detail) <= LONGEST_DETAIL else f"{one.detail[:LONGEST_DETAIL]}…"
    return {
        "seq": one.seq,
        "at": instant(one.at),
        "actor": one.actor,
        "action": one.action,
        "subject": one.subject,
        "detail": detail,
        "whole": detail == one.detail,
        "hash": one.hash,
    }


def _answer(
    books: Books, standing: Standing, noun: str, rows: tuple[Row, ...], total: Row
) -> Answer:
    return Answer(
        question={"noun": noun},
        rows=rows,
        total=total,
        currency=books.settings.currency,
        as_of=standing.as_of,
        settled_through=None,
        estimated=False,
        coverage=None,
    )
