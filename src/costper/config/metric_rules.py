"""Which settings of a metric contradict each other: what would add up to a number nobody has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from costper.config.lines import Branch
from costper.config.settings import USUAL, Aggregation, MetricKind, MetricSetting
from costper.model.outcome import Issue

Refused = Mapping[Aggregation, str]

NOT_FOR: Mapping[MetricKind, Refused] = {
    "active_users": {
        "sum": "a user of several days would count on each; the sum of daily users is no users",
    },
    "balance": {
        "sum": "what is there on two days would count twice",
    },
    "peak": {
        "sum": "peaks of different moments do not add up",
        "distinct": "a peak counts nothing that could be distinct",
    },
    "ratio": {
        "sum": "ratios do not add up",
        "distinct": "a ratio counts nothing that could be distinct",
    },
}
"""The aggregations that make no sense of a kind, and why."""

FILLED = ("previous", "linear")
"""The gap rules that reach over at most gap_days_max days."""


def contradictions(value: MetricSetting, node: Branch, label: str) -> Iterator[Issue]:
    """Give an issue for each two settings that cannot both be meant, at the line of one."""
    why = NOT_FOR.get(value.kind, {}).get(value.aggregation)
    if why is not None:
        usual = f"leave it out for {USUAL[value.kind]}"
        hint = usual if value.aggregation != "sum" else f"{usual}, or say kind: count"
        message = f"{label}: {value.kind} cannot be a {value.aggregation}: {why}"
        yield _at(node, "aggregation", message, hint)
    if value.aggregation == "distinct" and value.grain == "day" and value.gaps != "none":
        message = f"{label}: gaps {value.gaps!r} cannot fill a distinct count: nobody was seen"
        yield _at(node, "gaps", message, "leave gaps out")
    if value.grain != "day" and value.gaps != "none":
        message = f"{label}: gaps fill days, and each value is of a {value.grain}"
        yield _at(node, "gaps", message, "leave gaps out")
    if "gap_days_max" in node.entries and value.gaps not in FILLED:
        message = f"{label}: gap_days_max means nothing with gaps {value.gaps!r}"
        yield _at(node, "gap_days_max", message, "say gaps: previous or gaps: linear")


def _at(node: Branch, key: str, message: str, hint: str) -> Issue:
    return Issue("contradiction", message, node.lines.get(key, node.where), hint=hint)
