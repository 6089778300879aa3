"""Views as answers: the list of them, one of them, and what one comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from costper.errors import UserError
from costper.model.answer import Answer, Cell, Row
from costper.model.question import Question
from costper.model.view import View
from costper.pipeline.answer.frame import Standing
from costper.pipeline.query.answer import answer_of
from costper.pipeline.query.asked import Asked
from costper.pipeline.views.saved import (
    Saved,
    all_views,
    ask_view,
    earlier,
    saved_view,
    view_named,
)
from costper.store.books import Books
from costper.store.views import StoredView

DAYS_FAULT = "leave one of from, to and days out"
ANY_DAYS = Question(letters=())
"""Says nothing of the days."""


def views_answer(books: Books, standing: Standing) -> Answer:
    """List every view: {view, title, owner, declared, version, at, actor, fault}, by name."""
    rows = tuple(_listed(one) for one in all_views(books))
    question: Row = {"noun": "views"}
    return _answer(books, standing, question, rows, {"views": len(rows)})


def view_answer(books: Books, name: str, standing: Standing) -> Answer:
    """Show one view: one row that is its question word for word, and may be saved as it is.

    `versions` are all of a stored one, the newest first.
    """
    found = saved_view(books, name)
    versions = () if found.where else earlier(books, name)
    row = {
        **_listed(found),
        **(_written(found.view) if found.view else {}),
        "versions": tuple(_version(one) for one in versions),
    }
    question: Row = {"noun": "view", "view": name}
    return _answer(books, standing, question, (row,), {"versions": len(versions)})


def view_asked(
    books: Books, name: str, days: Question = ANY_DAYS, *, now: datetime, standing: Standing
) -> tuple[View, Asked]:
    """Ask a view on its own days, or on those that `days` says."""
    view = view_named(books, name)
    question = on_days(view.question, days)
    return view, ask_view(books, view, now=now, standing=standing, question=question)


def answered(view: View, asked: Asked) -> Answer:
    """Write what a view comes to, with its name and title in the question."""
    answer = answer_of(asked)
    own: dict[str, Cell] = {"view": view.name, "title": view.title}
    return replace(answer, question={**answer.question, **own})


def on_days(question: Question, days: Question) -> Question:
    """Give a question on the days of another; on its own where that says none."""
    said = (days.since, days.until, days.days)
    if days.span is None and said == (None, None, None):
        return question
    if None not in said:
        raise UserError("from, to and days say it twice", where="days", hint=DAYS_FAULT)
    return replace(question, span=days.span, since=days.since, until=days.until, days=days.days)


def _listed(one: Saved) -> dict[str, Cell]:
    return {
        "view": one.name,
        "title": one.view.title if one.view else "",
        "owner": one.view.owner if one.view else "",
        "declared": one.where,
        "version": one.version or None,
        "at": one.at,
        "actor": one.actor,
        "fault": one.fault,
    }


def _written(view: View) -> dict[str, Cell]:
    """Give a view's words as cells, in the form in which a question may be sent."""
    asked = view.question
    return {
        "description": view.description,
        "letters": tuple(
            {
                "name": one.name,
                "kind": one.kind,
                "of": one.of,
                "where": one.where,
                "aggregation": one.aggregation,
            }
            for one in asked.letters
        ),
        "formulas": tuple({"name": one.name, "text": one.text} for one in asked.formulas),
        "grain": asked.grain,
        "by": asked.by,
        "compare": asked.compare,
        "range": asked.span.text() if asked.span else None,
        "from": asked.since,
        "to": asked.until,
        "days": asked.days,
        "unit": asked.unit,
        "scale": asked.scale,
    }


def _version(one: StoredView) -> Row:
    return {"version": one.version, "at": one.at, "actor": one.actor, "body": one.body}


def _answer(
    books: Books, standing: Standing, question: Row, rows: tuple[Row, ...], total: Row
) -> Answer:
    return Answer(
        question=question,
        rows=rows,
        total=total,
        currency=books.settings.currency,
        as_of=standing.as_of,
        settled_through=None,
        estimated=False,
        coverage=None,
    )
