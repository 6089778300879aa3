"""The section `llm`: who caused LLM calls, what they are priced by, what is read of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, WithJsonSchema, model_validator

from costper.config.fields import field_fault
from costper.config.lines import Branch, Items, Leaf, Node
from costper.config.section import Section, Word, Words
from costper.config.validation import validated
from costper.errors import suggestion
from costper.model.dimension import normal
from costper.model.outcome import Issue
from costper.model.person import looks_like_email

FILE = "file"
"""The only key of a mapping that stands in a file of its own."""

Times = Annotated[
    Decimal,
    Field(gt=1, le=10_000, decimal_places=6),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 1, "maximum": 10_000}),
]


class ServiceAccount(Section):
    """A program that calls models by itself: whose its cost is, or which rule divides it."""

    customer: str = ""
    """The customer that pays for it, where a call names none."""
    team: str = ""
    """The team that answers for it, where a call names none."""
    allocate: str = ""
    """The rule of `allocation` that divides its cost over customers."""
    ids: Words = ()
    """User ids that calls of this account come under."""

    @model_validator(mode="after")
    def _has_a_home(self) -> ServiceAccount:
        """Refuse an account whose cost goes nowhere, or to two places."""
        if not (self.customer or self.team or self.allocate):
            raise ValueError("needs a customer, a team, or a rule that allocates it")
        if self.customer and self.allocate:
            raise ValueError("either a customer pays for it or a rule allocates it, not both")
        return self


class IngestSettings(Section):
    """How much may wait for the books before senders are told to come back later."""

    queue_events_max: int = Field(default=200_000, ge=1_000, le=100_000_000)
    """Events that may wait in memory to become durable; beyond, requests get 503."""
    spool_mib_max: int = Field(default=4_096, ge=16, le=1_048_576)
    """Durable events that may wait for the books, in MiB; beyond, requests get 503."""


class CallSettings(Section):
    """What calls are beside bills."""

    charges: bool = True
    """Whether calls become charges, carried to customers like any bill."""
    invoices: dict[str, Word] = Field(default_factory=dict[str, str])
    """Provider → the source of its invoice, which calls are trued up to: openai: openai_bill."""
    models: dict[str, Word] = Field(default_factory=dict[str, str])
    """Provider → what of its invoice's charges names the model: openai: sku; else tags.model."""


class BurstSettings(Section):
    """From when on a user's hour is a burst."""

    requests_per_hour: int | None = Field(default=None, ge=1)
    """More requests of one user in an hour are a burst; no such limit when left out."""
    tokens_per_hour: int | None = Field(default=None, ge=1)
    """More tokens of one user in an hour are a burst; no such limit when left out."""
    times_usual: Times = Decimal(10)
    """So many times the user's usual busy hour is a burst."""


class LlmSettings(Section):
    """LLM calls: who caused them, what they are priced by, what is read of them."""

    hash_emails: bool = False
    """Whether an e-mail address sent as an id is hashed at the door; refused otherwise."""
    aliases: dict[str, Word] = Field(default_factory=dict[str, str])
    """Other ids of a user → the one user: auth0|123: jane; or file: aliases.csv."""
    tenants: dict[str, Word | Annotated[dict[date, Word], Field(min_length=1)]] = Field(
        default_factory=dict[str, str | dict[date, str]]
    )
    """Tenant → customer, or day → customer where it changed; or file: tenants.csv."""
    service_accounts: dict[str, ServiceAccount] = Field(default_factory=dict[str, ServiceAccount])
    """Programs that call models by themselves, and whose their cost is."""
    internal_tenants: Words = ()
    """Tenants of our own: their use is told apart from that of customers."""
    free_plans: Words = ()
    """Plans that pay nothing: their use is told apart."""
    prices: Words = ()
    """Files of own prices, each over those before: contracts, discounts, own models."""
    ingest: IngestSettings = IngestSettings()
    """How much may wait for the books."""
    calls: CallSettings = CallSettings()
    """What calls are beside bills."""
    burst: BurstSettings = BurstSettings()
    """From when on a user's hour is a burst."""

    @property
    def tenant_file(self) -> str:
        """The file the tenants stand in, '' where costper.yaml holds them itself."""
        return _file_of(self.tenants)

    @property
    def alias_file(self) -> str:
        """The file the aliases stand in, '' where costper.yaml holds them itself."""
        return _file_of(self.aliases)


