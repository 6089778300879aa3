"""Annotations read from JSON, and as answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast

from costper.config.settings import Settings
from costper.errors import UnknownNameError, UserError
from costper.model.annotation import Annotation, beginning, check_annotation, read_when
from costper.model.answer import Answer, Row
from costper.pipeline.answer.frame import Standing
from costper.store.annotations import Told, told_between
from costper.store.books import Books

TEXTS = ("id", "at", "until", "title", "category", "url")
MEMBERS = (*TEXTS, "scope")


def annotation_from_json(said: Mapping[str, object], settings: Settings) -> Annotation:
    """Read an annotation as somebody sent it.

    Raises:
        UserError: `where` names the member that is wrong.
    """
    for name in said:
        if name not in MEMBERS:
            raise UnknownNameError("member", name[:80], MEMBERS, where=name[:80])
    texts = {name: _text(said, name) for name in TEXTS}
    for name in ("at", "until"):
        if texts[name] or name == "at":
            texts[name] = read_when(texts[name], name)
    found = Annotation(**texts, scope=_scope(said.get("scope"), settings))
    check_annotation(found)
    return found


def annotations_answer(
    books: Books,
    standing: Standing,
    *,
    since: date | None = None,
    until: date | None = None,
    category: str = "",
) -> Answer:
    """List what happened from `since` until before `until`, the newest first; all where unsaid."""
    told = told_between(
        books.control,
        since=beginning(since) if since else "",
        until=beginning(until) if until else "",
        category=category,
    )
    question: Row = {"noun": "annotations", "from": since, "to": until, "category": category}
    return told_answer(books, standing, told, question)


def told_answer(books: Books, standing: Standing, told: Sequence[Told], question: Row) -> Answer:
    """Put annotations in the envelope."""
    return Answer(
        question=question,
        rows=tuple(map(_row, told)),
        total={"annotations": len(told)},
        currency=books.settings.currency,
        as_of=standing.as_of,
        settled_through=None,
        estimated=False,
        coverage=None,
    )


def _row(told: Told) -> Row:
    one = told.annotation
    return {
        "id": one.id,
        "at": one.at,
        "until": one.until or None,
        "title": one.title,
        "category": one.category,
        "url": one.url,
        "scope": tuple({"dimension": name, "value": value} for name, value in one.scope.items()),
        "actor": told.actor,
        "made": told.made_at,
    }


def _text(said: Mapping[str, object], name: str) -> str:
    found = said.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise UserError(f"{name} must be text", where=name)
    return found


def _scope(said: object, settings: Settings) -> dict[str, str]:
    """Read a scope: an object, or the rows an answer has."""
    if said is None:
        return {}
    if isinstance(said, list):
        rows = cast("list[object]", said)
        said = dict(map(_named, rows))
    if not isinstance(said, dict):
        hint = 'such as {"service": "checkout"}'
        raise UserError("scope must be an object", where="scope", hint=hint)
    found: dict[str, str] = {}
    for name, value in cast("dict[str, object]", said).items():
        if name not in settings.dimension_names:
            raise UnknownNameError("dimension", name[:80], settings.dimension_names, where="scope")
        if not isinstance(value, str):
            raise UserError(f"scope: {name} must be text", where="scope")
        found[name] = value
    return dict(sorted(found.items()))


def _named(row: object) -> tuple[str, object]:
    if isinstance(row, dict) and set(cast("dict[str, object]", row)) == {"dimension", "value"}:
        one = cast("dict[str, object]", row)
        return str(one["dimension"]), one["value"]
    raise UserError("scope must be an object", where="scope", hint='such as {"service": "api"}')
