"""The log of what people decided: append-only, each entry sealed with the hash of the last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from costper.errors import BooksError
from costper.store.control import Control
from costper.store.schema import audit

BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing somebody did; `detail` is JSON text with sorted keys."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    hash: str


def log(
    connection: sa.Connection,
    action: str,
    subject: str,
    *,
    now: datetime,
    detail: Mapping[str, object] | None = None,
    actor: str = "cli",
) -> None:
    """Append one entry inside the caller's transaction, so it stands or falls with the act."""
    last = connection.execute(
        sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).first()
    fields = {
        "seq": 1 if last is None else last.seq + 1,
        "at": now.isoformat(),
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": json.dumps(detail or {}, sort_keys=True, default=str),
        "previous": BEGINNING if last is None else last.hash,
    }
    connection.execute(audit.insert().values(**fields, hash=_seal(fields)))


def entries(control: Control) -> tuple[Entry, ...]:
    """Give the whole log, oldest first."""
    columns = [audit.c[name] for name in Entry.__dataclass_fields__]
    with control.read() as connection:
        found = connection.execute(sa.select(*columns).order_by(audit.c.seq))
        return tuple(Entry(**row) for row in found.mappings())


def newest(control: Control, *, limit: int, before: int | None = None) -> tuple[Entry, ...]:
    """Give the last entries, the newest first; `before` is the number of one already seen."""
    columns = [audit.c[name] for name in Entry.__dataclass_fields__]
    query = sa.select(*columns).order_by(audit.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.seq < before)
    with control.read() as connection:
        return tuple(Entry(**row) for row in connection.execute(query).mappings())


def audit_mark(control: Control) -> str:
    """Name the state of the log: it changes with all that anybody does."""
    with control.read() as connection:
        return str(connection.execute(sa.select(sa.func.max(audit.c.seq))).scalar() or 0)


def verify(control: Control) -> int:
    """Give the number of entries; BooksError names the first one that was changed."""
    previous, count = BEGINNING, 0
    with control.read() as connection:
        for row in connection.execute(sa.select(audit).order_by(audit.c.seq)).mappings():
            count += 1
            fields = {name: value for name, value in row.items() if name != "hash"}
            if row["seq"] != count or row["previous"] != previous or row["hash"] != _seal(fields):
                raise BooksError(
                    f"audit entry {row['seq']} was changed, or one before it removed",
                    hint="compare with a backup of the control store",
                )
            previous = row["hash"]
    return count


def _seal(fields: Mapping[str, object]) -> str:
    text = json.dumps(dict(sorted(fields.items())), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
