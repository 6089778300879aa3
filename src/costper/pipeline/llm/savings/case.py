"""One way the same calls would have cost otherwise, as a row of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from costper.economics.call_savings import Span, monthly, saved, saved_percent
from costper.model.answer import Row
from costper.pipeline.llm.savings.observed import Evidence

Lever = Literal["model", "batch", "caching", "routing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What some calls cost by the catalogue, and what they would have cost.

    `of` names the calls, `to` what would have been other. `assumes` is in words, a sentence each.
    `more` is evidence of this lever alone.
    """

    lever: Lever
    of: str
    model: str
    to: str
    now: Decimal
    would: Span
    assumes: tuple[str, ...]
    evidence: Evidence
    more: tuple[tuple[str, int], ...] = ()

    @property
    def saved(self) -> Span:
        """What is saved over the days that were observed."""
        return saved(self.now, self.would)


def row_of(case: Case, days: int) -> Row:
    """Write a case, its saving as that of a month when `days` were observed."""
    saving = case.saved
    evidence = case.evidence
    return {
        "lever": case.lever,
        "of": case.of,
        "model": case.model,
        "to": case.to,
        "now": case.now,
        "would_low": case.would.low,
        "would_likely": case.would.likely,
        "would_high": case.would.high,
        "saved_percent": saved_percent(case.now, case.would.likely),
        "monthly_saving": monthly(saving.likely, days),
        "monthly_saving_low": monthly(saving.low, days),
        "monthly_saving_high": monthly(saving.high, days),
        "calls": evidence.calls,
        "input_tokens": evidence.input_tokens,
        "output_tokens": evidence.output_tokens,
        "cache_read_tokens": evidence.cache_read_tokens,
        "longest_context_tokens": evidence.longest,
        "days": evidence.days,
        "assumes": case.assumes,
        "evidence": tuple({"what": name, "count": many} for name, many in case.more),
    }
