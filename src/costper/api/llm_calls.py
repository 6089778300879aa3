"""What every endpoint about LLM calls shares: which calls are meant, and the columns of usage."""

from __future__ import annotations

from costper.api.endpoint import Shape
from costper.api.parameters import Given, Parameter
from costper.pipeline.llm.chosen import CHOOSABLE, Chosen

CUSTOMER = "customer"
USUAL = {
    "environment": "; production unless said otherwise, `all` for every one.",
    "data_mode": "; real unless said otherwise, `all` for every one.",
}
WHICH = tuple(
    Parameter(
        name=name,
        kind="text",
        summary=f"Only calls of this {name.replace('_', ' ')}{USUAL.get(name, '.')}",
        any_signs=True,
    )
    for name in CHOOSABLE
)
USAGE: dict[str, Shape] = {
    "calls": "count",
    "input_tokens": "count",
    "output_tokens": "count",
    "cost": "amount",
    "call_cost": "amount",
    "cost_per_call": "amount",
    "tokens_per_call": "amount",
    "error_percent": "amount",
    "unpriced_calls": "count",
}


def which(given: Given) -> Chosen:
    """Give which calls are meant."""
    return Chosen(**{name: str(given[name]) for name in CHOOSABLE if name in given})
