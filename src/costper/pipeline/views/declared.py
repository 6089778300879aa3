"""The views of costper.yaml, read and checked, each fault at its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from costper.config.settings import DeclaredView, Settings
from costper.economics.currency import rates_into
from costper.errors import UserError
from costper.model.outcome import Issue
from costper.model.view import View
from costper.pipeline.query.ask import meaning
from costper.pipeline.query.facts import Facts, Held
from costper.pipeline.query.written import RESULT
from costper.pipeline.views.written import view_from_json


def declared_view(declared: DeclaredView) -> View:
    """Read one view.

    Raises:
        UserError: a letter, a name or the days make no sense; `where` is file:line.
    """
    try:
        return view_from_json(declared.name, declared.said)
    except UserError as error:
        raise told(declared.name, error, declared.lines) from error


def view_issues(settings: Settings, now: datetime) -> Iterator[Issue]:
    """Give an issue for each declared view that no books could answer, at its line.

    Unknown metrics, cost columns and dimensions, conditions and formulas with their column.
    """
    facts = _no_books(settings)
    for one in settings.views:
        try:
            view = declared_view(one)
            _check(settings, view, facts, now, one.lines)
        except UserError as error:
            yield Issue("view", error.message, error.where, hint=error.hint)


def told(name: str, error: UserError, lines: Mapping[str, str] | None = None) -> UserError:
    """Say which view is wrong and where: at the line of its letter, where it has lines."""
    place = f"view {name!r}"
    inner = error.where
    message = f"{place}, {inner}: {error.message}" if inner else f"{place}: {error.message}"
    where = _line(lines, inner) if lines else ""
    return UserError(message, where=where, hint=error.hint)


def _check(
    settings: Settings, view: View, facts: Facts, now: datetime, lines: Mapping[str, str]
) -> None:
    try:
        meaning(settings, view.question, facts, now)
    except UserError as error:
        raise told(view.name, error, lines) from error


def _line(lines: Mapping[str, str], where: str) -> str:
    """Find the line of what is wrong: a letter, a formula, a member; else the view's own."""
    word = where.partition(", column ")[0].removeprefix("formula ")
    parts = word.split(".")
    found = [".".join(parts[:many]) for many in range(len(parts), 0, -1)]
    found += [f"letters.{word}", f"formulas.{word}"]
    found += [path for path in lines if word == "formula" and path.startswith("formulas.")]
    found += ["formula" if word == RESULT else "", f"{word}s"]
    return next((lines[path] for path in found if path and path in lines), lines[""])


def _no_books(settings: Settings) -> Facts:
    """Give what is known without any books: what is declared."""
    return Facts(
        rates=rates_into(settings.currency, ()),
        cost=Held(),
        currencies=frozenset(),
        metrics={},
        plans={"": "any"} if settings.customers else {},
        payers_since={},
    )
