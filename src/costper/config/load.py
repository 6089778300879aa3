"""Reads costper.yaml into settings, or says everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from costper.config.call_metrics import call_metrics, call_quantities
from costper.config.declared import read_fact_source, read_sources
from costper.config.dimensions import dimension_names, read_dimensions
from costper.config.environment import resolve_branch
from costper.config.files import read_tree
from costper.config.lines import Branch, Items, Leaf, Node
from costper.config.llm import names_in, read_llm
from costper.config.metrics import (
    Measuring,
    dimension_faults,
    measuring_sources,
    metric_sources,
    read_metrics,
)
from costper.config.rules import Names, read_rules
from costper.config.sections import FileSection
from costper.config.settings import (
    MarginSettings,
    Settings,
    SourceType,
    StoreSettings,
    WorkingHours,
)
from costper.config.validation import validated
from costper.config.views import read_views
from costper.errors import SettingError, suggestion
from costper.model.outcome import Issue, Outcome

Value = TypeVar("Value")
MAPPINGS = ("dimensions", "sources", "metrics", "views")
FACTS = ("customers", "rates")
CALLS_SAID = "llm"
"""The section that brings the metrics of LLM calls along, with or without anything in it."""

OWN_CHECK = (*MAPPINGS, *FACTS, "allocation", "store", "margins", "working_hours", "llm")
"""Sections checked one by one, so that a fault in one does not hide those in another."""


def load_settings(
    path: Path,
    *,
    catalogue: Iterable[SourceType],
    drivers: Collection[str],
    environment: Mapping[str, str],
) -> Settings:
    """Read the settings.

    Raises:
        SettingError: something is wrong; its text names every fault.
    """
    outcome = read_settings(path, catalogue=catalogue, drivers=drivers, environment=environment)
    if not outcome.items:
        where = outcome.issues[0].where
        text = "\n".join(issue.text() for issue in outcome.issues)
        raise SettingError(text.removeprefix(f"{where}: "), where=where)
    return outcome.items[0]


def read_settings(
    path: Path,
    *,
    catalogue: Iterable[SourceType],
    drivers: Collection[str],
    environment: Mapping[str, str],
) -> Outcome[Settings]:
    """Give the settings, or issues with file:line in the order of the file; never both.

    `catalogue` is what sources there are, `drivers` the names rules may use, `environment`
    where `${NAME}` is looked up.

    Raises:
        SettingError: the file is not there.
    """
    path = path.absolute()
    issues: list[Issue] = []
    written = _keep(read_tree(path), issues)
    if any(issue.code == "yaml" for issue in issues):  # what is missing may be in there
        return Outcome((), tuple(issues))
    tree = resolve_branch(written, environment, issues)
    settings = _settings(path, tree, Known(tuple(catalogue), tuple(drivers)), issues)
    if settings is None or issues:
        return Outcome((), tuple(sorted(issues, key=lambda issue: _place(issue, path.name))))
    return Outcome((settings,))


@dataclass(frozen=True, slots=True)
class Known:
    """What the program knows besides the file: the source types and the drivers."""

    catalogue: tuple[SourceType, ...]
    drivers: tuple[str, ...]


def _settings(path: Path, tree: Branch, known: Known, issues: list[Issue]) -> Settings | None:
    """Read section by section, so that a fault in one does not hide those in another."""
    issues += _shape_faults(tree)
    names, measuring = _names(tree, known)
    general = _keep(validated(FileSection, _general(tree)), issues)
    dimensions = _keep(read_dimensions(_part(tree, "dimensions")), issues)
    sources = _keep(read_sources(_part(tree, "sources"), known.catalogue), issues)
    customers = _keep(read_fact_source(tree, "customers", known.catalogue), issues)
    rates = _keep(read_fact_source(tree, "rates", known.catalogue), issues)
    issues += dimension_faults(_part(tree, "sources"), measuring, names.dimensions)
    metrics = _keep(read_metrics(_part(tree, "metrics"), measuring, names.dimensions), issues)
    rules = _keep(read_rules(_part(tree, "allocation"), names), issues)
    store = _keep(validated(StoreSettings, _part(tree, "store") or Branch(""), "store"), issues)
    margins = _keep(
        validated(MarginSettings, _part(tree, "margins") or Branch(""), "margins"), issues
    )
    views = _keep(read_views(_part(tree, "views")), issues)
    said = (names_in(_part(tree, "sources")), names_in(_part(tree, "allocation")))
    llm = _keep(read_llm(_part(tree, "llm"), *said), issues)
    hours = _hours(tree, issues)
    issues += _zone_faults(tree)
    if general is None or store is None or hours is None or margins is None or llm is None:
        return None
    zone = hours.timezone or general.timezone
    return Settings(
        path=path,
        root=path.parent,
        organisation=general.organisation,
        currency=general.currency,
        timezone=general.timezone,
        cost_of_record=general.cost_of_record,
        dimensions=dimensions,
        sources=sources,
        customers=customers,
        rates=rates,
        metrics=(*metrics, *(call_metrics(metrics) if CALLS_SAID in tree.entries else ())),
        allocation=rules,
        store=store,
        working_hours=hours.model_copy(update={"timezone": zone}),
        settle_days=general.settle_days,
        margins=margins,
        views=views,
        llm=llm,
    )


def _keep(pair: tuple[Value, Iterable[Issue]], issues: list[Issue]) -> Value:
    """Put the issues aside and go on with the value."""
    issues += pair[1]
    return pair[0]


def _names(tree: Branch, known: Known) -> tuple[Names, dict[str, Measuring]]:
    """Give the names rules may use, and the sources that measure."""
    measuring = measuring_sources(_part(tree, "sources"), known.catalogue)
    names = Names(
        dimensions=dimension_names(_part(tree, "dimensions")),
        drivers=known.drivers,
        quantities=(call_quantities() if CALLS_SAID in tree.entries else {})
        | metric_sources(_part(tree, "metrics"), measuring),
    )
    return names, measuring


def _part(tree: Branch, key: str) -> Node | None:
    """Give a section; one with nothing in it is as good as none."""
    node = tree.entries.get(key)
    return None if isinstance(node, Leaf) and node.text is None else node


def _general(tree: Branch) -> Branch:
    """Give the part of the file that is single values and unknown keys."""
    entries = {key: node for key, node in tree.entries.items() if key not in OWN_CHECK}
    return Branch(tree.where, entries, tree.lines)


def _shape_faults(tree: Branch) -> Iterator[Issue]:
    """Refuse a section that is not of its kind; what it should hold is checked elsewhere."""
    for key in MAPPINGS:
        node = _part(tree, key)
        if node is not None and not isinstance(node, Branch):
            message = f"{key}: needs `name: …` lines"
            yield Issue("invalid", message, tree.lines[key], hint="or leave the section out")
    node = _part(tree, "allocation")
    if node is not None and not isinstance(node, Items):
        hint = "- {rule: shared database, match: {service: shared-db}, driver: even}"
        yield Issue("invalid", "allocation: needs a list", tree.lines["allocation"], hint=hint)


def _hours(tree: Branch, issues: list[Issue]) -> WorkingHours | None:
    node = _part(tree, "working_hours") or Branch("")
    hours = _keep(validated(WorkingHours, node, "working_hours"), issues)
    if hours is not None and hours.end <= hours.start:
        message = f"working_hours: end ({hours.end}) must come after start ({hours.start})"
        where = tree.lines["working_hours"]
        issues.append(Issue("invalid", message, where, hint="hours of one day, such as 8 and 19"))
    return hours


def _zone_faults(tree: Branch) -> Iterator[Issue]:
    hours = tree.entries.get("working_hours")
    for branch in (tree, hours):
        leaf = branch.entries.get("timezone") if isinstance(branch, Branch) else None
        if isinstance(leaf, Leaf) and leaf.text and not leaf.broken and not _is_zone(leaf.text):
            hint = suggestion(leaf.text, available_timezones())
            if not hint.startswith("did"):
                hint = "a name such as UTC, Europe/Berlin or America/New_York"
            yield Issue("unknown_name", f"unknown timezone {leaf.text!r}", leaf.where, hint=hint)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _place(issue: Issue, main: str) -> tuple[bool, str, int]:
    """Sort by file, costper.yaml first, then by line."""
    name, _, line = issue.where.rpartition(":")
    return name != main, name, int(line) if line.isdecimal() else 0
