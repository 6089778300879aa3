"""API keys: shown once, kept as a hash, revoked for good."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from costper.errors import BooksError, UnknownNameError, UserError
from costper.model.dimension import SHARED, UNALLOCATED, UNTAGGED, normal
from costper.model.spelling import is_spelled
from costper.store.audit import log
from costper.store.control import Control
from costper.store.schema import api_keys

SCOPES = ("read", "write", "ingest", "admin")
CUSTOMER_SCOPE = "customer:"
"""A scope such as `customer:acme` lets a key see that one customer's answer, and no more."""

PREFIX = "cp_"
LONGEST_NAME = 64
LONGEST_CUSTOMER = 1000
NO_CUSTOMERS = frozenset(("", "*", UNALLOCATED, UNTAGGED, SHARED))
"""Words that stand for the cost of nobody, or of everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key as it may be shown: never the secret. `revoked_at` "" means in force.

    `last_used` is a day, "" while that is not known.
    """

    key_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: str
    revoked_at: str
    last_used: str = ""


class LateKeyError(UserError):
    """It was to be the first key, and another was made by now."""


class TakenKeyError(UserError):
    """A key of that name exists, in force or revoked."""


def add_key(
    control: Control,
    name: str,
    scopes: tuple[str, ...],
    *,
    now: datetime,
    actor: str = "cli",
    only_first: bool = False,
) -> str:
    """Make a key and give its secret, which nobody can read again.

    Raises:
        LateKeyError: it was to be `only_first`, and another key was ever made.
        TakenKeyError: the name is taken.
        UserError: it is no name, or a scope is none.
    """
    _check_name(name)
    for scope in scopes:
        _check_scope(scope)
    key_id, secret = secrets.token_hex(6), PREFIX + secrets.token_urlsafe(32)
    values = {
        "key_id": key_id,
        "name": name,
        "hash": _hashed(secret),
        "scopes": list(scopes),
        "created_at": now.isoformat(),
        "revoked_at": "",
    }
    try:
        with control.begin() as connection:
            if only_first and _any_key(connection):
                raise LateKeyError("a key was made by now", hint="use it to make others")
            connection.execute(api_keys.insert().values(**values))
            detail = {"scopes": list(scopes)}
            log(connection, "key added", name, now=now, detail=detail, actor=actor)
    except IntegrityError as error:
        message = f"a key named {name!r} exists"
        raise TakenKeyError(message, where="name", hint="choose another name") from error
    return secret


def is_customer(name: str) -> bool:
    """Say whether a name can be a customer's, and not a word for nobody's cost.

    >>> is_customer("acme"), is_customer("(Unallocated)"), is_customer("*")
    (True, False, False)
    """
    whole = len(name) <= LONGEST_CUSTOMER and is_spelled(name)
    return whole and normal(name) not in NO_CUSTOMERS


def _check_name(name: str) -> None:
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()):
        raise UserError(
            f"{name[:LONGEST_NAME]!r} cannot name a key",
            where="name",
            hint=f"use 1 to {LONGEST_NAME} printable characters, without spaces around them",
        )


def _check_scope(scope: str) -> None:
    customer = scope.removeprefix(CUSTOMER_SCOPE)
    if customer != scope and not is_customer(customer):
        raise UserError(
            f"{customer[:LONGEST_NAME]!r} is not a customer a key can be made for",
            where="customer",
            hint="name one customer, as `costper customer` lists it",
        )
    if customer == scope and scope not in SCOPES:
        raise UnknownNameError("scope", scope, SCOPES)


def list_keys(control: Control) -> tuple[Key, ...]:
    """Give every key, the oldest first."""
    with control.read() as connection:
        query = sa.select(api_keys).order_by(api_keys.c.created_at, api_keys.c.name)
        return tuple(_key(row) for row in connection.execute(query).mappings())


@dataclass(slots=True)
class EverMade:
    """Whether a key was ever made, read once after every change of the control store.

    Who revokes the last one shuts a door, and does not open it to everybody.
    """

    control: Control
    _known: tuple[int, bool] = (-1, False)

    def any_key(self) -> bool:
        """Say it. What changes meanwhile makes the next caller read again."""
        changes, known = self.control.changes, self._known
        if known[0] != changes:
            known = changes, bool(list_keys(self.control))
            self._known = known
        return known[1]


class LastKeyError(UserError):
    """No key would be left that may make others."""


def revoke_key(
    control: Control, name: str, *, now: datetime, actor: str = "cli", keep_admin: bool = False
) -> None:
    """Put a key out of force; UnknownNameError when no key has the name.

    With `keep_admin`, LastKeyError when no key in force would then have the scope admin.
    """
    with control.begin() as connection:
        names = connection.execute(sa.select(api_keys.c.name)).scalars().all()
        if name not in names:
            raise UnknownNameError("key", name, names)
        in_force = (api_keys.c.name == name) & (api_keys.c.revoked_at == "")
        connection.execute(api_keys.update().where(in_force).values(revoked_at=now.isoformat()))
        if keep_admin and not _has_admin(connection):
            hint = "make another with the scope admin first, or use `costper keys revoke`"
            raise LastKeyError("no key would be left that may make keys", hint=hint)
        log(connection, "key revoked", name, now=now, actor=actor)


def _any_key(connection: sa.Connection) -> bool:
    return connection.execute(sa.select(api_keys.c.name)).first() is not None


def _has_admin(connection: sa.Connection) -> bool:
    in_force = sa.select(api_keys).where(api_keys.c.revoked_at == "")
    return any("admin" in _key(row).scopes for row in connection.execute(in_force).mappings().all())


def verify_key(control: Control, secret: str) -> Key | None:
    """Give the key a secret belongs to, None when there is none in force.

    The secret has 256 random bits, so one SHA-256 is as good as a slow hash and a thousand
    times faster; the look-up by hash tells nothing by its timing.
    """
    with control.read() as connection:
        query = sa.select(api_keys).where(api_keys.c.hash == _hashed(secret))
        row = connection.execute(query).mappings().first()
    return _key(row) if row is not None and not row["revoked_at"] else None


def note_use(control: Control, key: Key, today: date) -> None:
    """Remember the day a key was used; once a day, and no answer but that of the keys changes.

    A store that cannot be written keeps nobody out.
    """
    if key.last_used == today.isoformat():
        return
    mine = api_keys.c.key_id == key.key_id
    with suppress(BooksError), control.aside() as connection:
        connection.execute(api_keys.update().where(mine).values(last_used=today.isoformat()))


def _key(row: sa.RowMapping) -> Key:
    shown = {
        name: row[name] for name in ("key_id", "name", "created_at", "revoked_at", "last_used")
    }
    return Key(**shown, scopes=tuple(row["scopes"]))


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
