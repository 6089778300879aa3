"""Reads YAML into a tree in which every value keeps its file, its line and its own spelling.

YAML 1.1 turns `on` into a truth value, `0123` into 83 and `2026-08-01` into a date. Here a
scalar stays the text that was written, and whoever needs a number reads the number from it.
Aliases, tags and several documents in one file are refused: each value stands on one line, in
plain sight, and no small file can unfold into a large one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from costper.model.outcome import Issue

DEPTH_MAX = 24
BYTES_MAX = 1 << 20
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where the wheel has it: ten times faster, the same events."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar: `text` is its value, None for null; `written` what stands in the file.

    `broken` is set when an issue about it was already reported.
    """

    where: str
    text: str | None
    written: str = ""
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    where: str
    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping; `lines` says where each key stands."""

    where: str
    entries: dict[str, Node] = field(default_factory=dict[str, "Node"])
    lines: dict[str, str] = field(default_factory=dict[str, str])


Node = Leaf | Items | Branch
Plain = str | None | list["Plain"] | dict[str, "Plain"]


class _UnreadableError(Exception):
    """The rest of the file cannot be made sense of."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        super().__init__(issue.message)


def parse(text: str, name: str) -> tuple[Node | None, tuple[Issue, ...]]:
    """Read one document; no tree when the text is empty or not YAML."""
    reader = _Reader(name, [])
    try:
        node = reader.document(yaml.parse(text, Loader=LOADER))
    except _UnreadableError as stop:
        return None, (*reader.issues, stop.issue)
    except yaml.MarkedYAMLError as error:
        return None, (*reader.issues, _not_yaml(error, name))
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        reason = str(getattr(error, "reason", error))
        return None, (Issue("yaml", f"not valid YAML: {reason}", f"{name}:{line}"),)
    return node, tuple(reader.issues)


def plain(node: Node) -> Plain:
    """Give the values without their lines: text, None, lists and dicts."""
    if isinstance(node, Leaf):
        return node.text
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.entries.items()}


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield every scalar under a node."""
    if isinstance(node, Leaf):
        yield node
        return
    for inner in node.items if isinstance(node, Items) else node.entries.values():
        yield from leaves(inner)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns parse events into nodes, collecting what it can go on from."""

    name: str
    issues: list[Issue]

    def document(self, events: Iterator[yaml.Event]) -> Node | None:
        """Read the only document of a stream."""
        node: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.stop(event, "a second document starts", "keep one per file")
                node = self.node(events, next(events), 0)
        return node

    def node(self, events: Iterator[yaml.Event], event: yaml.Event, depth: int) -> Node:
        """Read the value that starts with `event`."""
        if isinstance(event, yaml.AliasEvent):
            raise self.stop(event, "an alias (*name)", "write the value out where it is used")
        self.refuse_tag(event)
        if depth > DEPTH_MAX:
            raise self.stop(event, f"more than {DEPTH_MAX} levels deep", "flatten it")
        if isinstance(event, yaml.SequenceStartEvent):
            return self.items(events, event, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self.branch(events, event, depth)
        return self.leaf(event)

    def leaf(self, event: yaml.Event) -> Leaf:
        """Keep a scalar as it is written; only a bare null is no text."""
        written = self.text(event)
        is_null = getattr(event, "style", None) in {None, ""} and written in NULLS
        return Leaf(self.at(event), None if is_null else written, written)

    def items(self, events: Iterator[yaml.Event], start: yaml.Event, depth: int) -> Items:
        """Read a list to its end."""
        found: list[Node] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self.node(events, event, depth + 1))
        return Items(self.at(start), tuple(found))

    def branch(self, events: Iterator[yaml.Event], start: yaml.Event, depth: int) -> Branch:
        """Read a mapping to its end; the first of two equal keys stays."""
        branch = Branch(self.at(start))
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.key(event)
            value = self.node(events, next(events), depth + 1)
            if key in branch.entries:
                self.issues.append(duplicate(key, self.at(event), branch.lines[key]))
                continue
            branch.entries[key] = value
            branch.lines[key] = self.at(event)
        return branch

    def key(self, event: yaml.Event) -> str:
        """Read a key: one word, kept as written."""
        if not isinstance(event, yaml.ScalarEvent):
            raise self.stop(event, "a key that is not one word", "write `name: value`")
        self.refuse_tag(event)
        return self.text(event)

    def text(self, event: yaml.Event) -> str:
        """Give a scalar's text; what no file or screen can hold is refused."""
        text = str(getattr(event, "value", ""))
        if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text):
            raise self.stop(event, "a character that is no text", "leave it out")
        return text

    def refuse_tag(self, event: yaml.Event) -> None:
        """Refuse explicit types: text is quoted, everything else is read as needed."""
        tag = getattr(event, "tag", None)
        if tag not in {None, "!"}:
            raise self.stop(event, f"a tag ({tag})", "leave it out; quote the value for text")

    def stop(self, event: yaml.Event, found: str, hint: str) -> _UnreadableError:
        """Say why the file is not read further."""
        return _UnreadableError(Issue("yaml", f"not accepted: {found}", self.at(event), hint=hint))

    def at(self, event: yaml.Event) -> str:
        """Give file:line of an event."""
        mark = event.start_mark
        return self.name if mark is None else f"{self.name}:{int(mark.line) + 1}"


def duplicate(key: str, where: str, first: str) -> Issue:
    """Say that a key stands twice."""
    hint = f"it already stands at {first}; keep one of them"
    return Issue("duplicate", f"{key!r} is written twice", where, hint=hint)


def _not_yaml(error: yaml.MarkedYAMLError, name: str) -> Issue:
    mark = error.problem_mark or error.context_mark
    where = f"{name}:{int(mark.line) + 1}" if mark is not None else name
    problem = str(error.problem or error.context or "unreadable")
    hint = "indent with spaces, not tabs" if "\\t" in problem or "tab" in problem else ""
    return Issue("yaml", f"not valid YAML: {problem}", where, hint=hint)
