"""The address of a page: all that is on screen stands in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode, urlsplit

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Url:
    """A path of this site as links have it, quoted, and its parameters in the order given."""

    path: str
    pairs: Pairs = ()

    def get(self, name: str, default: str = "") -> str:
        """Give the first value of a parameter; `default` where it is missing or empty."""
        return next((value for key, value in self.pairs if key == name and value), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Give every value of a parameter that is not empty."""
        return tuple(value for key, value in self.pairs if key == name and value)

    def having(self, **values: str | Iterable[str] | None) -> Url:
        """Give the address with parameters put in place of their earlier values.

        None and '' take one away. A Python name ends in `_` where a keyword would stand.

        >>> str(Url("/customers", (("days", "30"),)).having(from_="2026-10-01", days=None))
        '/customers?from=2026-10-01'
        """
        given = {name.rstrip("_"): value for name, value in values.items()}
        kept = tuple(pair for pair in self.pairs if pair[0] not in given and pair[1])
        added = tuple(
            (name, one)
            for name, value in given.items()
            for one in ((value,) if isinstance(value, str) else value or ())
            if one
        )
        return replace(self, pairs=(*kept, *added))

    def at(self, path: str) -> Url:
        """Give the same parameters on another path."""
        return replace(self, path=path)

    def __str__(self) -> str:
        """Write it as a link has it."""
        query = urlencode(self.pairs)
        return f"{self.path}?{query}" if query else self.path


def linked(path: str) -> str:
    """Write a path as it came in, with nothing quoted, as links have it.

    >>> linked("/customers/a?b#c%2e")
    '/customers/a%3Fb%23c%252e'
    """
    return quote(path, safe="/")


def segment(text: str) -> str:
    """Write any text as one part of a path.

    >>> segment("a/b?c é")
    'a%2Fb%3Fc%20%C3%A9'
    """
    return quote(text, safe="")


def is_own(path: str) -> bool:
    r"""Say whether a text is a path of this site, so that nobody is sent elsewhere by a link.

    >>> [is_own(it) for it in ("/customers?days=30", "//evil.example", "/\\evil", "https://x")]
    [True, False, False, False]
    """
    return path.startswith("/") and path[1:2] not in {"/", "\\"} and path.isprintable()


def own(path: str, otherwise: str = "/") -> str:
    """Give a path somebody sent if it is one of this site, else another.

    >>> own("/teams"), own("//evil.example", "/sources")
    ('/teams', '/sources')
    """
    return path if is_own(path) else otherwise


def is_of_web(address: str) -> bool:
    """Say whether a text is an address a link may lead to, whoever wrote it.

    >>> [is_of_web(it) for it in ("https://ci.example/1", "javascript:x", "http://[", "")]
    [True, False, False, False]
    """
    try:
        return urlsplit(address).scheme in {"http", "https"}
    except ValueError:
        return False
