"""The house style, held file by file; an exception is listed here with its reason."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "costper"
FILE_LINES = 400
FUNCTION_LINES = 60
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "mapper", "misc"}

# Files that may call float(), each with its reason.
FLOAT_ALLOWED: dict[str, str] = {
    "watch/past_errors.py": "errors as shares of a forecast; no money",
    "watch/suspect.py": "only says which days decimals need not judge",
}

# Top packages that read the clock; everything else takes `now` as an argument.
CLOCK_ALLOWED = {"cli", "api", "demo", "ledger"}
CLOCK_CALLS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
}

# (file, top module) pairs imported inside a function, outside cli, each with its reason.
LAZY_IMPORTS: dict[tuple[str, str], str] = {
    ("store/spark.py", "pyspark"): "an optional extra, slow to import",
    ("__init__.py", "costper"): "`import costper` is instant; Ledger is there when asked for",
    ("track/__init__.py", "costper"): "the same, for `costper.track` is a folder and a function",
    ("track/litellm.py", "litellm"): "a library of others, there where it calls us",
    ("ledger/table.py", "pandas"): "optional, and slow to import",
    ("ledger/table.py", "polars"): "optional, and slow to import",
}

# What makes a file or folder of sources/ a place data comes from; the rest is shared by them.
SOURCE = re.compile(r"^\w+ = Source\(", re.MULTILINE)

UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
MACHINE_NAMES = (
    *(f"/{folder}/" for folder in ("work", "root", "opt/py" + "pi")),
    *(f"{host}.org" for host in ("pypi", "pythonhosted")),
)
UNTRACKED = {
    ".git",
    ".venv",
    ".lock-venv",
    "demo",
    "build",
    "dist",
    "htmlcov",
    ".hypothesis",
}
BINARY = {".pyc", ".png", ".duckdb", ".parquet", ".gz", ".zip", ".ico", ".woff2", ".wal"}

SOURCE_FILES = sorted(SRC.rglob("*.py"))
ALL_FILES = sorted(path for top in ("src", "tests", "bench") for path in (ROOT / top).rglob("*.py"))


def name_of(path: Path) -> str:
    """Name a file by its path inside the repository."""
    return path.relative_to(ROOT).as_posix()


def in_package(path: Path) -> str:
    """Name a source file by its path inside the package."""
    return path.relative_to(SRC).as_posix()


def tree_of(path: Path) -> ast.Module:
    """Parse a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of every call; only the last two names count."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ".".join(ast.unparse(node.func).split(".")[-2:])


def inner_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and top module of every import inside a function."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom):
                    yield node.lineno, (node.module or "").split(".")[0]
                elif isinstance(node, ast.Import):
                    yield node.lineno, node.names[0].name.split(".")[0]


def opening_fault(tree: ast.Module) -> str | None:
    """Say what is wrong with the docstring a module opens with."""
    opening = (ast.get_docstring(tree) or "").split("\n\n")[0]
    if not opening:
        return "a module opens with one sentence saying what it is for"
    if "\n" in opening or not opening.endswith((".", "?")) or ". " in opening:
        return f"one sentence, on one line, ending in a full stop: {opening!r}"
    return None


each_source_file = pytest.mark.parametrize("path", SOURCE_FILES, ids=name_of)
each_file = pytest.mark.parametrize("path", ALL_FILES, ids=name_of)


@each_source_file
def test_a_module_opens_with_one_sentence(path: Path) -> None:
    assert opening_fault(tree_of(path)) is None


@each_file
def test_files_and_functions_are_short_and_finished(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    assert lines <= FILE_LINES, f"{lines} lines: split it by meaning"
    long = [
        f"{node.name} ({node.lineno}): {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES
    ]
    assert long == []
    assert UNFINISHED.findall(text) == []


@each_file
def test_a_file_is_named_after_what_it_holds(path: Path) -> None:
    parts = {Path(part).stem.removeprefix("test_") for part in path.relative_to(ROOT).parts}
    assert not parts & VAGUE_NAMES


@each_source_file
def test_no_floats(path: Path) -> None:
    if in_package(path) not in FLOAT_ALLOWED:
        assert [line for line, name in calls(tree_of(path)) if name == "float"] == []


@each_source_file
def test_the_clock_is_an_argument(path: Path) -> None:
    if path.relative_to(SRC).parts[0] not in CLOCK_ALLOWED:
        found = [f"{line}: {name}" for line, name in calls(tree_of(path)) if name in CLOCK_CALLS]
        assert found == []


@each_source_file
def test_only_the_command_line_prints(path: Path) -> None:
    if path.relative_to(SRC).parts[0] != "cli":
        assert [line for line, name in calls(tree_of(path)) if name == "print"] == []


@each_source_file
def test_imports_are_at_the_top(path: Path) -> None:
    if path.relative_to(SRC).parts[0] != "cli":
        found = [
            f"{line}: {module}"
            for line, module in inner_imports(tree_of(path))
            if (in_package(path), module) not in LAZY_IMPORTS
        ]
        assert found == []


def test_no_compressed_bytes_carry_the_time_they_were_made() -> None:
    """Two workers a second apart would not collect the same tests."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in ALL_FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "gzip.compress"
        and not any(word.arg == "mtime" for word in node.keywords)
    ]
    assert found == []


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every file of the repository, caches and binaries aside."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden_cache = any(part.endswith("_cache") or part == ".costper" for part in parts)
        if parts[0] in UNTRACKED or hidden_cache or path.suffix in BINARY:
            continue
        if path.is_file():
            yield name_of(path), path.read_text(encoding="utf-8", errors="replace")


def test_no_file_names_this_machine_or_a_package_index() -> None:
    found = [
        f"{name}: {needle}"
        for name, text in tracked_texts()
        for needle in MACHINE_NAMES
        if needle in text
    ]
    assert found == []


def test_every_source_is_in_the_independence_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    listed = next(c["modules"] for c in contracts if c["type"] == "independence")
    present = {
        f"costper.sources.{path.stem}"
        for path in (SRC / "sources").iterdir()
        for file in (path.rglob("*.py") if path.is_dir() else [path])
        if file.suffix == ".py" and SOURCE.search(file.read_text(encoding="utf-8"))
    }
    assert set(listed) == present
