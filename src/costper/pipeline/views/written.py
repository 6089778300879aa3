"""Views as JSON: the body of a request, what is stored, a section of costper.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from costper.errors import UserError
from costper.model.spelling import is_spelled
from costper.model.view import (
    LONGEST_DESCRIPTION,
    LONGEST_OWNER,
    LONGEST_TITLE,
    View,
    check_view_name,
)
from costper.pipeline.query.written import Json, question_from_json, question_to_json

TEXTS = {"title": LONGEST_TITLE, "description": LONGEST_DESCRIPTION, "owner": LONGEST_OWNER}
TOLD = frozenset(("view", "declared", "version", "at", "actor", "fault", "versions"))
"""What a shown view adds; a view that comes back may bring it."""


def view_from_json(name: str, raw: object) -> View:
    """Read a view: title, description and owner beside the members of a question.

    Raises:
        UserError: `where` names the member that is wrong, and the column in a letter.
    """
    check_view_name(name)
    if not isinstance(raw, Mapping):
        raise UserError("a view is a JSON object", where="letters", hint='{"letters": {…}}')
    members = {str(key): value for key, value in cast("Mapping[object, object]", raw).items()}
    texts = {key: _text(key, members.pop(key, None), most) for key, most in TEXTS.items()}
    asked = {key: value for key, value in members.items() if key not in TOLD and value != ""}
    return View(name=name, question=question_from_json(asked), **texts)


def view_to_json(view: View) -> dict[str, Json]:
    """Write a view; what is left out says nothing."""
    texts: dict[str, Json] = {
        "title": view.title,
        "description": view.description,
        "owner": view.owner,
    }
    said = {name: text for name, text in texts.items() if text}
    return {**said, **question_to_json(view.question)}


def _text(name: str, said: object, most: int) -> str:
    if said is None:
        return ""
    if not isinstance(said, str) or len(said) > most or not _readable(said):
        raise UserError(f"{name} must be text of at most {most} characters", where=name)
    return said


def _readable(text: str) -> bool:
    """Take line breaks as text, and nothing else that does not print."""
    return is_spelled(text.replace("\n", " "))
