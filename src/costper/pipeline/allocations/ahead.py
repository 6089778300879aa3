"""What the rules in costper.yaml, as it is on the disk now, would move; and making it so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import cast

from costper.allocation.definition import Definition, fingerprint, written
from costper.allocation.drivers import DRIVERS
from costper.config.load import read_settings
from costper.config.settings import Settings
from costper.errors import SettingError, UserError
from costper.model.answer import Answer, Row
from costper.model.outcome import Issue
from costper.pipeline.allocate import Hand, MonthDone, apply, plan
from costper.pipeline.allocation_answers import plan_answer
from costper.pipeline.defined import definition_of
from costper.sources import SOURCES
from costper.store.books import Books
from costper.store.rollup import extra_attributes

MOST_MOVED = 1_000
READ_AGAIN = (
    "the server goes by the file as it read it: SIGHUP or any `costper` command has it read again"
)


class WrongSettingsError(SettingError):
    """costper.yaml as it is now cannot be used; `issues` are all its faults."""

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        """Take the first fault for the message."""
        self.issues = issues
        first = issues[0]
        super().__init__(first.message, where=first.where, hint=first.hint)


class ChangedSettingsError(UserError):
    """costper.yaml says something else than what the server goes by."""


def plan_ahead(
    books: Books,
    environment: Mapping[str, str],
    *,
    months: Iterable[date] | None = None,
    most: int = MOST_MOVED,
) -> Answer:
    """Say what costper.yaml as it is now would move between customers; nothing is changed.

    Raises:
        WrongSettingsError: the file has faults.
        ChangedSettingsError: it declares dimensions these books do not have yet.
    """
    read, issues = settings_now(books, environment)
    wanted, held = definition_of(read), definition_of(books.settings)
    found = plan_answer(books, plan(books, months=months, definition=wanted))
    (row,) = found.rows
    same = written(wanted) == written(held)
    more: Row = {
        "by_customer": _first(row["by_customer"], most),
        "shown": most,
        "changed_rules": _changed(held, wanted),
        "in_force": same,
        "hint": "" if same else READ_AGAIN,
    }
    return replace(found, rows=({**row, **more},), issues=issues)


def apply_held(
    books: Books,
    environment: Mapping[str, str],
    *,
    actor: str,
    clock: Callable[[], datetime],
    months: Iterable[date] | None = None,
) -> tuple[MonthDone, ...]:
    """Allocate by the settings the books were opened with, if the file still says the same.

    Raises:
        WrongSettingsError: the file has faults.
        ChangedSettingsError: the file says something else by now.
        BusyError: a sync or another allocation is at work.
    """
    read, _ = settings_now(books, environment)
    if written(definition_of(read)) != written(definition_of(books.settings)):
        message = "the rules in costper.yaml have changed since this server read it"
        raise ChangedSettingsError(message, where=read.path.name, hint=READ_AGAIN)
    with books.activity.working((), actor=actor, now=clock()):
        return apply(
            books,
            now=clock(),
            months=months,
            progress=books.activity.tell,
            hand=Hand(clock=clock, actor=actor),
        )


def file_mark(books: Books, environment: Mapping[str, str]) -> str:
    """Name what the rules in costper.yaml are now, or what is wrong with them."""
    try:
        read, issues = settings_now(books, environment)
    except UserError as error:
        return f"@file {error.text()}"
    return f"@file {fingerprint(definition_of(read), issues)}"


def settings_now(
    books: Books, environment: Mapping[str, str]
) -> tuple[Settings, tuple[Issue, ...]]:
    """Read costper.yaml again, with what is doubtful in it. Raises as `plan_ahead`."""
    outcome = read_settings(
        books.settings.path, catalogue=SOURCES, drivers=tuple(DRIVERS), environment=environment
    )
    if outcome.failed or not outcome.items:
        wrong = [one for one in outcome.issues if one.severity == "error"]
        raise WrongSettingsError(tuple(wrong) or (_nothing(books),))
    (read,) = outcome.items
    lacking = [*_beyond(read.dimension_names, books.settings.dimension_names)]
    lacking += _beyond(extra_attributes(read.dimensions, read.allocation), books.extra)
    if lacking:
        raise ChangedSettingsError(
            f"costper.yaml reads {', '.join(lacking)}, which these books do not keep yet",
            where=read.path.name,
            hint=READ_AGAIN,
        )
    return read, outcome.issues


def _nothing(books: Books) -> Issue:
    return Issue(code="settings", message="it could not be read", where=books.settings.path.name)


def _beyond(wanted: Iterable[str], held: Collection[str]) -> list[str]:
    return [name for name in wanted if name not in held]


def _first(rows: object, most: int) -> tuple[Row, ...]:
    return cast("tuple[Row, ...]", rows)[:most]


def _changed(held: Definition, wanted: Definition) -> tuple[Row, ...]:
    """Name the rules that are new, gone or changed in the file, and whether only the order is."""
    old = {rule.name: rule for rule in held.rules}
    new = {rule.name: rule for rule in wanted.rules}
    found: list[Row] = []
    for name in {**new, **old}:
        if name not in old:
            found.append({"rule": name, "change": "added", "where": new[name].where})
        elif name not in new:
            found.append({"rule": name, "change": "removed", "where": ""})
        elif old[name].version != new[name].version:
            found.append({"rule": name, "change": "changed", "where": new[name].where})
    if not found and [*old] != [*new]:
        found.append({"rule": "", "change": "reordered", "where": ""})
    if held.dimensions != wanted.dimensions:
        found.append({"rule": "", "change": "dimensions", "where": ""})
    return tuple(found)
