"""Counts things in words."""

NO_PLURALS = ("ss", "us", "is", "series")


def plural(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> plural(1, "file"), plural(0, "day"), plural(1200, "row")
    ('1 file', '0 days', '1,200 rows')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def singular(noun: str) -> str:
    """Name one of several, where the noun is a word of its own and surely a plural.

    >>> singular("requests"), singular("queries"), singular("address"), singular("last seats")
    ('request', 'query', 'address', 'last seats')
    """
    if not noun.isalpha() or not noun.islower() or noun.endswith(NO_PLURALS):
        return noun
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun[:-2] if noun.endswith(("sses", "xes", "ches", "shes")) else noun.removesuffix("s")
