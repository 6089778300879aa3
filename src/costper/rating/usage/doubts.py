"""What was doubtful in one response, gathered while it is read."""

from __future__ import annotations

from dataclasses import replace

from costper.model.outcome import Issue, Severity

MOST_KINDS = 50
"""A hostile body makes as many doubts as it likes; more kinds than this are not told apart."""

SHOWN = 120
"""Characters shown of what a provider said."""


class Doubts:
    """Issues of one response, the same one counted instead of repeated."""

    def __init__(self, wire: str) -> None:
        self.wire = wire
        self._found: dict[tuple[str, str], Issue] = {}

    def add(
        self, code: str, message: str, *, severity: Severity = "warning", hint: str = ""
    ) -> None:
        """Note a doubt, or that it was met again."""
        known = self._found.get((code, message))
        if known is not None:
            self._found[code, message] = replace(known, count=known.count + 1)
        elif len(self._found) < MOST_KINDS:
            self._found[code, message] = Issue(code, message, self.wire, severity, hint)

    def has(self, code: str) -> bool:
        """Tell whether a doubt of this kind was met."""
        return any(found == code for found, _ in self._found)

    def issues(self) -> tuple[Issue, ...]:
        """Give them in the order they were met."""
        return tuple(self._found.values())


def shown(value: object) -> str:
    """Quote what a provider said, short and on one line.

    >>> shown(-1), shown({"a": 1})
    ('-1', 'a dict')
    """
    if isinstance(value, int) and value.bit_length() > SHOWN:
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, str | bytes):
        text = repr(value[: SHOWN + 1])
    elif value is None or isinstance(value, bool | int | float):
        text = repr(value)
    else:
        text = f"a {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
