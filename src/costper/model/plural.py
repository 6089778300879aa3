"""Counts things in words."""


def plural(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> plural(1, "file"), plural(0, "day"), plural(1200, "row")
    ('1 file', '0 days', '1,200 rows')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
