"""Reads costper.yaml for a verb, with the sources and drivers this costper has."""

from __future__ import annotations

from pathlib import Path

from costper.allocation.drivers import DRIVERS
from costper.cli.context import Context
from costper.config.files import find
from costper.config.load import load_settings, read_settings
from costper.config.settings import Settings
from costper.model.outcome import Outcome
from costper.sources import SOURCES


def config_path(context: Context) -> Path:
    """Find costper.yaml: what --config names, else here or in a folder above.

    Raises:
        SettingError: there is none.
    """
    return context.cwd / context.config if context.config else find(context.cwd)


def settings(context: Context) -> Settings:
    """Give the settings.

    Raises:
        SettingError: the file is not there, or something in it is wrong.
    """
    return load_settings(
        config_path(context),
        catalogue=SOURCES,
        drivers=tuple(DRIVERS),
        environment=context.environment,
    )


def settings_or_issues(context: Context) -> Outcome[Settings]:
    """Give the settings, or every fault in them.

    Raises:
        SettingError: the file is not there.
    """
    return read_settings(
        config_path(context),
        catalogue=SOURCES,
        drivers=tuple(DRIVERS),
        environment=context.environment,
    )
