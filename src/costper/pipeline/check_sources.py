"""Checks the sources before they are read: is there a file where each path leads?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from costper.config.settings import Declared, Settings
from costper.errors import UserError
from costper.model.call import CALLS
from costper.model.outcome import Issue
from costper.sources.base import ReadContext, SourceSettings
from costper.sources.gather import unmet


def check_sources(settings: Settings, now: datetime) -> Iterator[Issue]:
    """Warn of every local path at which nothing can be read: a sync would fail there."""
    yield from undeclared(settings)
    for declared in settings.declared():
        for error in faults(settings, declared, now):
            message = f"{declared.name}: {error.message}"
            yield Issue("no_files", message, declared.where, "warning", error.hint)


def undeclared(settings: Settings) -> Iterator[Issue]:
    """Say what to do next where nothing is declared yet: no source, and no LLM calls."""
    if settings.sources or any(one.source == CALLS for one in settings.metrics):
        return
    yield Issue(
        "no_sources",
        "no source is declared: there is no bill to read yet",
        where=settings.path.name,
        severity="info",
        hint="put a FOCUS file in bills/ and say `bill: {type: focus_file, path: bills/*.csv}` "
        "under sources; `costper connect TYPE --write` adds others; LLM calls alone: `llm: {}`",
    )


def faults(settings: Settings, declared: Declared, now: datetime) -> Iterator[UserError]:
    """Say of each local path of a source why nothing can be read there."""
    if isinstance(declared.settings, SourceSettings):
        yield from unmet(declared.settings, looking(settings, declared, now))


def looking(settings: Settings, declared: Declared, now: datetime) -> ReadContext:
    """Give the context to look for a source's files in, without reading them."""
    return ReadContext(
        source=declared.name,
        where=declared.where,
        root=settings.root,
        workdir=settings.root,
        now=now,
        currency=settings.currency,
    )
