"""Questions as JSON: the body of a request, the echo of an answer, a saved view."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar, cast

from costper.errors import UnknownNameError, UserError
from costper.model.period import FIRST_DAY, LAST_DAY
from costper.model.question import (
    COMPARES,
    GRAINS,
    SCALES,
    Formula,
    Letter,
    Question,
)
from costper.model.span import read_span
from costper.model.spelling import is_spelled
from costper.pipeline.query.letters import KINDS, OVERRIDES, check_name, letter_text, read_letter

Word = TypeVar("Word", bound=str)
Json = str | int | None | list["Json"] | dict[str, "Json"]
MOST_LETTERS = 26
MOST_FORMULAS = 26
MOST_KEYS = 4
LONGEST_DAYS = 3660
LONGEST_UNIT = 100
RESULT = "result"
"""What a formula without a name is called."""

DAY = re.compile(r"([0-9]{4}-[0-9]{2})(-[0-9]{2})?")
CAMEL = re.compile(r"(?<=[a-z])[A-Z]")
NAMED = re.compile(r"\s*([A-Za-z]\w*)\s*[:=](?!=)\s*")
KEYS = ("letters", "formula", "formulas", "grain", "by", "compare", "from", "to", "days", "range")
MEMBERS = (*KEYS, "unit", "scale")
ECHOED = frozenset(("noun", "view", "title", "compared_from", "compared_to", "results"))
"""What an answer adds to the question it echoes; a question that comes back may bring it."""


def question_from_json(raw: object) -> Question:
    """Read a question; a UserError names the member that is wrong, and the column in a letter.

    `letters` maps a name to its text, or to {kind, of, where, aggregation}; an answer's list of
    such objects with their `name` is as good. `formula` is one text, `formulas` several by name.
    Members are in snake_case or camelCase.
    """
    members = _members(raw)
    since, until, days = _day(members, "from"), _day(members, "to"), _days(members.get("days"))
    if since is not None and until is not None and days is not None:
        raise UserError("from, to and days say it twice", where="days", hint="leave one out")
    said = members.get("range")
    if said is not None and not isinstance(said, str):
        raise _wrong("range", "days in words, such as last 3 months")
    question = Question(
        letters=tuple(_letters(members.get("letters"))),
        formulas=tuple(_formulas(members)),
        grain=_word(members, "grain", GRAINS),
        by=_by(members.get("by")),
        compare=_word(members, "compare", COMPARES),
        since=since,
        until=until,
        days=days,
        span=read_span(said) if said else None,
        unit=_unit(members.get("unit")),
        scale=_scale(members.get("scale")),
    )
    checked(question)
    return question


def question_to_json(question: Question) -> dict[str, Json]:
    """Write a question; what is left out says nothing."""
    found: dict[str, Json] = {
        "letters": {one.name: letter_text(one) for one in question.letters},
        "formulas": {one.name: one.text for one in question.formulas},
        "grain": question.grain,
        "by": list(question.by),
        "compare": question.compare,
        "from": question.since.isoformat() if question.since else None,
        "to": question.until.isoformat() if question.until else None,
        "days": question.days,
        "range": question.span.text() if question.span else None,
        "unit": question.unit,
        "scale": question.scale if question.scale != 1 else None,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def checked(question: Question) -> None:
    """Refuse what no books could answer: no letter, names twice, too many of anything."""
    names = [*(one.name for one in question.letters), *(one.name for one in question.formulas)]
    if not question.letters:
        raise UserError("a question needs a letter", where="letters", hint="such as a: cost")
    if len(question.letters) > MOST_LETTERS or len(question.formulas) > MOST_FORMULAS:
        raise UserError(f"at most {MOST_LETTERS} letters and as many formulas", where="letters")
    for name in names:
        check_name(name, "letter")
        if names.count(name) > 1:
            raise UserError(f"{name!r} is named twice", where="letters", hint="rename one")
    if len(set(question.by)) < len(question.by) or len(question.by) > MOST_KEYS:
        raise UserError(f"name at most {MOST_KEYS} different dimensions", where="by")
    if question.span and (question.since or question.until or question.days):
        raise UserError("range says the days already", where="range", hint="leave one of them out")
    if question.since and question.until and question.until <= question.since:
        message = f"to {question.until} is not after from {question.since}"
        raise UserError(message, where="to", hint="to is the first day that does not count")


def read_formula(text: str, place: int = 0) -> Formula:
    """Read `name = formula`, or a formula alone, which is called `result`.

    >>> read_formula("per_user = b / a").name, read_formula("b / a").name
    ('per_user', 'result')
    """
    named = NAMED.match(text)
    if named is None:
        return Formula(name=RESULT if not place else f"{RESULT}{place + 1}", text=text)
    return Formula(name=named[1], text=text[named.end() :])


def _members(raw: object) -> dict[str, object]:
    if not isinstance(raw, Mapping):
        raise UserError("a question is a JSON object", where="letters", hint='{"letters": {…}}')
    found: dict[str, object] = {}
    for key, value in cast("Mapping[object, object]", raw).items():
        name = CAMEL.sub(lambda match: f"_{match[0].lower()}", str(key))
        name = {"since": "from", "until": "to", "group_by": "by"}.get(name, name)
        if name in ECHOED:
            continue
        if name not in MEMBERS:
            raise UnknownNameError("member", str(key), MEMBERS, where=str(key)[:40])
        if name in found:
            raise UserError(f"{name} is given twice", where=name, hint="give it once")
        if value is not None:
            found[name] = value
    return found


def _letters(raw: object) -> Iterator[Letter]:
    if isinstance(raw, Mapping):
        for name, said in cast("Mapping[object, object]", raw).items():
            yield _letter(str(name), said)
    elif isinstance(raw, Sequence) and not isinstance(raw, str):
        for said in cast("Sequence[object]", raw):
            inner = cast("Mapping[str, object] | None", said if isinstance(said, Mapping) else None)
            name = inner.get("name") if inner else None
            if not isinstance(name, str):
                raise _wrong("letters", "a list of objects with a name, kind, of and where")
            yield _letter(name, inner)
    elif raw is not None:
        raise _wrong("letters", 'an object such as {"a": "metric orders", "b": "cost"}')


def _letter(name: str, said: object) -> Letter:
    check_name(name, "letter")
    if isinstance(said, str):
        return read_letter(name, said)
    if not isinstance(said, Mapping):
        raise _wrong(f"letters.{name}", "a text such as 'cost where team = search', or an object")
    members = {str(key): value for key, value in cast("Mapping[object, object]", said).items()}
    known = ("kind", "of", "where", "aggregation", "name")
    for key, value in members.items():
        if key not in known:
            raise UnknownNameError("member", key, known, where=f"letters.{name}")
        if not isinstance(value, str):
            raise _wrong(f"letters.{name}.{key}", "a text")
    texts = {key: str(value) for key, value in members.items()}
    kind, aggregation = texts.get("kind", ""), texts.get("aggregation", "")
    if kind not in KINDS:
        raise UnknownNameError("kind of letter", kind, KINDS, where=f"letters.{name}.kind")
    if aggregation and aggregation not in OVERRIDES:
        place = f"letters.{name}.aggregation"
        raise UnknownNameError("aggregation", aggregation, OVERRIDES, where=place)
    return Letter(
        name=name,
        kind=kind,
        of=texts.get("of", ""),
        where=texts.get("where", ""),
        aggregation=aggregation,
    )


def _formulas(members: Mapping[str, object]) -> Iterator[Formula]:
    one, raw = members.get("formula"), members.get("formulas")
    if one is not None:
        if raw is not None or not isinstance(one, str):
            raise _wrong("formula", "one text; several are in formulas")
        yield read_formula(one)
    elif isinstance(raw, Mapping):
        for name, text in cast("Mapping[object, object]", raw).items():
            yield _formula(str(name), text)
    elif isinstance(raw, Sequence) and not isinstance(raw, str):
        for place, said in enumerate(cast("Sequence[object]", raw)):
            yield _listed(said, place)
    elif raw is not None:
        raise _wrong("formulas", 'an object such as {"per_user": "b / a"}')


def _listed(said: object, place: int) -> Formula:
    if isinstance(said, str):
        return read_formula(said, place)
    if not isinstance(said, Mapping):
        raise _wrong("formulas", "texts, or objects with a name and a text")
    inner = cast("Mapping[str, object]", said)
    return _formula(str(inner.get("name", RESULT)), inner.get("text"))


def _formula(name: str, text: object) -> Formula:
    check_name(name, "formula")
    if not isinstance(text, str):
        raise _wrong(f"formulas.{name}", "a text such as 'b / a'")
    return Formula(name=name, text=text)


def _word(members: Mapping[str, object], name: str, known: Sequence[Word]) -> Word:
    said = members.get(name, "")
    plain = CAMEL.sub(lambda match: f"_{match[0].lower()}", said) if isinstance(said, str) else ""
    found = [one for one in known if one == plain.replace("-", "_")]
    if not found or not isinstance(said, str):
        raise UnknownNameError(name, str(said), [one for one in known if one], where=name)
    return found[0]


def _by(raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        return tuple(name.strip() for name in raw.split(",") if name.strip())
    if raw is None:
        return ()
    names = list(cast("Sequence[object]", raw)) if isinstance(raw, Sequence) else [raw]
    if not all(isinstance(name, str) for name in names):
        raise _wrong("by", "a list of dimensions")
    return tuple(str(name) for name in names)


def _day(members: Mapping[str, object], name: str) -> date | None:
    said = members.get(name)
    if said is None:
        return None
    match = DAY.fullmatch(said) if isinstance(said, str) else None
    try:
        found = date.fromisoformat(f"{match[1]}{match[2] or '-01'}") if match else None
    except ValueError:
        found = None
    if found is None or not FIRST_DAY <= found <= LAST_DAY:
        raise _wrong(name, f"a day such as 2026-08-01, or a month, 2026-08, up to {LAST_DAY}")
    return found


def _days(said: object) -> int | None:
    if said is None or (type(said) is int and 0 < said <= LONGEST_DAYS):
        return said
    raise _wrong("days", f"a whole number from 1 to {LONGEST_DAYS}")


def _unit(said: object) -> str:
    if said is None or (isinstance(said, str) and len(said) <= LONGEST_UNIT and _printable(said)):
        return said or ""
    raise _wrong("unit", f"a word of at most {LONGEST_UNIT} characters")


def _printable(text: str) -> bool:
    return is_spelled(text)


def _scale(said: object) -> int:
    if said is None:
        return 1
    if type(said) is int and said in SCALES:
        return said
    raise _wrong("scale", f"one of {', '.join(map(str, SCALES))}")


def _wrong(where: str, form: str) -> UserError:
    return UserError(f"{where.rpartition('.')[2]} must be {form}", where=where)
