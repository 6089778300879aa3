"""Every view there is, declared or stored; saving, deleting and asking one by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from costper.errors import UnknownNameError, UserError
from costper.model.question import Question
from costper.model.view import View, check_view_name
from costper.pipeline.answer.frame import Standing
from costper.pipeline.query.ask import ask, meaning
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.facts import facts_of
from costper.pipeline.views.declared import declared_view, told
from costper.pipeline.views.written import view_from_json, view_to_json
from costper.store.books import Books
from costper.store.views import StoredView, delete_view, save_view, stored_views, versions_of


class DeclaredViewError(UserError):
    """A view of that name is declared in costper.yaml; there it is changed, and nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A view, and where it is kept: `where` is file:line of a declared one, '' of a stored one.

    `view` is None where it cannot be read any more; `fault` then says why.
    """

    name: str
    view: View | None
    fault: str = ""
    where: str = ""
    version: int = 0
    at: str = ""
    actor: str = ""


def all_views(books: Books) -> tuple[Saved, ...]:
    """Give every view by name; a stored one never hides a declared one."""
    declared = {one.name: one for one in _declared(books)}
    stored = (_kept(one) for one in stored_views(books.control) if one.name not in declared)
    return tuple(sorted((*declared.values(), *stored), key=lambda one: one.name))


def saved_view(books: Books, name: str) -> Saved:
    """Find a view.

    Raises:
        UnknownNameError: there is none of that name; the hint has the nearest.
    """
    views = {one.name: one for one in all_views(books)}
    if name not in views:
        raise UnknownNameError("view", name[:80], views, where="name")
    return views[name]


def view_named(books: Books, name: str) -> View:
    """Give a view, ready to be asked.

    Raises:
        UserError: there is none, or it cannot be read; `where` is its line.
    """
    found = saved_view(books, name)
    if found.view is None:
        hint = "save it again, or correct it in costper.yaml"
        raise UserError(found.fault, where=found.where, hint=hint)
    return found.view


def save(
    books: Books, view: View, *, actor: str, now: datetime, over: int | None = None
) -> StoredView:
    """Store a view as a new version of its name; one that could not be asked is refused.

    Raises:
        DeclaredViewError: costper.yaml declares the name.
        ChangedMeanwhileError: `over` is not the newest version any more.
        UserError: a word of its question means nothing to these books.
    """
    _check_free(books, view.name)
    meaning(books.settings, view.question, facts_of(books), now)
    body = json.dumps(view_to_json(view), ensure_ascii=False, sort_keys=False)
    return save_view(books.control, view.name, body, actor=actor, now=now, over=over)


def delete(
    books: Books, name: str, *, actor: str, now: datetime, over: int | None = None
) -> StoredView:
    """Delete a stored view; its versions stay. Errors are those of `save` and `saved_view`."""
    _check_free(books, name)
    saved_view(books, name)
    return delete_view(books.control, name, actor=actor, now=now, over=over)


def earlier(books: Books, name: str) -> tuple[StoredView, ...]:
    """Give the versions of a stored view, the newest first, deletions among them."""
    return versions_of(books.control, name)


def ask_view(
    books: Books,
    view: View,
    *,
    now: datetime,
    standing: Standing,
    question: Question | None = None,
) -> Asked:
    """Ask a view; `question` is its own on other days.

    Raises:
        UserError: a metric, dimension or value it names is no more; the message names it.
    """
    try:
        return ask(books, question or view.question, now=now, standing=standing)
    except UserError as error:
        lines = {one.name: one.lines for one in books.settings.views}
        raise told(view.name, error, lines.get(view.name)) from error


def _declared(books: Books) -> Iterator[Saved]:
    for one in books.settings.views:
        where = one.lines[""]
        try:
            yield Saved(name=one.name, view=declared_view(one), where=where)
        except UserError as error:
            yield Saved(name=one.name, view=None, fault=error.message, where=error.where or where)


def _kept(one: StoredView) -> Saved:
    """Read a stored view; one that another version of costper wrote may not be readable."""
    try:
        view, fault = view_from_json(one.name, json.loads(one.body)), ""
    except (UserError, ValueError) as error:
        view, fault = None, str(error).splitlines()[0]
    return Saved(
        name=one.name, view=view, fault=fault, version=one.version, at=one.at, actor=one.actor
    )


def _check_free(books: Books, name: str) -> None:
    check_view_name(name)
    for one in books.settings.views:
        if one.name == name:
            hint = f"change it at {one.lines['']}, or save this under another name"
            raise DeclaredViewError(f"costper.yaml declares view {name!r}", where="name", hint=hint)
