"""Finds the page an address is of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from re import Pattern

from starlette.routing import compile_path

from costper.web.page import Act, Page


@dataclass(frozen=True, slots=True)
class Found:
    """A page, and what stands in the place of the names in its path."""

    page: Page
    path: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Routes:
    """Pages by the form of their path. A name in a path takes slashes, so longer forms go first."""

    forms: tuple[tuple[Pattern[str], Page], ...]

    def find(self, path: str) -> Found | None:
        """Give the page of a path; None where there is none."""
        for form, page in self.forms:
            found = form.match(path)
            if found:
                return Found(page, found.groupdict())
        return None


def routes_of(pages: Iterable[Page]) -> Routes:
    """Order pages by their paths."""
    ordered = sorted(pages, key=lambda it: (it.path.count("{"), -len(it.path)))
    return Routes(tuple((_form(it.path), it) for it in ordered))


def _form(path: str) -> Pattern[str]:
    """Give the form of a path whose names take any sign, slashes and ends of lines too."""
    return re.compile(compile_path(path.replace("}", ":path}"))[0].pattern, re.DOTALL)


@dataclass(frozen=True, slots=True)
class Acts:
    """What forms do, by the form of the path they are sent to."""

    forms: tuple[tuple[Pattern[str], Act], ...]

    def find(self, path: str) -> tuple[Act, Mapping[str, str]] | None:
        """Give the act of a path, and what stands in its braces; None where there is none."""
        for form, act in self.forms:
            found = form.match(path)
            if found:
                return act, found.groupdict()
        return None


def acts_of(acts: Iterable[Act]) -> Acts:
    """Make their paths ready to be found."""
    return Acts(tuple((_form(it.path), it) for it in acts))
