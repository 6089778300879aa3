"""The one script of the pages, put together of modules that import each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

IMPORT = re.compile(r'^import (?:(\{[^}]*\}) from )?"\./([a-z-]+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?function (\w+))", re.MULTILINE)


def one_script(texts: Mapping[str, str], first: str) -> str:
    """Put a module and all it imports into one script, each in a function of its own.

    What a module exports are functions; it is put after those it imports. All else of it stays
    as it was written.

    >>> texts = {"a.js": 'import { b } from "./b.js";', "b.js": "export function b() {}"}
    >>> print(one_script(texts, "a.js"))
    const b_js = (() => {
    function b() {}
    return { b };
    })();
    const a_js = (() => {
    const { b } = b_js;
    return {  };
    })();
    <BLANKLINE>
    """
    placed = dict.fromkeys(_ordered(texts, first))
    return "".join(_wrapped(name, texts[name]) for name in placed)


def _ordered(texts: Mapping[str, str], name: str) -> Iterator[str]:
    """Name what a module imports before the module, some of them more than once."""
    for found in IMPORT.finditer(texts[name]):
        yield from _ordered(texts, f"{found[2]}.js")
    yield name


def _wrapped(name: str, text: str) -> str:
    given = ", ".join(it[1] for it in EXPORT.finditer(text))
    body = EXPORT.sub("", IMPORT.sub(_taken, text)).strip()
    return f"const {_own(name)} = (() => {{\n{body}\nreturn {{ {given} }};\n}})();\n"


def _taken(found: re.Match[str]) -> str:
    return f"const {found[1]} = {_own(f'{found[2]}.js')};" if found[1] else ""


def _own(name: str) -> str:
    """Give the variable that holds what a module exports."""
    return name.replace("-", "_").replace(".", "_")
