"""Checks the sources before they are read: is there a file where each path leads?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from costper.config.settings import Settings
from costper.model.outcome import Issue
from costper.sources.base import ReadContext, SourceSettings
from costper.sources.gather import unmet


def check_sources(settings: Settings, now: datetime) -> Iterator[Issue]:
    """Warn of every local path at which nothing can be read: a sync would fail there."""
    for declared in settings.declared():
        if not isinstance(declared.settings, SourceSettings):
            continue
        context = ReadContext(
            source=declared.name,
            where=declared.where,
            root=settings.root,
            workdir=settings.root,
            now=now,
            currency=settings.currency,
        )
        for error in unmet(declared.settings, context):
            message = f"{declared.name}: {error.message}"
            yield Issue("no_files", message, declared.where, "warning", error.hint)
