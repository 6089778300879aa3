"""Walks from what LLM calls cost back to the calls: lines that add up to the number exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from costper.economics.calls import Used, added
from costper.errors import UserError
from costper.model.answer import Absent, Answer, Cell, Measure, Row
from costper.model.call import COUNTS
from costper.model.instant import instant
from costper.model.money import plain, total
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.model.plural import plural
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.chosen import SEPARATED, Chosen, told_as
from costper.pipeline.llm.elsewhere import elsewhere, held, uncalled
from costper.pipeline.llm.named import own_id
from costper.pipeline.llm.proof import Prover, cost_of
from costper.pipeline.llm.read import (
    HOURLY,
    LINES,
    USER_DAILY,
    Calls,
    Key,
    ask,
    by_columns,
    read_by,
)
from costper.pipeline.llm.told import COST_NOTE, Said, days_of, told
from costper.pipeline.llm.user import of_user, uncalled_user
from costper.store.books import Books

Order = Literal["dearest", "latest"]
ORDERS: tuple[Order, ...] = ("dearest", "latest")
LISTED = 20
MOST = 10_000
FURTHEST = 1_000_000
TRIES = 4
UNPRICED = Absent("unpriced")
MEASURES: Mapping[str, Measure] = {"price": "price", "usd_each": "price"}
WORDS = (
    *("user_id", "tenant", "customer", "feature", "prompt_version", "environment", "provider"),
    *("model", "tier", "part", "status", "price_version"),
)
READ = (
    *("day", "at", "call_id", "line_no", *WORDS, *COUNTS, "context_tokens", "price_status"),
    *("rated_cost", "cost"),
)
ORDERED: Mapping[Order, str] = {
    "dearest": '"cost" DESC NULLS LAST, "at" DESC, call_id, line_no',
    "latest": '"at" DESC, call_id, line_no',
}
NOTES = (
    "every row is a line of a call; lines, (other lines) and what invoices trued up add up to cost",
    "a part costs its count times its price; price names the row of the list, since its first day",
    COST_NOTE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Which lines are listed: `rows` of them in an order, after the first `after`."""

    order: Order = "dearest"
    rows: int = LISTED
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was read of one state of the books: the number by model, all lines, those listed."""

    number: Mapping[Key, Used]
    lines: int
    unpriced: int
    cost: Decimal
    listed: Sequence[Mapping[str, Any]]


def explain_calls(
    books: Books, frame: Frame, chosen: Chosen, *, user: str = "", listed: Listed | None = None
) -> Answer:
    """Prove what some calls cost: the number that rankings and pages show for the same days.

    `user` is either id of one user. Each page of lines adds up to the whole number, as the lines
    of all other pages are summed up in a row of their own.

    Raises:
        UnknownNameError: no call of these days is of what is asked for.
        UserError: the page asked for is none.
    """
    listed = listed or Listed()
    if not 1 <= listed.rows <= MOST or not 0 <= listed.after <= FURTHEST:
        where = "after" if 1 <= listed.rows <= MOST else "rows"
        raise UserError(f"rows are 1 to {MOST}, after 0 to {FURTHEST}", where=where)
    user = own_id(books, frame, chosen, user) if user else ""
    calls = Calls(frame, chosen, frame.period)
    found = _steady(calls, user, listed)
    if not found.number:
        raise _unknown(calls, user)
    used = added(found.number.values())
    rows = (*_lines(books, found, listed), *_trued(found.number), *_missing(found, used))
    question: Row = {
        "noun": "llm explain",
        "user": user,
        "order": listed.order,
        "rows": listed.rows,
        "after": listed.after,
    }
    sums: Row = {
        "cost": used.cost_of_record,
        "call_cost": used.estimate,
        "trued_up": total([used.cost, -used.call_cost]),
        "calls": used.calls,
        "lines": found.lines,
        "unpriced_lines": found.unpriced,
    }
    said = Said(notes=NOTES, measures=MEASURES, issues=tuple(_unmatched(found, used)))
    return told(calls, question, rows, sums, days_of(calls), said)


def _steady(calls: Calls, user: str, listed: Listed) -> _Found:
    """Read the number and its lines of one state of the books: again where a write came between."""
    marts = calls.frame.books.marts
    for _ in range(TRIES - 1):
        before = marts.writes
        found = _read(calls, user, listed)
        if marts.writes == before:
            return found
    return _read(calls, user, listed)


def _read(calls: Calls, user: str, listed: Listed) -> _Found:
    bound = Bound()
    table = USER_DAILY if user else HOURLY
    of = of_user(user, bound) if user else ()
    number = read_by(calls, table, by_columns("provider", "model"), of, bound)
    bound = Bound()
    where = (*calls.where(LINES, bound), *((f"user_id = {bound.bind(user)}",) if user else ()))
    sums = Select(
        columns={
            "lines": "COUNT(*)",
            "unpriced": "COUNT(*) FILTER (WHERE cost IS NULL)",
            "cost": "COALESCE(SUM(cost), 0)",
        },
        table=LINES,
        where=where,
    )
    (whole,) = ask(calls.frame, sums, bound)
    page = Select(columns={name: quoted(name) for name in READ}, table=LINES, where=where).text()
    rows: list[dict[str, Any]] = calls.frame.books.marts.query(
        f"{page} ORDER BY {ORDERED[listed.order]} LIMIT {listed.rows:d} OFFSET {listed.after:d}",
        bound.values,
    ).to_pylist()
    return _Found(number=number, listed=rows, **whole)


def _lines(books: Books, found: _Found, listed: Listed) -> Iterator[Row]:
    """Write the lines of the page, and one row for all others."""
    prover = Prover(books)
    for line in found.listed:
        yield _line(prover, line)
    rest = found.lines - len(found.listed)
    if rest:
        cost = total([found.cost, -total([cost_of(line) for line in found.listed])])
        none = found.unpriced - sum(line["cost"] is None for line in found.listed)
        first = f", {listed.after:,} of them before these" if listed.after else ""
        unpriced = f", {none:,} without a price" if none else ""
        yield _summed(
            "others",
            "(other lines)",
            how=f"{plural(rest, 'line')}{unpriced}{first}",
            lines=rest,
            cost=UNPRICED if none == rest else cost,
        )


def _line(prover: Prover, line: Mapping[str, Any]) -> Row:
    proof = prover.proof(line)
    words = {name.removesuffix("_id"): told_as(line[name]) for name in WORDS[:6]}
    return {
        "kind": "line",
        "at": instant(f"{line['at']:%Y-%m-%dT%H:%M:%S}Z"),
        "call": line["call_id"],
        "line_no": line["line_no"],
        **words,
        **{name: line[name] for name in WORDS[6:]},
        "lines": 1,
        "how": proof.how,
        "price": "; ".join(proof.sources),
        "since": proof.since,
        "parts": tuple(
            {"kind": term.kind, "count": term.count, "usd_each": term.rate, "cost": term.cost}
            for term in proof.terms
        ),
        "cost": UNPRICED if line["cost"] is None else line["cost"],
    }


def _trued(number: Mapping[Key, Used]) -> Iterator[Row]:
    """Write what invoices changed, by model."""
    for (provider, model), used in sorted(number.items()):
        change = total([used.cost, -used.call_cost])
        if change:
            billed, estimate = plain(used.cost), plain(used.call_cost)
            yield _summed(
                "true_up",
                f"(true-up of {provider}/{model})",
                how=f"{billed} by the invoice instead of {estimate} by price",
                cost=change,
                provider=provider,
                model=model,
            )


def _missing(found: _Found, used: Used) -> Iterator[Row]:
    change = total([used.call_cost, -found.cost])
    if change:
        yield _summed("missing", "(not in the calls)", how="see the issue", cost=change)


def _unmatched(found: _Found, used: Used) -> Iterator[Issue]:
    if used.call_cost != found.cost:
        yield Issue(
            code="calls_do_not_add_up",
            message=f"the roll-ups hold {plain(used.call_cost)}, the calls {plain(found.cost)}",
            severity="error",
            where="llm",
            hint="`costper check` says more of the books",
        )


def _summed(kind: str, name: str, *, how: str, cost: Cell, lines: int = 0, **said: str) -> Row:
    """Write a row that is no line of a call, with the cells of one."""
    blank = {name.removesuffix("_id"): "" for name in WORDS}
    return {
        "kind": kind,
        "at": "",
        "call": name,
        "line_no": None,
        **blank,
        **said,
        "lines": lines,
        "how": how,
        "price": "",
        "since": None,
        "parts": (),
        "cost": cost,
    }


def _unknown(calls: Calls, user: str) -> UserError:
    """Say what it is that no call of these days is of: the first word that no call ever says."""
    if user:
        return uncalled_user(calls, user)
    said = {name: word for name, word in calls.chosen.words().items() if name not in SEPARATED}
    if not said:
        return UserError("the books hold no such calls of these days", hint=elsewhere(calls))
    nouns = [name for name in said if held(replace(calls, chosen=_only(calls, name))) is None]
    noun = nouns[0] if nouns else [*said][-1]
    others = replace(calls.chosen, **{noun: ""})
    return uncalled(replace(calls, chosen=others), noun, said[noun])


def _only(calls: Calls, noun: str) -> Chosen:
    kept = {name: str(getattr(calls.chosen, name)) for name in (*SEPARATED, noun)}
    return Chosen(**kept)
