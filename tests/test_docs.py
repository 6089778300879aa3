"""The manual is whole: all the program accepts is written down, and links lead on."""

import argparse
import ast
import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pydantic

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "costper"
MANUAL = [ROOT / "README.md", *sorted((ROOT / "docs" / "manual").rglob("*.md"))]
MANUAL_TEXT = "\n".join(path.read_text(encoding="utf-8") for path in MANUAL)

# Folders whose files are each one thing a user names in costper.yaml, or reads in an answer.
PLUGIN_FOLDERS = ("sources", "sinks", "allocation/drivers", "economics/savings")
NOT_PLUGINS = {"__init__", "base", "claims"}
# What makes a file of sources/ a place data comes from; the rest is shared by them.
SOURCE = re.compile(r"^\w+ = Source\(", re.MULTILINE)
# What makes a file a wire format, in which providers say what a response used.
WIRE = re.compile(r'^\w+ = Wire\(name="(\w+)"', re.MULTILINE)
WIRES = SRC / "rating" / "usage"
DOCSTRING_LINES = 5

UNTRACKED = {".git", ".venv", ".lock-venv", "demo", "build", "dist"}
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CHANGE_KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def plugin_files() -> Iterator[Path]:
    """Yield every file that is one source, sink or driver."""
    for folder in PLUGIN_FOLDERS:
        for path in sorted((SRC / folder).glob("*.py")):
            shared = folder == "sources" and not SOURCE.search(path.read_text("utf-8"))
            if path.stem not in NOT_PLUGINS and not shared:
                yield path
    yield from (path for path in sorted(WIRES.glob("*.py")) if WIRE.search(path.read_text("utf-8")))


def is_manual_page(docstring: str) -> bool:
    """Tell whether a docstring is long enough and shows an example, indented."""
    lines = docstring.splitlines()
    return len(lines) >= DOCSTRING_LINES and any(line.startswith("    ") for line in lines)


def modules_of(package: str) -> Iterator[str]:
    """Yield the names of a package and every module in it."""
    yield package
    folder = SRC.joinpath(*package.split(".")[1:])
    for module in pkgutil.walk_packages([str(folder)], f"{package}."):
        yield module.name


def setting_names() -> Iterator[tuple[str, str]]:
    """Yield class and name of every setting: each field of a pydantic model in config."""
    for module in modules_of("costper.config"):
        for value in vars(importlib.import_module(module)).values():
            if isinstance(value, type) and issubclass(value, pydantic.BaseModel):
                for name, field in value.model_fields.items():
                    yield value.__name__, field.alias or name


def command_line() -> argparse.ArgumentParser | None:
    """Build the command line's parser; nothing while there is no command line yet."""
    if importlib.util.find_spec("costper.cli.main") is None:
        return None
    parser: argparse.ArgumentParser = importlib.import_module("costper.cli.main").parser()
    return parser


def verbs(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield `verb` or `verb noun` with its parser, as deep as they go."""
    for action in parser._actions:  # noqa: SLF001 - argparse offers no other way to walk it
        if action.nargs == argparse.PARSER:
            choices = cast("dict[str, argparse.ArgumentParser]", action.choices)
            for name, inner in choices.items():
                yield name, inner
                yield from ((f"{name} {deeper}", it) for deeper, it in verbs(inner))


def option_names(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield every long option of a parser, but the hidden ones."""
    for action in parser._actions:  # noqa: SLF001
        if action.help != argparse.SUPPRESS:
            yield from (name for name in action.option_strings if name.startswith("--"))


def is_named(word: str) -> bool:
    """Tell whether the manual names a word, as a whole word."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", MANUAL_TEXT) is not None


def test_every_source_sink_and_driver_opens_with_its_manual_page() -> None:
    short = [
        path.relative_to(SRC).as_posix()
        for path in plugin_files()
        if not is_manual_page(ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")
    ]
    assert short == [], f"at least {DOCSTRING_LINES} lines, with an indented example"


def test_the_manual_names_every_source_sink_and_driver() -> None:
    assert [path.stem for path in plugin_files() if not is_named(path.stem)] == []


def test_every_wire_format_is_named_after_its_file() -> None:
    found = {
        path.stem: name
        for path in sorted(WIRES.glob("*.py"))
        for name in WIRE.findall(path.read_text("utf-8"))
    }
    assert found == {stem: stem for stem in found}
    assert found.keys() == importlib.import_module("costper.rating.usage").WIRES.keys()


def test_the_manual_names_every_setting() -> None:
    missing = {f"{owner}.{name}" for owner, name in setting_names() if not is_named(name)}
    assert missing == set()


def test_the_manual_names_every_verb_and_option() -> None:
    parser = command_line()
    found = [] if parser is None else [("", parser), *verbs(parser)]
    missing = {verb for verb, _ in found if verb and not is_named(f"costper {verb}")}
    for verb, inner in found:
        missing |= {f"{verb} {option}" for option in option_names(inner) if not is_named(option)}
    assert missing == set()


def test_every_relative_link_leads_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in sorted(ROOT.rglob("*.md"))
        if path.relative_to(ROOT).parts[0] not in UNTRACKED
        for target in LINK.findall(path.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:|#", target) and not (path.parent / target.split("#")[0]).exists()
    ]
    assert broken == []


def test_the_changelog_keeps_its_shape() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    versions = [h for h in headings if h != "[Unreleased]"]
    assert text.startswith("# Changelog\n")
    assert headings[0] == "[Unreleased]"
    shape = r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}( \[YANKED\])?"
    assert [v for v in versions if not re.fullmatch(shape, v)] == []
    assert versions == sorted(versions, key=lambda v: v.split(" - ")[-1], reverse=True)
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= CHANGE_KINDS
