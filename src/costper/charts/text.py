"""Guesses how wide text is, to leave room for it, and shortens what has none."""

from __future__ import annotations

import unicodedata

SIZE = 11
"""Font size of all labels, in pixels."""

ELLIPSIS = "…"
NARROW, WIDE = frozenset("iljtfrI.,:;'|!()[] -"), frozenset("mwMW@%—…")
NARROW_WIDTH, WIDE_WIDTH, CAPITAL_WIDTH, OTHER_WIDTH, FULL_WIDTH = 36, 92, 70, 64, 105
"""Hundredths of the font size, on the generous side of Inter and of the system's fonts."""

JOINING = frozenset("\u200d\ufe0e\ufe0f")


def width(shown: str, size: int = SIZE) -> int:
    """Guess the width of text in tenths of a pixel.

    >>> width("$12.5k") in range(330, 430)
    True
    """
    return sum(_hundredths(it) for it in shown) * size // 10


def shorten(raw: str, room: int, size: int = SIZE) -> str:
    """Cut text to a room in tenths of a pixel, with an ellipsis, on one line.

    >>> shorten("Ferrum Steel and Sons", 600)
    'Ferrum…'
    >>> shorten("acme", 600)
    'acme'
    """
    line = " ".join(raw.split())
    longest = 2 * room // size + 2
    if len(line) <= longest and width(line, size) <= room:
        return line
    kept, left = "", room * 10 - _hundredths(ELLIPSIS) * size
    for character in line[:longest]:
        left -= _hundredths(character) * size
        if left < 0:
            break
        kept += character
    return _whole(kept, line).rstrip() + ELLIPSIS


def _whole(kept: str, line: str) -> str:
    """Drop a last character whose marks were cut off, so that none is shown by halves."""
    after = line[len(kept) : len(kept) + 1]
    if after and (unicodedata.combining(after) or after in JOINING):
        kept = kept[:-1]
    return kept.rstrip("\u200d")


def _hundredths(character: str) -> int:
    if character in NARROW:
        return NARROW_WIDTH
    if character in WIDE:
        return WIDE_WIDTH
    if unicodedata.combining(character) or character in JOINING:
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return FULL_WIDTH
    return CAPITAL_WIDTH if character.isupper() else OTHER_WIDTH
