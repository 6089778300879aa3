"""What an endpoint accepts: each parameter's form, read strictly, refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from costper.api.problems import Problem
from costper.errors import suggestion
from costper.model.period import FIRST_DAY, LAST_DAY
from costper.model.spelling import is_spelled

Kind = Literal["text", "day", "count", "amount"]
Value = str | int | date | Decimal
Given = Mapping[str, Value]
LONGEST = 2000
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,12})?")
FORMS = {
    "text": f"text of at most {LONGEST} characters",
    "day": "a day such as 2026-08-01, or a month for its first day, 2026-08",
    "count": "a whole number",
    "amount": "an amount such as 50 or 50.00",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter; `least` and `most` limit a count, `choices` a text.

    `any_signs` takes a name as the books have it: a tag may hold controls and ends of lines.
    `also` is another name it goes by.
    """

    name: str
    kind: Kind
    summary: str
    place: Literal["query", "path"] = "query"
    least: int = 0
    most: int = 0
    choices: tuple[str, ...] = ()
    any_signs: bool = False
    also: str = ""


def read(
    parameters: Sequence[Parameter], query: Iterable[tuple[str, str]], path: Mapping[str, str]
) -> dict[str, Value]:
    """Give the values; the first unknown, repeated or malformed one is a Problem (400)."""
    known = {name: one for one in parameters for name in (one.name, one.also) if name}
    found: dict[str, Value] = {}
    for name, text in (*path.items(), *query):
        if name not in known:
            hint = suggestion(name, known, listed=len(known))
            raise _bad(name, f"unknown parameter {name!r}", hint)
        parameter = known[name]
        if parameter.name in found:
            raise _bad(name, f"{parameter.name} is given twice", "give it once")
        found[parameter.name] = _value(parameter, text)
    return found


def _value(parameter: Parameter, text: str) -> Value:
    value = _parsed(parameter, text)
    if value is None:
        raise _bad(
            parameter.name, f"{parameter.name} must be {FORMS[parameter.kind]}", parameter.summary
        )
    if isinstance(value, int) and not parameter.least <= value <= parameter.most:
        limits = f"from {parameter.least} to {parameter.most}"
        raise _bad(parameter.name, f"{parameter.name} must be {limits}")
    if isinstance(value, date) and not FIRST_DAY <= value <= LAST_DAY:
        limits = f"from {FIRST_DAY} to {LAST_DAY}"
        raise _bad(parameter.name, f"{parameter.name} must be {limits}")
    if parameter.choices and value not in parameter.choices:
        hint = suggestion(text, parameter.choices)
        raise _bad(parameter.name, f"unknown {parameter.name} {text!r}", hint)
    return value


def _parsed(parameter: Parameter, text: str) -> Value | None:
    if len(text) > LONGEST or not (parameter.any_signs or is_spelled(text)):
        return None
    match parameter.kind:
        case "text":
            return text
        case "day":
            return day_of(text)
        case "count":
            short = text.isascii() and text.isdecimal() and len(text) <= len("1000000")
            return int(text) if short else None
        case "amount":
            return amount_of(text)


def amount_of(text: str) -> Decimal | None:
    """Read an amount; None where it is none."""
    return Decimal(text) if AMOUNT.fullmatch(text) else None


def day_of(text: str) -> date | None:
    """Read a day, or a month for its first day; None where it is neither."""
    day = f"{text}-01" if MONTH.fullmatch(text) else text
    try:
        return date.fromisoformat(day) if DAY.fullmatch(day) else None
    except ValueError:
        return None


def _bad(name: str, detail: str, hint: str = "") -> Problem:
    return Problem(400, "bad-parameter", detail, hint, name)