def read_llm(
    node: Node | None, sources: Collection[str], rules: Collection[str]
) -> tuple[LlmSettings | None, tuple[Issue, ...]]:
    """Give the section, or every fault of it; `sources` and `rules` are names it may use."""
    if node is None:
        return LlmSettings(), ()
    value, faults = validated(LlmSettings, node, "llm")
    if value is None or not isinstance(node, Branch):
        return None, faults
    told = (
        *faults,
        *_repeated(node, "tenants"),
        *_repeated(node, "service_accounts"),
        *_unknown_names(node, value, sources, rules),
        *_model_faults(node, value),
        *_alias_faults(node, value),
        *_email_faults(node, value),
    )
    return (None if told else value), told


def names_in(section: Node | None) -> tuple[str, ...]:
    """Name what a section declares: its keys, or the `rule` of each of its items."""
    if isinstance(section, Branch):
        return tuple(section.entries)
    items = section.items if isinstance(section, Items) else ()
    named = (item.entries.get("rule") for item in items if isinstance(item, Branch))
    return tuple(leaf.text for leaf in named if isinstance(leaf, Leaf) and leaf.text)


def _file_of(mapping: Mapping[str, object]) -> str:
    alone = mapping.get(FILE) if len(mapping) == 1 else None
    return alone if isinstance(alone, str) else ""


def _within(node: Branch, *keys: str) -> Branch:
    """Walk down to a mapping; an empty one where it is not there."""
    for key in keys:
        inner = node.entries.get(key)
        if not isinstance(inner, Branch):
            return Branch(node.where)
        node = inner
    return node


def _repeated(node: Branch, key: str) -> Iterator[Issue]:
    """Refuse two names that are one name but for capitals and spaces."""
    section = _within(node, key)
    seen: dict[str, str] = {}
    for name in section.entries:
        form = normal(name)
        if not form:
            yield Issue("invalid", f"llm.{key}: an empty name", section.lines[name])
        elif form in seen:
            hint = "capitals and spaces do not tell names apart"
            message = f"llm.{key}: {name!r} is {seen[form]!r} again"
            yield Issue("duplicate", message, section.lines[name], hint=hint)
        seen.setdefault(form, name)


def _unknown_names(
    node: Branch, value: LlmSettings, sources: Collection[str], rules: Collection[str]
) -> Iterator[Issue]:
    lines = _within(node, "calls", "invoices").entries
    for provider, name in value.calls.invoices.items():
        if name not in sources:
            hint = suggestion(name, sources)
            yield Issue(
                "unknown_name", f"unknown source {name!r}", lines[provider].where, hint=hint
            )
    for account, said in value.service_accounts.items():
        if said.allocate and said.allocate not in rules:
            where = _within(node, "service_accounts", account).entries["allocate"].where
            hint = suggestion(said.allocate, rules)
            message = f"unknown rule {said.allocate!r}"
            yield Issue("unknown_name", message, where, hint=hint)


def _model_faults(node: Branch, value: LlmSettings) -> Iterator[Issue]:
    """Refuse a model's field of no invoice, and one that no charge has."""
    lines = _within(node, "calls", "models").entries
    for provider, field in value.calls.models.items():
        where = lines[provider].where
        if provider not in value.calls.invoices:
            hint = suggestion(provider, value.calls.invoices)
            yield Issue("unknown_name", f"{provider!r} has no invoice", where, hint=hint)
        fault = field_fault(field, where)
        if fault is not None:
            yield fault


def _alias_faults(node: Branch, value: LlmSettings) -> Iterator[Issue]:
    """Refuse an alias of an alias: whoever reads the file shall see the user at once.

    Messages name no id: they go into logs, and ids may be people's addresses.
    """
    if value.alias_file:
        return
    lines = _within(node, "aliases").lines
    for alias, user in value.aliases.items():
        if user in value.aliases:
            hint = "lead every alias to the user's own id"
            message = "llm.aliases: leads to what is an alias itself"
            yield Issue("invalid", message, lines[alias], hint=hint)


def _email_faults(node: Branch, value: LlmSettings) -> Iterator[Issue]:
    """Refuse a user who is an e-mail address, unless those are hashed."""
    if value.hash_emails or value.alias_file:
        return
    lines = _within(node, "aliases").lines
    for alias, user in value.aliases.items():
        if looks_like_email(user):
            hint = "use an id of your own, or set hash_emails: true"
            message = "llm.aliases: leads to an e-mail address"
            yield Issue("invalid", message, lines[alias], hint=hint)
