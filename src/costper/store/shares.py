"""Short links to a place in the pages: made once, told until long after they expired."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from costper.errors import UnknownNameError, UserError
from costper.model.instant import instant
from costper.store.audit import log
from costper.store.control import Control
from costper.store.schema import shares

LONGEST_PATH = 4_000
DEFAULT_DAYS = 30
MOST_DAYS = 365
MOST = 200_000
REMEMBERED = timedelta(days=MOST_DAYS)
"""How long it is told of a link that it expired."""

PAGES = "/"
NO_PAGE = ("/api/", "/s/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One link. `expires` is the first day (UTC) it leads nowhere."""

    token: str
    path: str
    expires: date
    actor: str
    made_at: str


class ExpiredError(UserError):
    """The link is known, and leads nowhere any more."""


def add_share(control: Control, path: str, days: int, *, actor: str, now: datetime) -> Share:
    """Make a link to a page of this server; it gives nobody any right.

    Raises:
        UserError: the path leads elsewhere, the days are none, or there are too many links.
    """
    _check_path(path)
    if not 1 <= days <= MOST_DAYS:
        raise UserError(f"days must be from 1 to {MOST_DAYS}", where="days")
    one = Share(
        token=secrets.token_urlsafe(12),
        path=path,
        expires=now.date() + timedelta(days=days),
        actor=actor,
        made_at=now.isoformat(),
    )
    values = {name: getattr(one, name) for name in Share.__dataclass_fields__}
    with control.begin() as connection:
        connection.execute(shares.delete().where(shares.c.expires < now.date() - REMEMBERED))
        many = connection.execute(sa.select(sa.func.count()).select_from(shares)).scalar()
        if many is not None and many >= MOST:
            raise UserError(f"there are {MOST} links already", hint="wait until some expire")
        connection.execute(shares.insert().values(**values))
        detail = {"path": path, "expires": one.expires}
        log(connection, "link shared", one.token, now=now, detail=detail, actor=actor)
    return one


def share_of(control: Control, token: str, today: date) -> Share:
    """Give a link.

    Raises:
        UnknownNameError: nobody made it, or it expired very long ago.
        ExpiredError: it expired.
    """
    with control.read() as connection:
        query = sa.select(shares).where(shares.c.token == token)
        row = connection.execute(query).mappings().first()
    if row is None:
        hint = "it may be mistyped; ask for a new one"
        raise UnknownNameError("link", token[:40], (), hint=hint)
    found = Share(**row)
    if today >= found.expires:
        made = instant(found.made_at)[:10]
        raise ExpiredError(
            f"this link expired on {found.expires}; {found.actor!r} made it on {made}",
            hint="ask for a new one, or find the page by yourself: the link gave no access",
        )
    return found


def _check_path(path: str) -> None:
    elsewhere = not path.startswith(PAGES) or "//" in path or "\\" in path
    if elsewhere or path.startswith(NO_PAGE):
        raise UserError(
            f"{path[:80]!a} is no page of this server",
            where="path",
            hint="a path and its query, such as /explorer?by=team",
        )
    if len(path) > LONGEST_PATH or not path.isprintable() or " " in path:
        hint = f"at most {LONGEST_PATH} printable characters without spaces"
        raise UserError("a path like this cannot be shared", where="path", hint=hint)
