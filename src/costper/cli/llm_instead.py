"""The questions of `costper llm` about what could have been otherwise: savings and limits."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from costper.cli.context import Context
from costper.cli.llm_limits import limits_arguments, run_limits
from costper.cli.llm_savings import run_savings, savings_arguments


@dataclass(frozen=True, slots=True)
class Instead:
    """One question: what it is for, what it takes, and how it is answered."""

    help: str
    takes: Callable[[argparse.ArgumentParser], object]
    run: Callable[[argparse.Namespace, Context], int]


INSTEAD: Mapping[str, Instead] = {
    "savings": Instead(
        "what the same calls would have cost otherwise", savings_arguments, run_savings
    ),
    "limits": Instead("whom limits on spending would have touched", limits_arguments, run_limits),
}
