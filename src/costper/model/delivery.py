"""Deliveries: a snapshot of one scope of a bill, and whether it may replace the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Mode = Literal["overwrite", "append"]
Status = Literal["pending", "current", "superseded", "refused", "failed"]
Action = Literal["land", "unchanged", "refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a snapshot is of: one billing account's billing period in one source."""

    source: str
    account: str
    billing_period: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of raw rows, readable as Parquet.

    `path` is the Parquet file to read: the origin itself or a staged copy with every column
    as text. `origin` is what people know the file by. `row_column` names the column that holds
    the row number in the origin (row 1 is a CSV's header); empty means the position in the
    Parquet file, counted from 1. `again` says how many of its rows are one more charge of a row
    that is counted already: a fee's unused half, a credit listed inside its cost row.
    """

    path: str
    origin: str
    sha256: str
    rows: int
    row_column: str = ""
    again: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBill:
    """Raw rows of one delivery mode, and how each canonical column is read from them.

    `projection` maps every name of CHARGE_COLUMNS to an SQL expression in DuckDB's dialect over
    the raw columns; a column it leaves out is NULL. `keep` is an SQL condition: rows it rejects
    are not charges (footers, split-allocation rows that repeat their instance) and are counted
    as `set_aside`, never silently dropped. `promised_rows` and `promised_files` are what the
    vendor's manifest says. `account` and `billing_period` narrow the snapshot's scope where the
    source knows it before reading. `control_totals` (cost column → amount) is an independent
    total the rows must add up to.
    """

    parts: tuple[Part, ...]
    projection: dict[str, str]
    keep: str = "TRUE"
    mode: Mode = "overwrite"
    account: str = ""
    billing_period: date | None = None
    promised_rows: int | None = None
    promised_files: int | None = None
    control_totals: dict[str, Decimal] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One landed (or refused) snapshot, as the control store remembers it.

    `totals` is by currency, then cost column, and reconciles with the file to the last digit.
    `covered_days` counts the days on which a charge of at most one day starts, `first_day` and
    `last_day` are the ends of them: a tax or fee that spans the month says nothing of how far the
    usage reaches. Where no charge is that short, the days on which any charge starts.
    """

    delivery_id: int
    scope: Scope
    status: Status
    mode: Mode
    fingerprint: str
    rows: int
    bad_rows: int
    set_aside: int
    totals: Mapping[str, Mapping[str, Decimal]]
    first_day: date | None
    last_day: date | None
    covered_days: int
    files: tuple[str, ...]
    landed_at: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What a snapshot about to land holds, measured before anything is written."""

    scope: Scope
    fingerprint: str
    mode: Mode
    rows: int
    covered_days: int
    last_day: date | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a snapshot, and why."""

    action: Action
    reason: str = ""


def decide(
    incoming: Incoming, current: Delivery | None, *, closed: bool, forced: bool = False
) -> Decision:
    """Say whether a snapshot lands, changes nothing, or is refused.

    A partial snapshot (fewer files or rows than its manifest says, or fewer days than what it
    would replace) never replaces a fuller one; a closed period changes only after a reopen.
    `forced` accepts a snapshot that covers fewer days, never one its own manifest calls short.
    One that lands with a reason is doubtful: it has less than half the rows of the one before.
    """
    if current is not None and current.fingerprint == incoming.fingerprint:
        return Decision("unchanged", "the same bytes as the delivery in the books")
    if closed:
        return Decision("refuse", "the billing period is closed; reopen it first")
    if not incoming.complete:
        return Decision("refuse", "fewer files or rows than its manifest says")
    if current is None or incoming.mode == "append" or forced:
        return Decision("land")
    reason = shortfall(incoming.covered_days, incoming.last_day, current)
    if reason:
        return Decision("refuse", reason)
    thin = incoming.rows * 2 < current.rows
    return Decision("land", f"{incoming.rows} rows replaced {current.rows}" if thin else "")


def shortfall(covered_days: int, last_day: date | None, current: Delivery) -> str:
    """Say in what way a snapshot reaches less far than the delivery in the books; else ""."""
    if covered_days < current.covered_days:
        return (
            f"covers {covered_days} days, the delivery in the books covers {current.covered_days}"
        )
    if last_day and current.last_day and last_day < current.last_day:
        return f"ends on {last_day}, the delivery in the books ends on {current.last_day}"
    return ""
