"""Turns the section `metrics` into business numbers, each read from one number of one source."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from costper.config.declared import NAME, NAME_HINT, type_of
from costper.config.lines import Branch, Leaf, Node
from costper.config.metric_rules import contradictions
from costper.config.settings import MetricSetting, SourceType
from costper.config.validation import validated
from costper.errors import suggestion
from costper.model.outcome import Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """A source that measures: what it calls its numbers, and by which dimensions it has them.

    `dimensions` is None where its settings do not say.
    """

    numbers: tuple[str, ...]
    dimensions: tuple[str, ...] | None


def measuring_sources(
    section: Node | None, catalogue: Sequence[SourceType]
) -> dict[str, Measuring]:
    """Find the sources that measure, well declared or not."""
    types = {one.name: one for one in catalogue if one.kind == "measurements"}
    entries = section.entries if isinstance(section, Branch) else {}
    found: dict[str, Measuring] = {}
    for name, node in entries.items():
        one = types.get(type_of(node) or "")
        if one is not None and isinstance(node, Branch):
            says = "dimensions" in one.settings.model_fields
            dimensions = _keys(node.entries.get("dimensions")) if says else None
            found[name] = Measuring(numbers=_numbers(name, node), dimensions=dimensions)
    return found


def dimension_faults(
    section: Node | None, sources: Collection[str], dimensions: Collection[str]
) -> Iterator[Issue]:
    """Refuse measurements by a dimension that is not declared: nothing could ask for it."""
    for name in sources:
        node = section.entries[name] if isinstance(section, Branch) else None
        said = node.entries.get("dimensions") if isinstance(node, Branch) else None
        for dimension, where in said.lines.items() if isinstance(said, Branch) else ():
            if dimension not in dimensions:
                hint = suggestion(dimension, dimensions)
                yield Issue("unknown_name", f"unknown dimension {dimension!r}", where, hint=hint)


def read_metrics(
    section: Node | None, sources: Mapping[str, Measuring], dimensions: Collection[str]
) -> tuple[tuple[MetricSetting, ...], tuple[Issue, ...]]:
    """Give the declared metrics, then a summed one for each number that none of them reads."""
    found: list[MetricSetting] = []
    issues: list[Issue] = []
    for name, node in section.entries.items() if isinstance(section, Branch) else ():
        value, faults = validated(MetricSetting, node, f"metrics.{name}")
        if not NAME.fullmatch(name):
            message = f"{name!r} cannot name a metric"
            faults = (*faults, Issue("invalid", message, node.where, hint=NAME_HINT))
        if value is not None and isinstance(node, Branch):
            faults = (*faults, *_metric_faults(name, value, node, sources))
            faults = (*faults, *_group_faults(value, node, dimensions))
            faults = (*faults, *contradictions(value, node, f"metrics.{name}"))
        issues.extend(faults)
        if value is not None and not faults:
            source = value.source or name
            number = _number_of(name, sources[source])
            named = {"name": name, "source": source, "measured": number}
            found.append(value.model_copy(update=named))
    return (*found, *_implied(found, sources)), tuple(issues)


def metric_sources(section: Node | None, sources: Mapping[str, Measuring]) -> dict[str, Measuring]:
    """Give what a rule's `quantity` may name, and the source behind each."""
    found: dict[str, Measuring] = {}
    for name, source in sources.items():
        alone = (name,) if len(source.numbers) == 1 else ()
        found |= dict.fromkeys((*alone, *source.numbers), source)
    for name, node in section.entries.items() if isinstance(section, Branch) else ():
        leaf = node.entries.get("source") if isinstance(node, Branch) else None
        said = leaf.text if isinstance(leaf, Leaf) and leaf.text else name
        found[name] = sources.get(said, Measuring(numbers=(), dimensions=None))
    return found


def _implied(
    declared: Sequence[MetricSetting], sources: Mapping[str, Measuring]
) -> Iterator[MetricSetting]:
    read = {(metric.source, metric.measured) for metric in declared}
    taken = {metric.name for metric in declared}
    for source, measuring in sources.items():
        for number in measuring.numbers:
            if (source, number) not in read and number not in taken:
                taken.add(number)
                yield MetricSetting(name=number, source=source, measured=number)


def _number_of(name: str, source: Measuring) -> str:
    """A metric reads the number of its own name, or the only one there is."""
    return name if name in source.numbers else source.numbers[0]


def _metric_faults(
    name: str, value: MetricSetting, node: Branch, sources: Mapping[str, Measuring]
) -> Iterator[Issue]:
    for key in ("name", "measured"):
        if key in node.entries:
            hint = f"its name is the key it stands under: {name}"
            yield Issue("unknown_key", f"unknown key {key!r}", node.lines[key], hint=hint)
    said = value.source or name
    where = node.entries.get("source", node).where
    source = sources.get(said)
    if source is None:
        hint = suggestion(said, sources)
        yield Issue("unknown_name", f"unknown measurements source {said!r}", where, hint=hint)
    elif len(source.numbers) > 1 and name not in source.numbers:
        hint = suggestion(name, source.numbers)
        message = f"{said} measures several numbers, and none is called {name!r}"
        yield Issue("unknown_name", message, where, hint=hint)


def _group_faults(
    value: MetricSetting, node: Branch, dimensions: Collection[str]
) -> Iterator[Issue]:
    for dimension in value.group_by:
        if dimension not in dimensions:
            where = node.lines["group_by"]
            hint = suggestion(dimension, dimensions)
            yield Issue("unknown_name", f"unknown dimension {dimension!r}", where, hint=hint)


def _numbers(name: str, node: Branch) -> tuple[str, ...]:
    """Name what a source measures: its `values`, its `metric`, or itself."""
    values = _keys(node.entries.get("values"))
    metric = node.entries.get("metric")
    if values:
        return values
    return (metric.text,) if isinstance(metric, Leaf) and metric.text else (name,)


def _keys(node: Node | None) -> tuple[str, ...]:
    return tuple(node.entries) if isinstance(node, Branch) else ()
