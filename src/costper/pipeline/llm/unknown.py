"""The clean-up queue of LLM calls: what they do not say, what nobody declared, how long already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from costper.errors import UserError, suggestion
from costper.identity.likely import by_form, likely_customer
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.call import DATA_MODES
from costper.model.dimension import normal
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import Standing
from costper.pipeline.answer.select import Bound, Select, spoken
from costper.pipeline.calls.fresh import as_of
from costper.pipeline.calls.people import declared_tenants
from costper.pipeline.calls.refusals import refused
from costper.store.books import Books
from costper.store.call_tables import CALL_MONEY

MOST = 1_000
"""Rows of one kind, the dearest ones: who has cleaned them up is shown the next."""

ALL = "all"
UNPRICED = Absent("unpriced")
REFUSED = Absent("refused")
ACCOUNT = "user_kind = 'service_account'"
NOTE = "a call stands in every row that is true of it, so rows do not add up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One kind of row: which calls, by what they are told apart, in which roll-up."""

    kind: str
    where: str
    by: tuple[str, ...] = ()
    table: str = "call_hourly"
    fix: str = ""


GAPS = (
    Gap(
        kind="no_user",
        where="user_kind = 'unknown'",
        fix="send userId, or anonId for visitors, or serviceAccount for programs",
    ),
    Gap(kind="no_tenant", where=f"tenant = '' AND NOT ({ACCOUNT})", fix="send tenantId"),
    Gap(
        kind="no_customer",
        where=f"customer = '' AND NOT ({ACCOUNT})",
        fix="send customerId, or map the tenants under llm.tenants",
    ),
    Gap(kind="no_feature", where="feature = ''", fix="send endpointTag"),
    Gap(kind="unmapped_tenant", where="tenant <> '' AND customer = ''", by=("tenant",)),
    Gap(kind="unknown_account", where=ACCOUNT, by=("user_id",), table="user_daily"),
    Gap(
        kind="unpriced_model",
        where="unpriced_calls > 0 AND input_tokens + output_tokens > 0",
        by=("provider", "model"),
        fix="`costper unpriced` says why, and what to do",
    ),
)
"""What may be unknown of calls, in the order it is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Which calls the queue is of, and on which day it is looked at."""

    books: Books
    now: datetime
    environment: str = "production"
    data_mode: str = "real"
    issues: list[Issue] = field(default_factory=list[Issue])


def unknown(queue: Queue, standing: Standing) -> Answer:
    """List what is unknown of calls, the dearest first, over all days the books hold.

    Rows are {kind, name, calls, unpriced_calls, cost, first_seen, last_seen, age_days, fix};
    `age_days` counts from the first such call to now.

    Raises:
        UserError: there is no such data mode.
    """
    if queue.data_mode not in (*DATA_MODES, ALL):
        hint = suggestion(queue.data_mode, (*DATA_MODES, ALL))
        raise UserError(f"unknown data mode {queue.data_mode!r}", where="data_mode", hint=hint)
    found = [row for gap in GAPS for row in _rows(queue, gap)]
    rows = sorted(found, key=_dearest)
    rows += _refusals(queue)
    ages = [age for row in rows if isinstance(age := row["age_days"], int)]
    return Answer(
        question={
            "noun": "unknown",
            "environment": queue.environment,
            "data_mode": queue.data_mode,
        },
        rows=tuple(rows),
        total={"unknown": len(rows), "oldest_days": max(ages, default=0)},
        currency="USD",
        as_of=as_of(queue.books.marts, standing, queue.now),
        settled_through=None,
        estimated=False,
        coverage=None,
        issues=(*standing.issues, *queue.issues),
        measures={"calls": "number", "unpriced_calls": "number"},
    )


def _dearest(row: Row) -> tuple[Decimal, int, str, str]:
    cost, calls = row["cost"], row["calls"]
    return (
        -cost if isinstance(cost, Decimal) else Decimal(0),
        -calls if isinstance(calls, int) else 0,
        str(row["kind"]),
        str(row["name"]),
    )


