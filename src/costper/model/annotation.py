"""Annotations: what happened and when, as somebody told it, to be seen beside the numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from unicodedata import normalize

from costper.errors import UserError
from costper.model.period import FIRST_DAY, LAST_DAY
from costper.model.spelling import is_spelled

CATEGORIES = ("deploy", "launch", "price_change", "incident", "other")
LONGEST_TITLE = 200
LONGEST_URL = 2_000
LONGEST_VALUE = 500
LONGEST_WHEN = 40
MOST_SCOPES = 10
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
ID_HINT = "letters, digits and . _ : / -, at most 128, a letter or digit first"
URL = re.compile(r"https?://([^\s/?#@\\\[\]:]+)(:[0-9]{1,5})?([/?#]\S*)?", re.IGNORECASE)
LAST_PORT = 65_535
URL_HINT = f"a whole address, http or https, without a password, at most {LONGEST_URL} characters"
WHEN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
WHEN_HINT = "such as 2026-11-20 or 2026-11-20T14:30:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One thing that happened; `until` is where it lasted, `scope` whom it concerns.

    Instants are text as answers write them, in UTC to the second; "" where there is none.
    """

    id: str
    at: str
    title: str
    category: str
    until: str = ""
    url: str = ""
    scope: Mapping[str, str] = field(default_factory=dict[str, str])


def check_annotation(one: Annotation) -> None:
    """Refuse what nobody could read or follow.

    Raises:
        UserError: `where` names the part that is wrong.
    """
    if one.category not in CATEGORIES:
        raise _bad("category", f"unknown category {one.category[:80]!r}", ", ".join(CATEGORIES))
    if not _said(one.title, LONGEST_TITLE):
        raise _bad("title", f"a title has 1 to {LONGEST_TITLE} printable characters")
    if one.id and ID.fullmatch(one.id) is None:
        raise _bad("id", f"{one.id[:80]!a} cannot be an id", ID_HINT)
    if one.url and not _followed(one.url):
        raise _bad("url", "this is no address people can follow", URL_HINT)
    if one.until and one.until < one.at:
        raise _bad("until", "it ends before it begins", "until is not before at")
    _check_scope(one.scope)


def _check_scope(scope: Mapping[str, str]) -> None:
    if len(scope) > MOST_SCOPES:
        raise _bad("scope", f"a scope names at most {MOST_SCOPES} dimensions")
    for name, value in scope.items():
        if not _said(value, LONGEST_VALUE):
            raise _bad("scope", f"{name} needs 1 to {LONGEST_VALUE} printable characters")


def read_when(text: str, where: str) -> str:
    """Read an instant, or a day for its beginning, both in UTC where nothing else is said.

    >>> read_when("2026-11-20", "at"), read_when("2026-11-20T08:00:00.5+02:00", "at")
    ('2026-11-20T00:00:00Z', '2026-11-20T06:00:00Z')

    Raises:
        UserError: it is neither.
    """
    try:
        found = datetime.fromisoformat(text if WHEN.fullmatch(text) else "")
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"{text[:LONGEST_WHEN]!a} is no day and no instant"
        raise _bad(where, message, WHEN_HINT) from error
    if not FIRST_DAY <= found.date() <= LAST_DAY:
        raise _bad(where, f"{where} must be from {FIRST_DAY} to {LAST_DAY}", WHEN_HINT)
    return written(found)


def beginning(day: date) -> str:
    """Write the instant a day begins."""
    return written(datetime.combine(day, time(), UTC))


def written(moment: datetime) -> str:
    """Write an instant of UTC, so that text sorts as time does."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _followed(url: str) -> bool:
    found = URL.fullmatch(url)
    if len(url) > LONGEST_URL or not url.isprintable() or found is None:
        return False
    # Some letters become these signs in a browser, and the host another one.
    plain = not set("/?#@:") & set(normalize("NFKC", found[1]))
    return plain and 0 < int((found[2] or ":80")[1:]) <= LAST_PORT


def _said(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and is_spelled(text) and text == text.strip()


def _bad(where: str, message: str, hint: str = "") -> UserError:
    return UserError(message, where=where, hint=hint)
