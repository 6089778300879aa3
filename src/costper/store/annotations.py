"""Annotations as they are kept: told once under an id, listed by time, taken back."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from costper.errors import UnknownNameError, UserError
from costper.model.annotation import Annotation
from costper.model.instant import instant
from costper.store.audit import log
from costper.store.control import Control
from costper.store.schema import notes

MOST = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An annotation, who told it and when."""

    annotation: Annotation
    actor: str
    made_at: str


class TakenIdError(UserError):
    """Something else was told under the id before."""


def annotate(
    control: Control, said: Annotation, *, actor: str, now: datetime, any_time: bool = False
) -> Told:
    """Keep an annotation; the same told again under its id is kept once, as it was told first.

    With `any_time` it is the same at whatever instant: for who tells it without saying when.

    Raises:
        TakenIdError: the id is that of another.
        UserError: there are too many.
    """
    one = said if said.id else replace(said, id=f"note-{secrets.token_hex(8)}")
    with control.begin() as connection:
        before = _found(connection, one.id)
        if before is not None:
            same = replace(one, at=before.annotation.at) if any_time else one
            if before.annotation != same:
                hint = "leave the id out, or take that one back first"
                raise TakenIdError(f"{one.id!r} was told of before", where="id", hint=hint)
            return before
        many = connection.execute(sa.select(sa.func.count()).select_from(notes)).scalar()
        if many is not None and many >= MOST:
            raise UserError(f"there are {MOST} annotations already", hint="delete some first")
        values = {**asdict(one), "scope": dict(one.scope)}
        connection.execute(notes.insert().values(**values, actor=actor, made_at=now.isoformat()))
        log(connection, "annotation added", one.id, now=now, detail=values, actor=actor)
    return Told(annotation=one, actor=actor, made_at=instant(now.isoformat()))


def take_back(control: Control, name: str, *, actor: str, now: datetime) -> Told:
    """Delete an annotation and give what it was; the log keeps it.

    Raises:
        UnknownNameError: there is none of that id.
    """
    with control.begin() as connection:
        found = _found(connection, name)
        if found is None:
            raise UnknownNameError("annotation", name[:128], (), hint="it may be deleted already")
        connection.execute(notes.delete().where(notes.c.id == name))
        detail = {**asdict(found.annotation), "scope": dict(found.annotation.scope)}
        log(connection, "annotation deleted", name, now=now, detail=detail, actor=actor)
    return found


def told_between(
    control: Control, *, since: str = "", until: str = "", category: str = ""
) -> tuple[Told, ...]:
    """Give what touches the time from `since` until before `until`, the newest first.

    Both are instants as annotations have them; "" is no limit, as is a category of "".
    """
    columns = notes.c
    query = sa.select(notes).order_by(columns.at.desc(), columns.id)
    if since:
        query = query.where(sa.or_(columns.at >= since, columns.until >= since))
    if until:
        query = query.where(columns.at < until)
    if category:
        query = query.where(columns.category == category)
    with control.read() as connection:
        return tuple(map(_told, connection.execute(query).mappings()))


def _found(connection: sa.Connection, name: str) -> Told | None:
    query = sa.select(notes).where(notes.c.id == name)
    row = connection.execute(query).mappings().first()
    return None if row is None else _told(row)


def _told(row: sa.RowMapping) -> Told:
    names = ("id", "at", "until", "title", "category", "url", "scope")
    return Told(
        annotation=Annotation(**{name: row[name] for name in names}),
        actor=row["actor"],
        made_at=instant(row["made_at"]),
    )
