"""Puts values of the environment where the file says `${NAME}`.

Secrets are never written in costper.yaml, so a field that holds one takes nothing else.
`$${NAME}` stands for the text `${NAME}` itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from costper.config.lines import Branch, Items, Leaf, Node
from costper.errors import suggestion
from costper.model.outcome import Issue

REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)\}")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def resolve_branch(branch: Branch, environment: Mapping[str, str], issues: list[Issue]) -> Branch:
    """Replace every reference in the values (not the keys) of a tree."""
    entries = {key: _resolve(it, environment, issues) for key, it in branch.entries.items()}
    return Branch(branch.where, entries, branch.lines)


def is_reference(leaf: Leaf) -> bool:
    """Say whether a value is one `${NAME}` and nothing else."""
    return REFERENCE.fullmatch(leaf.written) is not None and leaf.written[1] == "{"


def from_environment(leaf: Leaf) -> bool:
    """Say whether part of a value came from the environment, so must not be shown."""
    return leaf.text != leaf.written and leaf.text is not None


def _resolve(node: Node, environment: Mapping[str, str], issues: list[Issue]) -> Node:
    if isinstance(node, Branch):
        return resolve_branch(node, environment, issues)
    if isinstance(node, Items):
        return replace(node, items=tuple(_resolve(i, environment, issues) for i in node.items))
    return _leaf(node, environment, issues)


def _leaf(leaf: Leaf, environment: Mapping[str, str], issues: list[Issue]) -> Leaf:
    if leaf.text is None or "${" not in leaf.text:
        return leaf
    found = [_problem(match, environment, leaf.where) for match in REFERENCE.finditer(leaf.text)]
    problems = [issue for issue in found if issue is not None]
    if problems:
        issues.extend(problems)
        return replace(leaf, broken=True)
    return replace(leaf, text=REFERENCE.sub(lambda m: _value(m, environment), leaf.text))


def _value(match: re.Match[str], environment: Mapping[str, str]) -> str:
    name: str | None = match[1]
    return "${" if name is None else environment[name]


def _problem(match: re.Match[str], environment: Mapping[str, str], where: str) -> Issue | None:
    name: str | None = match[1]
    if name is None or (name in environment and NAME.fullmatch(name)):
        return None
    if not NAME.fullmatch(name):
        hint = "write ${NAME} with letters, digits and _; $${ stands for a plain ${"
        return Issue("environment", f"{match[0]!r} is not a name", where, hint=hint)
    return Issue(
        "environment", f"{name} is not set in the environment", where, hint=_near(name, environment)
    )


def _near(name: str, environment: Mapping[str, str]) -> str:
    near = suggestion(name, environment)
    return near if near.startswith("did you mean") else f"set it first: export {name}=…"
