"""Decide, scope by scope, what a surveyed bill may do to the books."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from costper.model.delivery import (
    Decision,
    Delivery,
    Incoming,
    Part,
    RawBill,
    Scope,
    Status,
    decide,
)
from costper.store.closing import is_closed
from costper.store.land_sql import NOWHERE, Places
from costper.store.survey import Group, Survey, covered

VERSION = "1"
"""Raise it when the same bytes would land as other rows; every delivery then lands anew."""


SAME_BYTES = "the same bytes are in the books as"
"""How the reason of a delivery begins that another source has brought already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What shall become of one scope (or, when appending, of one file of it).

    `files` are positions in the bill, `held` is the delivery it is compared with, `old` are
    those it would replace.
    """

    groups: tuple[Group, ...]
    files: tuple[int, ...]
    held: Delivery | None
    old: tuple[int, ...]
    decision: Decision
    delivery: Delivery

    @property
    def rows(self) -> int:
        """Charges of the scope in the bill, good or bad."""
        return sum(group.rows for group in self.groups)

    @property
    def lands(self) -> bool:
        """Say whether it shall land."""
        return self.decision.action == "land"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the decisions stand on: what is held of the source, and which periods are closed.

    `elsewhere` names the delivery of another source that holds a file: by hash, account, period.
    """

    source: str
    held: tuple[Delivery, ...]
    closed: frozenset[tuple[str, date]]
    forced: bool
    elsewhere: Mapping[tuple[str, str, date], str] = field(
        default_factory=dict[tuple[str, str, date], str]
    )


def fingerprint(bill: RawBill, parts: Iterable[Part]) -> str:
    """Hash what decides the rows: the files' bytes in any order, and how they are read."""
    said = {
        "version": VERSION,
        "mode": bill.mode,
        "projection": dict(sorted(bill.projection.items())),
        "keep": bill.keep,
        "account": bill.account,
        "billing_period": str(bill.billing_period),
        "files": sorted(part.sha256 for part in parts),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def decided(bill: RawBill, seen: Survey, ground: Ground) -> tuple[Plan, ...]:
    """Give one plan for each scope; when appending, one for each scope and file."""
    plans: list[Plan] = []
    for (account, billing_period), groups in seen.scopes.items():
        scope = Scope(source=ground.source, account=account, billing_period=billing_period)
        snapshots = _by_file(groups) if bill.mode == "append" else [groups]
        plans.extend(_plan(bill, scope, own, seen, ground) for own in snapshots)
    return tuple(plans)


def places(seen: Survey, plans: Sequence[Plan]) -> Places:
    """Say where the rows of each group land; rows that do not tell go with their file's most."""
    found: dict[tuple[int, str | None, date | None], tuple[int, int]] = {}
    for plan in plans:
        for group in plan.groups:
            found[group.place] = _place(plan, group) if plan.lands else NOWHERE
    for group in seen.groups:
        if group.kept and group.key is None:
            owner = owner_of(group, plans)
            found[group.place] = _place(owner, group) if owner and owner.lands else NOWHERE
    return found


def _place(plan: Plan, group: Group) -> tuple[int, int]:
    return plan.delivery.delivery_id, plan.files.index(group.file)


def owner_of(group: Group, plans: Sequence[Plan]) -> Plan | None:
    """Give the plan that has most rows of the group's file; None when no plan reads the file."""
    rows = {
        place: sum(each.rows for each in plan.groups if each.file == group.file)
        for place, plan in enumerate(plans)
    }
    best = max(rows, key=lambda place: rows[place], default=None)
    return plans[best] if best is not None and rows[best] else None


def _by_file(groups: Sequence[Group]) -> list[tuple[Group, ...]]:
    files = sorted({group.file for group in groups})
    return [tuple(group for group in groups if group.file == file) for file in files]


def _plan(
    bill: RawBill, scope: Scope, groups: tuple[Group, ...], seen: Survey, ground: Ground
) -> Plan:
    files = tuple(sorted({group.file for group in groups}))
    days = covered(groups)
    incoming = Incoming(
        scope=scope,
        fingerprint=fingerprint(bill, [bill.parts[file] for file in files]),
        mode=bill.mode,
        rows=sum(group.rows for group in groups),
        covered_days=len(days),
        last_day=max(days, default=None),
        complete=_complete(bill, seen),
    )
    in_scope = tuple(each for each in ground.held if each.scope == scope)
    held = _compared(incoming, in_scope)
    shut = is_closed(scope, ground.closed)
    decision = decide(incoming, held, closed=shut, forced=ground.forced)
    if decision.action == "land" and not ground.forced:
        decision = _counted_once(decision, scope, [bill.parts[file] for file in files], ground)
    old = tuple(each.delivery_id for each in in_scope) if bill.mode == "overwrite" else ()
    aside = sum(
        g.rows for g in seen.groups if not g.kept and g.file in files and g.key == _key(scope)
    )
    delivery = _delivery(incoming, days, aside, tuple(bill.parts[file].origin for file in files))
    return Plan(
        groups=groups, files=files, held=held, old=old, decision=decision, delivery=delivery
    )


def _counted_once(
    decision: Decision, scope: Scope, parts: Sequence[Part], ground: Ground
) -> Decision:
    """Refuse files that another source has brought: the same charges are never paid twice."""
    for part in parts:
        held = ground.elsewhere.get((part.sha256, *_key(scope)))
        if held is not None:
            return Decision("refuse", f"{SAME_BYTES} {held}")
    return decision


def _key(scope: Scope) -> tuple[str, date]:
    return scope.account, scope.billing_period


def _complete(bill: RawBill, seen: Survey) -> bool:
    enough_rows = bill.promised_rows is None or seen.rows >= bill.promised_rows
    enough_files = bill.promised_files is None or len(bill.parts) >= bill.promised_files
    return enough_rows and enough_files


def _compared(incoming: Incoming, in_scope: Sequence[Delivery]) -> Delivery | None:
    """Give the same bytes where they are held, else the fullest delivery of the scope."""
    same = [each for each in in_scope if each.fingerprint == incoming.fingerprint]
    if same or incoming.mode == "append":
        return same[0] if same else None
    return max(in_scope, key=lambda each: each.covered_days, default=None)


def _delivery(
    incoming: Incoming, days: frozenset[date], set_aside: int, files: tuple[str, ...]
) -> Delivery:
    status: Status = "pending"
    return Delivery(
        delivery_id=0,
        scope=incoming.scope,
        status=status,
        mode=incoming.mode,
        fingerprint=incoming.fingerprint,
        rows=incoming.rows,
        bad_rows=0,
        set_aside=set_aside,
        totals={},
        first_day=min(days, default=None),
        last_day=incoming.last_day,
        covered_days=incoming.covered_days,
        files=files,
    )
