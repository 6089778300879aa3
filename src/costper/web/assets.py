"""The stylesheets and scripts of the pages, read once, each under a name of its content."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from costper.charts.theme import stylesheet
from costper.web.script import one_script

TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
APP, LOOKS, MARK = "app.js", "app.css", "mark.svg"
SHEETS = ("page.css", "chart.css")
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
    """All of them by the name they are served under, and those names by the plain ones."""

    served: Mapping[str, Asset]
    named: Mapping[str, str]

    def href(self, name: str) -> str:
        """Give the address of a file."""
        return f"/static/{self.named[name]}"

    @property
    def mark(self) -> str:
        """Name the state of all of them."""
        return hashlib.sha256("".join(sorted(self.served)).encode()).hexdigest()[:12]


def read_assets() -> Assets:
    """Read every file of `static`: one script, one stylesheet with the rules of the charts.

    One file packs tighter than many, and a page never runs an old script with a new one.
    """
    found = {
        it.name: it.read_text("utf-8")
        for it in files("costper.web").joinpath("static").iterdir()
        if it.name.rpartition(".")[2] in TYPES
    }
    texts = {
        APP: one_script(found, APP),
        LOOKS: "".join((stylesheet(), *(found[name] for name in SHEETS))),
        MARK: found[MARK],
    }
    named = {name: _marked(name, text) for name, text in texts.items()}
    served = {named[name]: _asset(named[name], text) for name, text in texts.items()}
    return Assets(served, named)


def _marked(name: str, text: str) -> str:
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.{kind}"


def _asset(name: str, text: str) -> Asset:
    body = text.encode()
    media_type = f"{TYPES[name.rpartition('.')[2]]}; charset=utf-8"
    return Asset(name, media_type, body, gzip.compress(body, LEVEL, mtime=0))
