"""The rules of allocation that calls bring along: who a service account or an invoice is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from costper.config.settings import Settings
from costper.model.allocation import Match, Rule
from costper.model.call import CALLS
from costper.model.dimension import normal
from costper.pipeline.calls.invoices import invoices
from costper.pipeline.calls.measures import weight_of

ACCOUNTS = "service accounts"
"""After the name of the rule that divides their cost."""


def with_call_rules(settings: Settings, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Put the rules of service accounts before all others, those of invoices after them."""
    return (*_accounts(settings, rules), *rules, *_invoices(settings))


def call_quantities(settings: Settings) -> Mapping[str, tuple[str, str]]:
    """Give the measurements that the rules of invoices weigh by, as a definition names them."""
    names = (weight_of(invoice.provider) for invoice in invoices(settings))
    return {name: (CALLS, name) for name in names}


def _accounts(settings: Settings, rules: tuple[Rule, ...]) -> Iterator[Rule]:
    """Let a rule that service accounts name divide their calls, whatever else it matches."""
    named: dict[str, list[str]] = {}
    for account, said in settings.llm.service_accounts.items():
        if said.allocate:
            named.setdefault(said.allocate, []).append(normal(account))
    for rule in rules:
        if rule.name in named:
            match = (
                Match(key="source", values=(CALLS,)),
                Match(key="tags.service_account", values=tuple(sorted(named[rule.name]))),
                Match(key="customer", present=False),
            )
            yield replace(rule, name=f"{rule.name}: {ACCOUNTS}", match=match, stage=1)


def _invoices(settings: Settings) -> Iterator[Rule]:
    """Divide what no rule takes of an invoice by the calls it pays for."""
    for invoice in invoices(settings):
        services = (Match(key="service_name", values=tuple(f"*{w}*" for w in invoice.words)),)
        yield Rule(
            name=f"{invoice.source} by calls of {invoice.provider}",
            driver="by_quantity",
            quantity=weight_of(invoice.provider),
            on=(),
            match=(
                Match(key="source", values=(invoice.source,)),
                *(services if invoice.words else ()),
                Match(key="customer", present=False),
            ),
            where=f"{settings.path.name}: llm.calls.invoices.{invoice.provider}",
        )
