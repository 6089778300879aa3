"""Connects a source: what there is to connect, what a file looks like, and the block for it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import cast

from pydantic import ValidationError

from costper.config.blocks import FACTS, block_of, insert_block
from costper.config.declared import NAME, NAME_HINT
from costper.errors import BusyError, UserError
from costper.model.answer import Answer, Cell
from costper.model.call import CALLS
from costper.pipeline.answer.frame import Standing
from costper.pipeline.data_sources.guess import Guess, guess
from costper.pipeline.data_sources.measures import kind_by_name, metric_lines
from costper.sources import SOURCES, about, named_source
from costper.sources.base import Source
from costper.sources.gather import DATA, FileSettings
from costper.store.activity import told
from costper.store.audit import log
from costper.store.books import Books

SETTABLE = frozenset(
    ("path", "date", "value", "values", "dimensions", "columns", "metric", "timezone")
)
"""Settings that may come from elsewhere than costper.yaml: where in the project, and columns."""

FOLDERS = {"bill": "bills", "measurements": "usage"}
LONGEST_PATH = 200
MOST_NAMES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A source somebody wants: its type and kind, its name, and the settings that are known.

    `metrics` says of each number it measures what kind that is; "" leaves it to the name.
    """

    type: str
    kind: str
    name: str
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    metrics: Mapping[str, str] = field(default_factory=dict[str, str])


def types_answer(books: Books, standing: Standing) -> Answer:
    """List every type of source, each with its block for costper.yaml."""
    rows: list[dict[str, Cell]] = [
        {
            "type": one.name,
            "kind": one.kind,
            "about": about(one),
            "files": _reads_files(one),
            "name": _free(_own_name(one), _taken(books)),
            "block": "\n".join(block_of(one, _free(_own_name(one), _taken(books)), about(one))),
        }
        for one in SOURCES
    ]
    return _answer(books, standing, {"noun": "source types"}, rows)


def guess_answer(books: Books, standing: Standing, file: str, head: str) -> Answer:
    """Say what a file looks like by its first lines, and how a source would read it."""
    found = guess(head, {it.name for it in books.settings.dimensions})
    row: dict[str, Cell] = {
        "type": found.type,
        "kind": found.kind if found.type else "",
        "what": found.what,
        "by": list(found.by),
        "name": _name_for(found, books) if found.type else "",
        "path": _path_for(found, books, file) if found.type else "",
        "wrong": found.wrong,
        "hint": found.hint,
        "settings": [
            {"setting": name, "value": _written(value)} for name, value in found.settings.items()
        ],
        "metrics": [{"metric": it, "kind": kind_by_name(it)} for it in _measured(found, books)],
    }
    return _answer(books, standing, {"noun": "guess", "file": file}, [row])


def connect_source(
    books: Books, standing: Standing, wanted: Wanted, *, actor: str, now: datetime
) -> Answer:
    """Add a source that reads files of the project to costper.yaml; it counts when read again.

    Raises:
        UnknownNameError: there is no such type.
        BusyError: a sync is running, which reading costper.yaml again would stop.
        UserError: the name or a setting is not right, or the file cannot take a block.
    """
    work = books.activity.work
    if work is not None and work.state == "running":
        raise BusyError(f"a sync is running: {told(work)}", hint="add it when that is done")
    source = named_source(wanted.type, wanted.kind)
    name = source.kind if source.kind in FACTS else wanted.name
    _check(books, source, name, wanted.settings)
    metrics = _metrics(books, name, wanted) if source.kind == "measurements" else {}
    block = block_of(source, name, about(source), wanted.settings)
    path = books.settings.path
    try:
        with books.control.begin() as connection:
            insert_block(path, source, name, block, metrics)
            detail = {"type": source.name, "kind": source.kind}
            log(connection, "source added", name, now=now, detail=detail, actor=actor)
    except OSError as error:
        hint = "put the block into it by hand"
        raise UserError(
            f"{path.name} cannot be written: {error.strerror}", where="type", hint=hint
        ) from error
    row: dict[str, Cell] = {
        "source": name,
        "type": source.name,
        "kind": source.kind,
        "block": "\n".join((*block, *_under_metrics(metrics))),
        "next_step": f"let the server read {path.name} again",
    }
    return _answer(books, standing, {"noun": "source", "source": name}, [row])


def _measured(found: Guess, books: Books) -> tuple[str, ...]:
    """Name the numbers a guessed source would measure."""
    if found.kind != "measurements" or not found.type:
        return ()
    values = found.settings.get("values")
    named = tuple(cast("Mapping[str, str]", values)) if isinstance(values, Mapping) else ()
    return named or (_name_for(found, books),)


def _under_metrics(lines: Mapping[str, str]) -> Iterator[str]:
    if lines:
        yield "metrics:"
        yield from (f"  {it}" for it in lines.values())


