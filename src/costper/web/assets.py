"""The stylesheets and scripts of the pages, read once, each under a name of its content."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from costper.charts.theme import stylesheet

TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
CHARTS, APP = "charts.css", "app.js"
IMPORT = re.compile(r'(from\s+|import\s+|import\()"\./([a-z-]+\.js)"')
LEVEL = 9


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as browsers get it; `packed` is gzip's."""

    name: str
    media_type: str
    body: bytes
    packed: bytes


@dataclass(frozen=True, slots=True)
class Assets:
    """All of them by the name they are served under, and those names by the plain ones.

    `modules` are the plain names of what the script of every page is made of besides itself.
    """

    served: Mapping[str, Asset]
    named: Mapping[str, str]
    modules: tuple[str, ...]

    def href(self, name: str) -> str:
        """Give the address of a file."""
        return f"/static/{self.named[name]}"

    @property
    def mark(self) -> str:
        """Name the state of all of them."""
        return hashlib.sha256("".join(sorted(self.served)).encode()).hexdigest()[:12]


def read_assets() -> Assets:
    """Read every file of `static`; the rules of the charts are one more stylesheet.

    A script names others by their plain names. All scripts share one mark, so that a page never
    runs an old one with a new one.
    """
    texts = {CHARTS: stylesheet()}
    for found in files("costper.web").joinpath("static").iterdir():
        if found.name.rpartition(".")[2] in TYPES:
            texts[found.name] = found.read_text("utf-8")
    scripts = "".join(text for name, text in sorted(texts.items()) if name.endswith(".js"))
    named = {
        name: _marked(name, scripts if name.endswith(".js") else texts[name]) for name in texts
    }
    served = {
        named[name]: _asset(named[name], IMPORT.sub(lambda it: _import(it, named), text))
        for name, text in texts.items()
    }
    return Assets(served, named, tuple(name for name in _reached(texts, APP) if name != APP))


def _reached(texts: Mapping[str, str], first: str) -> tuple[str, ...]:
    """Name a script and all it imports, and what these do, nearest first."""
    found = [first]
    for name in found:
        found += dict.fromkeys(it[2] for it in IMPORT.finditer(texts[name]) if it[2] not in found)
    return tuple(found)


def _import(found: re.Match[str], named: Mapping[str, str]) -> str:
    return f'{found[1]}"./{named[found[2]]}"'


def _marked(name: str, text: str) -> str:
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.{kind}"


def _asset(name: str, text: str) -> Asset:
    body = text.encode()
    media_type = f"{TYPES[name.rpartition('.')[2]]}; charset=utf-8"
    return Asset(name, media_type, body, gzip.compress(body, LEVEL, mtime=0))
