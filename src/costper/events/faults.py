"""Says in our words, with what to do now, why one event could not be read."""

from __future__ import annotations

import re

from costper.events.batch import Remark

PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
LENGTH = re.compile(r"Expected `str` of length <= (\d+)")
LEAST = re.compile(r"Expected `(?:int|float)` >= (\d+)")
MOST = re.compile(r"Expected `(?:int|float)` <= (\d+)")
BEYOND = re.compile(r"(?:Number|Integer value) out of range")
KIND = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
KINDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
SHORTER = "send an id or a short name, not a text"
SHORTER_FIELDS = {
    "promptVersion": "name the version, such as v3 or a hash of the prompt, not its text"
}
WHOLE = "send 12, not 12.0 nor 12.5"
UNQUOTED = "send it without quotation marks"


def unreadable(index: int, error: Exception) -> Remark:
    """Say why a piece could not be read at all."""
    if isinstance(error, UnicodeError):
        return Remark(
            index=index,
            code="bad_encoding",
            reason="the event is not valid UTF-8",
            hint="send text as UTF-8, without half surrogates",
        )
    if isinstance(error, RecursionError):
        return Remark(index=index, code="invalid", reason="the event is nested too deeply")
    return Remark(index=index, code="not_json", reason=f"{error}".removeprefix("JSON is "))


def remark_of(index: int, message: str) -> Remark:
    """Say in our words what msgspec found wrong.

    >>> remark_of(3, "Expected `int` >= 0 - at `$.inputTokens`").reason
    'inputTokens is less than 0'
    """
    found = PLACE.match(message)
    what, path = (found["what"], found["path"] or "") if found else (message, "")
    name = path.lstrip(".")
    said = name or "it"
    for pattern, code, reason in (
        (LENGTH, "too_long", "{said} is longer than {0} characters"),
        (LEAST, "negative", "{said} is less than {0}"),
        (MOST, "too_large", "{said} is more than {0}"),
        (BEYOND, "too_large", "{said} is far too large a number"),
    ):
        limit = pattern.search(what)
        if limit is not None:
            told = reason.format(*limit.groups(), said=said)
            hint = SHORTER_FIELDS.get(name, SHORTER) if code == "too_long" else ""
            return Remark(index=index, code=code, reason=told, hint=hint, field=name)
    kind = KIND.search(what)
    if kind is not None:
        told, hint = _of_kind(kind[1].split(" | "), kind[2])
        return Remark(index=index, code="invalid", reason=f"{said} {told}", hint=hint, field=name)
    return Remark(index=index, code="invalid", reason=f"{said}: {what}", field=name)


def _of_kind(wanted: list[str], got: str) -> tuple[str, str]:
    """Say what a value must be and is not, and what to send."""
    words = " or ".join(KINDS.get(word, word) for word in wanted if word != "null")
    numbers = not {"int", "float"}.isdisjoint(wanted)
    if numbers and got == "float":
        return f"must be {words}, not one with a decimal point", WHOLE
    hint = UNQUOTED if numbers and got == "str" else ""
    return f"must be {words}, not {KINDS.get(got, got)}", hint
