"""Writes a source as a block of costper.yaml, with a comment on each of its settings."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import cast

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from costper.config.files import read_tree
from costper.config.lines import Branch, Leaf, Node, parse
from costper.config.settings import SourceType
from costper.config.validation import is_secret
from costper.errors import UserError

INDENT = "  "
FACTS = frozenset(("customers", "rates"))
"""Kinds there is one source of, under a section of their own."""

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
"""Text that needs no quotes in YAML, and is no word for yes, no or nothing."""

NOT_PLAIN = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
NOTHING: Mapping[str, object] = {}
NO_METRICS: Mapping[str, str] = {}
WRITING = threading.Lock()
"""Held by the thread of this process that changes a costper.yaml."""


def block_of(
    source: SourceType, name: str, about: str, given: Mapping[str, object] = NOTHING
) -> tuple[str, ...]:
    """Write the source as YAML: what must be filled in, then what may be, as comments.

    `about` says in a sentence what it reads; `given` are settings that are known already.
    """
    return tuple(_block(source, name, about, given))


def section_of(source: SourceType) -> str:
    """Name the section of costper.yaml that a source of this kind stands in."""
    return source.kind if source.kind in FACTS else "sources"


def insert_block(
    path: Path,
    source: SourceType,
    name: str,
    block: Sequence[str],
    metrics: Mapping[str, str] = NO_METRICS,
) -> None:
    """Put the block into the file, under its section where there is one, one writer at a time.

    `metrics` are the lines that declare what the source measures, by name.

    Raises:
        UserError: the file cannot be read, has a source of this name, or is laid out in a way
            not understood; then nothing was changed.
    """
    with _alone(path.parent):
        before = path.read_bytes() if metrics else b""
        _insert(path, section_of(source), name, block)
        try:
            for metric, line in metrics.items():
                _insert(path, "metrics", metric, ("metrics:", f"{INDENT}{line}"))
        except UserError:
            path.write_bytes(before)
            raise


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Keep other writers out, of this process and of others, until the file was replaced."""
    with WRITING:
        handle = os.open(folder, os.O_RDONLY)
        try:
            # Some network drives lock no folder; the threads of one server still take turns.
            with suppress(OSError):
                flock(handle, LOCK_EX)
            yield
        finally:
            os.close(handle)


def _insert(path: Path, top: str, name: str, block: Sequence[str]) -> None:
    tree, issues = read_tree(path)
    if issues:
        first = issues[0]
        raise UserError(first.message, where=first.where, hint="`costper check` first")
    section = tree.entries.get(top)
    if _holds(section, name, top):
        hint = "--name gives it another" if top not in FACTS else "there can be one; edit it"
        raise UserError(f"{name!r} is there already", where=tree.lines[top], hint=hint)
    lines = path.read_text(encoding="utf-8").splitlines()
    if section is None:
        lines += ["", *block]
    else:
        at = _line_after(tree.lines[top], path, top, lines)
        indent = _indent_of(lines[at:])
        lines[at:at] = [line.replace(INDENT, indent, 1) for line in block[1:]]
    _write("\n".join(lines) + "\n", path, name, top)


def _block(source: SourceType, name: str, about: str, given: Mapping[str, object]) -> Iterator[str]:
    top = section_of(source)
    deep = "" if top in FACTS else INDENT
    yield f"{top}:"
    if deep:
        yield f"{deep}{name}:"
    inner = f"{deep}{INDENT}"
    yield f"{inner}# {about}"
    yield f"{inner}type: {source.name}"
    for key, info in source.settings.model_fields.items():
        written = info.alias or key
        yield f"{inner}# {(info.description or key).splitlines()[0]}"
        if written in given:
            yield f"{inner}{written}: {_value(given[written])}"
        else:
            yield f"{inner}{_line(source, name, written, info)}"


def _value(value: object) -> str:
    """Write a known value so that YAML reads it back as it is.

    >>> _value("bills/focus/"), _value("no"), _value({"customer": "customer id"})
    ('bills/focus/', '"no"', '{"customer": "customer id"}')
    """
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in NOT_PLAIN:
        return value
    return json.dumps(value, ensure_ascii=False)


def _line(source: SourceType, name: str, key: str, info: FieldInfo) -> str:
    if is_secret(info.annotation):
        line = f"{key}: ${{{name.upper().replace('-', '_')}_{key.upper()}}}"
    elif info.is_required():
        return f"{key}: {source.name}-{key}"
    else:
        line = f"{key}: {_default(info)}".rstrip()
    return line if info.is_required() else f"# {line}"


def _default(info: FieldInfo) -> str:
    value: object = info.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined or value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(str(it) for it in cast('Sequence[object]', value))}]"
    return str(value)


def _holds(section: Node | None, name: str, top: str) -> bool:
    if section is None or (isinstance(section, Leaf) and section.text is None):
        return False
    return top in FACTS or (isinstance(section, Branch) and name in section.entries)


def _line_after(where: str, path: Path, top: str, lines: list[str]) -> int:
    """Give the line after `sources:`, where that stands alone on its line."""
    name, _, line = where.rpartition(":")
    at = int(line)
    if name == path.name and lines[at - 1].partition("#")[0].strip() == f"{top}:":
        return at
    hint = "add the block by hand; without --write it is printed"
    raise UserError(f"{top} is not written one source a line", where=where, hint=hint)


def _indent_of(rest: list[str]) -> str:
    """Give the indentation of the entries that stand in the section already."""
    for line in rest:
        text = line.strip()
        if text and not text.startswith("#"):
            return line[: len(line) - len(line.lstrip())] or INDENT
    return INDENT


def _write(text: str, path: Path, name: str, top: str) -> None:
    """Replace the file at once, and only if it still can be read."""
    tree, issues = parse(text, path.name)
    section = tree.entries.get(top) if isinstance(tree, Branch) else None
    if issues or not _holds(section, name, top):
        hint = "add the block by hand; without --write it is printed"
        raise UserError("the file is laid out in a way not understood", where=str(path), hint=hint)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(path.stat().st_mode)
    fresh.replace(path)