def _metrics(books: Books, name: str, wanted: Wanted) -> dict[str, str]:
    """Write a line for each metric that was said, and that the source measures."""
    numbers = _keys(wanted.settings, "values") or (wanted.settings.get("metric") or name,)
    there = {it.name for it in books.settings.metrics}
    for metric in wanted.metrics:
        if metric not in numbers or metric in there:
            hint = f"it measures {', '.join(map(str, numbers))}"
            raise UserError(f"{metric!r} is no new metric of {name}", where="metrics", hint=hint)
    return metric_lines(name, wanted.metrics)


def _check(books: Books, source: Source, name: str, settings: Mapping[str, object]) -> None:
    if not NAME.fullmatch(name) or name == CALLS:
        raise UserError(f"{name!r} cannot name a source", where="name", hint=NAME_HINT)
    if name in _taken(books):
        raise UserError(f"{name!r} is there already", where="name", hint="give it another name")
    if not _reads_files(source):
        hint = "put its block into costper.yaml by hand: its secrets stand in the environment"
        raise UserError(f"{source.name} reads no files", where="type", hint=hint)
    for key in settings:
        if key not in SETTABLE:
            hint = f"known: {', '.join(sorted(SETTABLE))}; set others in costper.yaml"
            raise UserError(f"{key!r} cannot be set from here", where="settings", hint=hint)
    _check_path(settings.get("path"))
    _check_names(books, settings)
    try:
        source.settings.model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        label = ".".join(str(it) for it in first["loc"]) or "settings"
        raise UserError(f"{label}: {first['msg']}", where="settings") from error
    _check_plain(settings)


def _check_plain(settings: Mapping[str, object]) -> None:
    """Refuse `${NAME}`: answers and messages would tell the sender what the environment holds."""
    if "${" in json.dumps(settings):
        hint = "secrets are named in costper.yaml by hand"
        raise UserError("${NAME} cannot be sent here", where="settings", hint=hint)


def _check_path(path: object) -> None:
    """Refuse what is no path below the folder of costper.yaml."""
    hint = "say bills/october.csv, or a folder: bills/"
    if not isinstance(path, str) or not path or len(path) > LONGEST_PATH:
        raise UserError("a source needs a path", where="path", hint=hint)
    steps = PurePosixPath(path).parts
    plain = path.isprintable() and "\\" not in path and ":" not in path
    if not plain or path.startswith(("/", "~")) or any(it.startswith(".") for it in steps):
        raise UserError(f"{path!r} is no path below costper.yaml", where="path", hint=hint)


def _check_names(books: Books, settings: Mapping[str, object]) -> None:
    """Refuse dimensions nobody declared and metrics there are: costper.yaml would be wrong."""
    known = {it.name for it in books.settings.dimensions}
    for name in _keys(settings, "dimensions"):
        if name not in known:
            hint = f"known: {', '.join(sorted(known))}"
            raise UserError(f"{name!r} is no dimension", where="dimensions", hint=hint)
    there = {it.name for it in books.settings.metrics}
    for name in _keys(settings, "values"):
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise UserError(f"{name!r} cannot name a metric", where="values", hint=NAME_HINT)
        if name in there:
            hint = "give it another name: `name: column`"
            raise UserError(f"there is a metric {name!r} already", where="values", hint=hint)


def _keys(settings: Mapping[str, object], name: str) -> tuple[object, ...]:
    value = settings.get(name)
    return tuple(cast("Mapping[object, object]", value)) if isinstance(value, Mapping) else ()


def _reads_files(source: Source) -> bool:
    return issubclass(source.settings, FileSettings)


def _taken(books: Books) -> set[str]:
    return {one.name for one in books.settings.declared()}


def _own_name(source: Source) -> str:
    if source.kind in FACTS:
        return source.kind
    return "bill" if _reads_files(source) and source.kind == "bill" else source.name


def _name_for(found: Guess, books: Books) -> str:
    metrics = {it.name for it in books.settings.metrics}
    return found.name if found.kind in FACTS else _free(found.name, _taken(books) | metrics)


def _free(name: str, taken: Collection[str]) -> str:
    if name in FACTS or name not in taken:
        return name
    return next(it for it in (f"{name}_{n}" for n in range(2, MOST_NAMES)) if it not in taken)


def _path_for(found: Guess, books: Books, file: str) -> str:
    """Give a folder of its own, where more may come; facts are one file."""
    if found.kind in FACTS:
        end = next((it for it in sorted(DATA, key=len)[::-1] if file.lower().endswith(it)), ".csv")
        return f"{found.kind}{end}"
    return f"{FOLDERS[found.kind]}/{_name_for(found, books)}/"


def _written(value: object) -> str:
    """Write a setting as a form shows it: `name: column, name: column`."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, str]", value).items()
        return ", ".join(f"{name}: {column}" for name, column in pairs)
    return str(value)


def _answer(
    books: Books, standing: Standing, question: Mapping[str, Cell], rows: list[dict[str, Cell]]
) -> Answer:
    return Answer(
        question=question,
        rows=rows,
        total={},
        currency=books.settings.currency,
        as_of=standing.as_of,
        settled_through=None,
        estimated=False,
        coverage=None,
    )
