"""One feature, tenant, model, team or customer in depth: what its calls are made of."""

from __future__ import annotations

from dataclasses import replace

from costper.economics.calls import added
from costper.errors import UnknownNameError
from costper.model.answer import Answer, Row
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.before import TREND_NOTE, compared, trend_cells
from costper.pipeline.llm.chosen import CHOOSABLE, Chosen, spelled, told_as
from costper.pipeline.llm.elsewhere import uncalled
from costper.pipeline.llm.parts import daily_rows, part_rows
from costper.pipeline.llm.read import HOURLY, Calls, both_periods, by_columns, read_by
from costper.pipeline.llm.told import (
    COST_NOTE,
    PER_CALL_NOTE,
    TOKENS_NOTE,
    Said,
    days_of,
    told,
    usage_cells,
)
from costper.pipeline.llm.users import users

PARTS = ("feature", "prompt_version", "model", "tenant", "customer")
USERS_SHOWN = 10
USERS_NOTE = "users are people: share_percent of theirs is of the cost of all of them"


def page(frame: Frame, chosen: Chosen, noun: str, name: str) -> Answer:
    """Answer one row about a value of a noun, with its parts, its dearest users and its days.

    Raises:
        UnknownNameError: calls do not name such a noun, or none of these days names the value.
    """
    if noun not in CHOOSABLE:
        raise UnknownNameError("noun", noun, CHOOSABLE)
    own = replace(chosen, **{noun: name})
    now, before = both_periods(frame, own, HOURLY, ("day",))
    if not now:
        raise uncalled(Calls(frame, chosen, frame.period), noun, name)
    calls = Calls(frame, own, frame.period)
    total, days = added(now.values()), days_of(calls)
    how = compared(frame, own)
    row: Row = {
        noun: told_as(spelled(noun, name, frame.books.settings)),
        **usage_cells(total),
        **trend_cells(total, added(before.values()), how),
        "input_tokens_per_call": total.input_per_call,
        "output_tokens_per_call": total.output_per_call,
        "retry_percent": total.retry_percent,
        "cache_hit_percent": total.cache_hit_percent,
        "latency_mean_ms": total.latency_mean_ms,
        **_parts(calls, noun),
        "daily": tuple(daily_rows(days.by_day, frame.period)),
    }
    notes = (
        COST_NOTE,
        PER_CALL_NOTE,
        TOKENS_NOTE,
        TREND_NOTE,
        *((USERS_NOTE,) if "users" in row else ()),
    )
    question = {"noun": f"llm {noun}", noun: name}
    return told(
        calls, question, (row,), usage_cells(total), days, Said(notes=notes, issues=how.issues)
    )


def _parts(calls: Calls, noun: str) -> dict[str, tuple[Row, ...]]:
    found = {
        f"{part}s": tuple(part_rows(part, read_by(calls, HOURLY, by_columns(part))))
        for part in PARTS
        if part != noun
    }
    own = calls.chosen
    if not own.prompt_version and not own.team:
        found["users"] = tuple(users(calls.frame, own, top=USERS_SHOWN).rows)
    return found
