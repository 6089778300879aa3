"""When a call began, read from any of the ways people write it."""

from __future__ import annotations

from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROS = 1_000_000
DAY_US = 86_400 * MICROS
SINCE_US = 1_420_070_400 * MICROS
"""2015-01-01: no call of a language model is older, a clock that was never set is."""

ANY_SKEW_US = 60 * MICROS
"""So far ahead a clock may be without a word."""

UNITS = ((10**11, MICROS), (10**14, 1_000), (10**17, 1))
"""Numbers below the first are seconds, then milliseconds, then microseconds: up to year 5138."""

SHORTEST_EPOCH = 10
"""Digits of a number of seconds since 1970; a date alone has 8."""


def micros(said: str | float) -> int | None:
    """Give microseconds since 1970 UTC; None for what is no instant.

    Text is ISO 8601, in UTC where it names no zone, or a number. A number is seconds,
    milliseconds, microseconds or nanoseconds, whichever gives a year people live in.

    >>> micros("2026-11-20T10:00:00Z"), micros(1_795_168_800), micros("1795168800000")
    (1795168800000000, 1795168800000000, 1795168800000000)
    >>> micros("soon") is None
    True
    """
    if isinstance(said, str):
        return _of_text(said)
    return _of_number(said)


def _of_text(said: str) -> int | None:
    said = said.strip()
    # 1793120100000 is a basic ISO date as well, of the year 1793.
    if len(said) >= SHORTEST_EPOCH and _is_number(said):
        return _of_digits(said)
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return _of_digits(said)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    gone = moment - EPOCH
    return gone.days * DAY_US + gone.seconds * MICROS + gone.microseconds


def _is_number(said: str) -> bool:
    whole, _, part = said.partition(".")
    return f"{whole}{part}".isdecimal() and len(whole) >= SHORTEST_EPOCH


def _of_digits(said: str) -> int | None:
    whole, _, part = said.partition(".")
    if not (whole.isascii() and whole.isdecimal()) or len(whole) > len(str(UNITS[-1][0])) + 3:
        return None
    if not part:
        return _of_number(int(whole))
    if not (part.isascii() and part.isdecimal()):
        return None
    for limit, times in UNITS:
        if int(whole) < limit:
            return int(whole) * times + int(part[:6].ljust(6, "0")) * times // MICROS
    return int(whole) // 1_000


def _of_number(said: float) -> int | None:
    if not 0 <= said < 10**21:
        return None
    for limit, times in UNITS:
        if said < limit:
            return said * times if isinstance(said, int) else round(said * times)
    return int(said) // 1_000
