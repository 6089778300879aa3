"""The metrics that LLM calls bring along, declared or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from costper.config.metrics import Measuring
from costper.config.settings import MetricSetting
from costper.model.call import CALLS

MEASURED: tuple[tuple[str, str, str], ...] = (
    ("ai_cost", "dollar", "What LLM calls cost by price, in US dollars; an invoice may differ."),
    ("ai_calls", "call", "LLM calls of real use, priced or not."),
    ("ai_tokens", "token", "Tokens of LLM calls, those put in and those that came out."),
)
"""Name, unit and description; each is a number of the source `calls`."""


def call_metrics(declared: Iterable[MetricSetting]) -> Iterator[MetricSetting]:
    """Give the metrics of calls whose names nobody has taken."""
    taken = {one.name for one in declared}
    for name, unit, description in MEASURED:
        if name not in taken:
            yield MetricSetting(
                name=name, source=CALLS, measured=name, unit=unit, description=description
            )


def call_quantities() -> dict[str, Measuring]:
    """Give what a rule's `quantity` may name of calls."""
    numbers = tuple(name for name, _, _ in MEASURED)
    return dict.fromkeys(numbers, Measuring(numbers=numbers, dimensions=None))
