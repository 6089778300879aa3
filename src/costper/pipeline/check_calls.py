"""Checks LLM calls: do their roll-ups add up, are people's files readable, is anything unknown?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from costper.config.settings import Settings
from costper.errors import BooksError, CostperError, SettingError
from costper.model.outcome import Issue
from costper.model.plural import plural
from costper.pipeline.calls.conflicts import lost_or_doubted
from costper.pipeline.calls.intake import SPOOL
from costper.pipeline.calls.moves import moves
from costper.pipeline.calls.people import declared_aliases, declared_tenants, known_people
from costper.pipeline.calls.refusals import refused
from costper.store.books import Books
from costper.store.pepper import KEY
from costper.store.spool import waiting_in

SHOWN = 3
ROLLUPS = ("call_hourly", "user_daily")
GAPS: Mapping[str, str] = {
    "user_kind = 'unknown'": "do not say who caused them",
    "tenant <> '' AND customer = ''": "are of tenants without a customer",
    "feature = ''": "do not say what they were for",
}
REAL = "data_mode = 'real' AND environment = 'production'"


def check_people(settings: Settings) -> Iterator[Issue]:
    """Read the files that costper.yaml names of tenants and aliases."""
    for read in (declared_tenants, declared_aliases):
        try:
            read(settings)
        except SettingError as error:
            yield Issue("unreadable", error.message, error.where, hint=error.hint)


def check_calls(books: Books, environment: Mapping[str, str]) -> Iterator[Issue]:
    """Give what is wrong or doubtful of calls; nothing where there are none."""
    yield from spooled(books)
    if not books.marts.query("SELECT 1 AS one FROM calls LIMIT 1").num_rows:
        return
    for table in ROLLUPS:
        yield from _unequal(books, table)
    yield from lost_or_doubted(books)
    yield from _waiting(books, environment)
    yield from _unknown(books)
    refusals = sum(one.count for one in refused(books.settings.store_path).values())
    if refusals:
        yield Issue(
            "refused_calls",
            f"{plural(refusals, 'call')} with an e-mail address for an id refused at the door",
            "llm",
            "warning",
            hint="`costper unknown` says in which fields, and since when",
        )


def spooled(books: Books) -> Iterator[Issue]:
    """Tell of calls that were acknowledged and are not in the books: only a server folds them."""
    try:
        events = waiting_in(books.settings.store_path / SPOOL, books.folded.seq(books.marts))
    except BooksError as error:
        yield Issue("spool", error.message, error.where, hint=error.hint)
        return
    if events:
        many = plural(events, "event")
        message = f"{many} of calls are acknowledged and not in the books yet"
        hint = "`costper serve` takes them in within seconds; start it unless it runs"
        yield Issue("spooled_calls", message, "calls", "info", hint=hint)


def _unequal(books: Books, table: str) -> Iterator[Issue]:
    """Compare a roll-up with the calls, day by day: number and cost by price, exactly."""
    held = "SELECT day, SUM(calls) AS calls, SUM(call_cost) AS cost FROM"
    rows = books.marts.query(
        "SELECT COALESCE(c.day, r.day) AS day FROM (SELECT day, COUNT(*) FILTER (WHERE line_no = 0)"
        " AS calls, COALESCE(SUM(cost), 0) AS cost FROM calls GROUP BY day) AS c "
        f"FULL JOIN ({held} {table} GROUP BY day HAVING SUM(calls) <> 0 OR SUM(call_cost) <> 0) "
        "AS r ON c.day = r.day WHERE c.calls IS DISTINCT FROM r.calls "
        "OR c.cost IS DISTINCT FROM r.cost ORDER BY 1"
    )
    for row in rows.slice(0, SHOWN).to_pylist():
        yield Issue(
            "conservation",
            f"{table} of {row['day']} does not add up to the calls",
            "calls",
            hint="restore the books from a backup, and please report it",
            count=rows.num_rows,
        )


def _waiting(books: Books, environment: Mapping[str, str]) -> Iterator[Issue]:
    """Tell of calls that settings would move; nothing is hashed, so nothing is made for it."""
    if books.control.remembered(KEY) is None:
        return
    try:
        found = moves(books, known_people(books, environment=environment))
    except SettingError:
        return  # told by check_people
    except CostperError as error:
        yield Issue("pepper", error.message, error.where, hint=error.hint)
        return
    due = {one.was.tenant or one.was.account for one in found if not one.closed}
    if due:
        yield Issue(
            "backfill_due",
            f"past calls of {len(due)} of the tenants and accounts belong to others now",
            "llm",
            "warning",
            hint="`costper backfill plan` shows them",
        )


def _unknown(books: Books) -> Iterator[Issue]:
    counted = ", ".join(
        f"COALESCE(SUM(calls) FILTER (WHERE {gap}), 0) AS gap_{number}"
        for number, gap in enumerate(GAPS)
    )
    row = books.marts.query(f"SELECT {counted} FROM call_hourly WHERE {REAL}").to_pylist()[0]
    for number, told in enumerate(GAPS.values()):
        many = int(row[f"gap_{number}"])
        if many:
            message, hint = f"{plural(many, 'call')} {told}", "`costper unknown` says since when"
            yield Issue("unknown_calls", message, "calls", "info", hint=hint)