def _rows(queue: Queue, gap: Gap) -> Iterator[Row]:
    bound = Bound()
    select = Select(
        columns={
            **{name: name for name in gap.by},
            "calls": "CAST(COALESCE(SUM(calls), 0) AS BIGINT)",
            "unpriced_calls": "CAST(COALESCE(SUM(unpriced_calls), 0) AS BIGINT)",
            "cost": f"CAST(COALESCE(SUM(cost), 0) AS {CALL_MONEY})",
            "first_seen": "MIN(day)",
            "last_seen": "MAX(day)",
        },
        table=gap.table,
        where=(gap.where, *_chosen(queue, bound), *_undeclared(queue, gap, bound)),
        group=gap.by,
    )
    order = "ORDER BY cost DESC, calls DESC" + "".join(f", {name}" for name in gap.by)
    sql = f"SELECT * FROM ({select.text()}) AS found WHERE calls > 0 OR cost <> 0 {order}"
    rows: list[dict[str, Any]] = queue.books.marts.query(
        f"{sql} LIMIT {MOST + 1}", bound.values
    ).to_pylist()
    if len(rows) > MOST:
        message = f"only the {MOST} dearest of {gap.kind} are listed"
        hint = "the next ones show once these are cleaned up"
        queue.issues.append(Issue("cut", message, "unknown", severity="warning", hint=hint))
    fixes = _Fixes(queue.books, rows[:MOST], gap)
    for row in rows[:MOST]:
        yield {
            "kind": gap.kind,
            "name": "/".join(row[name] for name in gap.by),
            "calls": row["calls"],
            "unpriced_calls": row["unpriced_calls"],
            "cost": row["cost"] if row["cost"] or not row["unpriced_calls"] else UNPRICED,
            **_seen(row["first_seen"], row["last_seen"], queue.now),
            "fix": gap.fix or fixes.of(row),
        }


def _chosen(queue: Queue, bound: Bound) -> Iterator[str]:
    if queue.data_mode != ALL:
        yield f"data_mode = {bound.bind(queue.data_mode)}"
    if queue.environment != ALL:
        word = spoken("environment", queue.environment, queue.books.settings.dimensions)
        yield f"environment = {bound.bind(word)}"


def _undeclared(queue: Queue, gap: Gap, bound: Bound) -> Iterator[str]:
    """Leave out what settings know, although its calls name no customer."""
    llm = queue.books.settings.llm
    known = {"user_id": llm.service_accounts, "tenant": llm.internal_tenants}
    column = {"unknown_account": "user_id", "unmapped_tenant": "tenant", "no_customer": "tenant"}
    name = column.get(gap.kind, "")
    words = [bound.bind(normal(word)) for word in known.get(name, ())]
    if words:
        yield f"{name} NOT IN ({', '.join(words)})"


def _seen(first: date, last: date, now: datetime) -> dict[str, Cell]:
    age = max((now.date() - first).days, 0)
    return {"first_seen": first, "last_seen": last, "age_days": age}


class _Fixes:
    """Says what to do about rows that each need something of their own."""

    def __init__(self, books: Books, rows: list[dict[str, Any]], gap: Gap) -> None:
        self._kind = gap.kind
        self._forms: Mapping[str, str] = {}
        self._mapped: frozenset[str] = frozenset()
        if rows and gap.kind == "unmapped_tenant":
            self._mapped = frozenset(map(normal, declared_tenants(books.settings)))
            found = books.marts.query("SELECT DISTINCT customer FROM customers").to_pylist()
            self._forms = by_form(row["customer"] for row in found)

    def of(self, row: Mapping[str, Any]) -> str:
        """Say it in a line."""
        if self._kind == "unknown_account":
            return f"declare it: llm.service_accounts: {{{row['user_id']}: {{customer: …}}}}"
        return self._of_tenant(row["tenant"])

    def _of_tenant(self, tenant: str) -> str:
        if tenant in self._mapped:
            return "it is mapped now: costper backfill plan"
        likely = likely_customer(tenant, self._forms)
        return f"map it: llm.tenants: {{{tenant}: {likely or 'CUSTOMER'}}}, then costper backfill"


def _refusals(queue: Queue) -> Iterator[Row]:
    """List what was refused at the door: nothing of it is in the books but its number."""
    for name, one in sorted(refused(queue.books.settings.store_path).items()):
        yield {
            "kind": "refused_email",
            "name": name,
            "calls": one.count,
            "unpriced_calls": 0,
            "cost": REFUSED,
            **_refused_days(one.first, one.last, queue.now),
            "fix": "send an id instead of an address, or set llm.hash_emails: true",
        }


def _refused_days(first: str, last: str, now: datetime) -> dict[str, Cell]:
    if not first:
        return dict.fromkeys(("first_seen", "last_seen", "age_days"), Absent("no_timestamp"))
    return _seen(date.fromisoformat(first), date.fromisoformat(last), now)
