"""Print the settings of a source with a comment on each, or put them into costper.yaml.

Without a type it lists what there is. `--write` adds the source under `sources:` and leaves
the rest of the file as it is.

Examples:
  costper connect
  costper connect focus_file
  costper connect csv --kind customers
  costper connect aws_cost_explorer --name aws --write
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from costper.cli.context import Context
from costper.cli.settings import config_path
from costper.config.declared import NAME, NAME_HINT
from costper.config.files import read_tree
from costper.config.lines import Branch, Leaf, Node, parse
from costper.config.validation import is_secret
from costper.errors import UnknownNameError, UserError
from costper.sources import SOURCES
from costper.sources.base import Kind, Source

INDENT = "  "
FACTS = {"customers", "rates"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the type, a name for the source, and --write."""
    parser.add_argument("type", nargs="?", help="what to connect to; all types if left out")
    parser.add_argument(
        "--kind",
        choices=tuple(dict.fromkeys(one.kind for one in SOURCES)),
        help="which, where several share the type: csv has measurements, customers and rates",
    )
    parser.add_argument("--name", help="the source's name in costper.yaml")
    parser.add_argument("--write", action="store_true", help="put it into costper.yaml")


def run(args: argparse.Namespace, context: Context) -> int:
    """Print or write the block."""
    if args.type is None:
        for one in SOURCES:
            context.say(f"{one.name:<20} {one.kind:<13} {_about(one)}")
        return 0
    source = _source(args.type, args.kind)
    name = args.name or source.name
    if not NAME.fullmatch(name):
        raise UserError(f"{name!r} cannot name a source", hint=NAME_HINT)
    block = tuple(_block(source, name))
    if not args.write:
        context.say("\n".join(block))
        return 0
    path = config_path(context)
    _insert(path, source, name, block)
    context.say(f"wrote {name} into {path.name}; next: fill it in, then `costper check`")
    return 0


def _source(type_name: str, kind: Kind | None) -> Source:
    """Find a source by its type; where several kinds share it, the first."""
    kinds = [one for one in SOURCES if kind in {None, one.kind}]
    for one in kinds:
        if one.name == type_name:
            return one
    raise UnknownNameError("source type", type_name, {one.name for one in kinds})


def _about(source: Source) -> str:
    """Give the first sentence of a source's manual page: its module's docstring."""
    own = sys.modules.get(f"costper.sources.{source.name}") or sys.modules[source.read.__module__]
    return (own.__doc__ or "").partition("\n")[0]


def _block(source: Source, name: str) -> Iterator[str]:
    """Write the source as YAML: what must be filled in, then what may be, as comments."""
    top = source.kind if source.kind in FACTS else "sources"
    deep = "" if top in FACTS else INDENT
    yield f"{top}:"
    if deep:
        yield f"{deep}{name}:"
    inner = f"{deep}{INDENT}"
    yield f"{inner}# {_about(source)}"
    yield f"{inner}type: {source.name}"
    for key, info in source.settings.model_fields.items():
        yield f"{inner}# {(info.description or key).splitlines()[0]}"
        yield f"{inner}{_line(source, name, info.alias or key, info)}"


def _line(source: Source, name: str, key: str, info: FieldInfo) -> str:
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


def _insert(path: Path, source: Source, name: str, block: tuple[str, ...]) -> None:
    """Put the block into the file, under its section where there is one."""
    tree, issues = read_tree(path)
    if issues:
        first = issues[0]
        raise UserError(first.message, where=first.where, hint="`costper check` first")
    top = source.kind if source.kind in FACTS else "sources"
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
