"""A view: a question with a name, so that it can be asked again, shared, reported and watched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from costper.errors import UserError
from costper.model.question import Question

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
NAME_HINT = "small letters, digits, _ and -, a letter first, at most 63"
LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 2_000
LONGEST_OWNER = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One saved question. Its range may be relative: it is resolved when the view is asked."""

    name: str
    question: Question
    title: str = ""
    description: str = ""
    owner: str = ""


def check_view_name(name: str) -> None:
    """Refuse a name that could not stand in costper.yaml and in a path alike.

    Raises:
        UserError: it is none.
    """
    if NAME.fullmatch(name) is None:
        raise UserError(f"{name[:80]!a} cannot name a view", where="name", hint=NAME_HINT)
