"""Reads costper.yaml and the folder it includes as one tree."""

from __future__ import annotations

from pathlib import Path

from costper.config.lines import BYTES_MAX, Branch, Items, Leaf, Node, duplicate, parse
from costper.errors import SettingError
from costper.model.outcome import Issue

FILES_MAX = 500
SUFFIXES = {".yaml", ".yml"}
FILE_NAME = "costper.yaml"


def find(start: Path) -> Path:
    """Look for costper.yaml in a folder and every folder above it."""
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise SettingError(
        f"there is no {FILE_NAME} here or in any folder above",
        where=str(start),
        hint="`costper init` writes one; --config names another file",
    )


def read_tree(path: Path) -> tuple[Branch, tuple[Issue, ...]]:
    """Read the file and what it includes; `where` is relative to the file's folder.

    Raises:
        SettingError: the file is not there or cannot be opened.
    """
    if not path.is_file():
        raise SettingError("there is no such file", where=str(path), hint="`costper init`")
    issues: list[Issue] = []
    tree = _read_file(path, path.name, issues)
    include = tree.entries.get("include")
    for inner, name in _included(path.parent, include, issues):
        tree = _merge(tree, _read_file(inner, name, issues), issues)
    return tree, tuple(issues)


def _read_file(path: Path, name: str, issues: list[Issue]) -> Branch:
    text, found = read_text(path, name)
    node, problems = (None, found) if text is None else parse(text, name)
    issues.extend(problems)
    if isinstance(node, Branch):
        return node
    if node is not None and not (isinstance(node, Leaf) and node.text is None):
        hint = "start with a section, such as `currency: USD`"
        issues.append(Issue("yaml", "the file must hold `name: value` lines", name, hint=hint))
    return Branch(f"{name}:1")


def read_text(path: Path, name: str) -> tuple[str | None, tuple[Issue, ...]]:
    """Give a file's text, or why it has none; `name` is what messages call it."""
    try:
        size = path.stat().st_size
        if size > BYTES_MAX:
            message = f"{size} bytes; a settings file has at most {BYTES_MAX}"
            return None, (Issue("yaml", message, name, hint="split it with `include`"),)
        raw = path.read_bytes()
    except OSError as error:
        return None, (Issue("yaml", f"cannot be read: {error.strerror}", name),)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = "not UTF-8 text"
        return None, (Issue("yaml", message, f"{name}:{line}", hint="save it as UTF-8"),)


def _included(
    root: Path, include: Node | None, issues: list[Issue]
) -> tuple[tuple[Path, str], ...]:
    if include is None:
        return ()
    text = include.text if isinstance(include, Leaf) else None
    folder = (root / text) if text and not Path(text).is_absolute() else None
    if folder is None or not _inside(folder, root) or not folder.is_dir():
        message = "include: must name a folder beside this file"
        issues.append(Issue("include", message, include.where, hint="include: costper.d"))
        return ()
    found = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    outside = [path.name for path in found if not _inside(path, root)]
    if outside:
        message = f"include: {outside[0]} is not a file of this project"
        issues.append(Issue("include", message, include.where))
        return ()
    if len(found) > FILES_MAX:
        message = f"include: {len(found)} files; at most {FILES_MAX} are read"
        issues.append(Issue("include", message, include.where))
        return ()
    return tuple(
        (path, f"{path.parent.relative_to(root).as_posix()}/{path.name}") for path in found
    )


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.exists() and path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a loop of symbolic links
        return False


def _merge(base: Branch, extra: Branch, issues: list[Issue]) -> Branch:
    """Add the sections of an included file; nothing may be said twice."""
    merged = Branch(base.where, dict(base.entries), dict(base.lines))
    for name, node in extra.entries.items():
        where = extra.lines[name]
        if name == "include":
            issues.append(Issue("include", "an included file cannot include", where))
        elif name not in merged.entries:
            merged.entries[name], merged.lines[name] = node, where
        else:
            merged.entries[name] = _join(name, merged, node, where, issues)
    return merged


def _join(name: str, base: Branch, node: Node, where: str, issues: list[Issue]) -> Node:
    mine = base.entries[name]
    if isinstance(mine, Items) and isinstance(node, Items):
        return Items(mine.where, (*mine.items, *node.items))
    if not (isinstance(mine, Branch) and isinstance(node, Branch)):
        issues.append(duplicate(name, where, base.lines[name]))
        return mine
    joined = Branch(mine.where, dict(mine.entries), dict(mine.lines))
    for key, value in node.entries.items():
        if key in joined.entries:
            issues.append(duplicate(key, node.lines[key], joined.lines[key]))
        else:
            joined.entries[key], joined.lines[key] = value, node.lines[key]
    return joined
