"""Saved questions as JSON text, every version of them: to correct one, a version is added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from costper.errors import UserError
from costper.store.audit import log
from costper.store.control import Control
from costper.store.schema import view_versions

LONGEST_BODY = 64 * 2**10
MOST_VIEWS = 10_000
DELETED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredView:
    """One version of a view; `body` is JSON, '' where the view was deleted then."""

    name: str
    version: int
    body: str
    actor: str
    at: str


class ChangedMeanwhileError(UserError):
    """Somebody saved or deleted the view since the version that was to be replaced."""


def save_view(
    control: Control,
    name: str,
    body: str,
    *,
    actor: str,
    now: datetime,
    over: int | None = None,
) -> StoredView:
    """Add a version of a view. `over` is the version it replaces: 0 for a new one, None for any.

    Raises:
        ChangedMeanwhileError: another version is the newest by now.
        UserError: it is too long, or there are too many views.
    """
    if len(body.encode()) > LONGEST_BODY:
        raise UserError(f"a view has at most {LONGEST_BODY} bytes", where="description")
    with control.begin() as connection:
        one = _add(connection, name, body, actor=actor, now=now, over=over)
        if one.version == 1 and _count(connection) > MOST_VIEWS:
            raise UserError(f"there are {MOST_VIEWS} views already", hint="delete some first")
        detail = {"version": one.version, "body": body}
        log(connection, "view saved", name, now=now, detail=detail, actor=actor)
    return one


def delete_view(
    control: Control, name: str, *, actor: str, now: datetime, over: int | None = None
) -> StoredView:
    """Add a version that is none; those before stay. ChangedMeanwhileError as for saving."""
    with control.begin() as connection:
        one = _add(connection, name, DELETED, actor=actor, now=now, over=over)
        log(connection, "view deleted", name, now=now, detail={"version": one.version}, actor=actor)
    return one


def stored_views(control: Control) -> tuple[StoredView, ...]:
    """Give the newest version of every view that is not deleted, by name."""
    newest = (
        sa.select(view_versions.c.name, sa.func.max(view_versions.c.version).label("version"))
        .group_by(view_versions.c.name)
        .subquery()
    )
    same = (view_versions.c.name == newest.c.name) & (view_versions.c.version == newest.c.version)
    query = (
        sa.select(view_versions)
        .join(newest, same)
        .where(view_versions.c.body != DELETED)
        .order_by(view_versions.c.name)
    )
    with control.read() as connection:
        return tuple(StoredView(**row) for row in connection.execute(query).mappings())


def versions_of(control: Control, name: str) -> tuple[StoredView, ...]:
    """Give every version of a view, the newest first; none when nobody ever saved one."""
    query = (
        sa.select(view_versions)
        .where(view_versions.c.name == name)
        .order_by(view_versions.c.version.desc())
    )
    with control.read() as connection:
        return tuple(StoredView(**row) for row in connection.execute(query).mappings())


def views_mark(control: Control) -> str:
    """Name the state of all stored views: it changes whenever one is saved or deleted."""
    with control.read() as connection:
        return str(
            connection.execute(sa.select(sa.func.count()).select_from(view_versions)).scalar()
        )


def _add(
    connection: sa.Connection,
    name: str,
    body: str,
    *,
    actor: str,
    now: datetime,
    over: int | None,
) -> StoredView:
    """Write first and look afterwards: from here on nobody else writes until all of it is kept."""
    mine = view_versions.c.name == name
    next_one = sa.select(sa.func.coalesce(sa.func.max(view_versions.c.version), 0) + 1).where(mine)
    values = {"name": name, "body": body, "actor": actor, "at": now.isoformat()}
    try:
        adding = view_versions.insert().values(**values, version=next_one.scalar_subquery())
        connection.execute(adding)
    except IntegrityError as error:  # PostgreSQL lets two look at once
        message = f"view {name!r} was saved by somebody else at this moment"
        raise ChangedMeanwhileError(message, where="name", hint="save it again") from error
    newest = sa.select(view_versions).where(mine).order_by(view_versions.c.version.desc())
    added, *before = [StoredView(**row) for row in connection.execute(newest.limit(2)).mappings()]
    held = before[0].version if before and before[0].body != DELETED else 0
    if over is not None and over != held:
        raise ChangedMeanwhileError(
            f"view {name!r} is at version {held}, not {over}"
            if held
            else f"no view {name!r} is kept",
            where="name",
            hint="read it again, and save over what it is now",
        )
    return added


def _count(connection: sa.Connection) -> int:
    names = sa.select(sa.func.count(sa.distinct(view_versions.c.name)))
    return int(connection.execute(names).scalar() or 0)
