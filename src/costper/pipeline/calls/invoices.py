"""Which bills pay for which calls: the provider's invoice by day, as the books hold it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from costper.allocation.dimension import tags_of
from costper.config.settings import Settings
from costper.model.charge import ATTRIBUTES
from costper.model.dimension import normal
from costper.model.money import total
from costper.model.names import quoted
from costper.model.period import Period
from costper.store.engine import Engine, Parameter
from costper.store.record import cost_of_record

MODEL = "tags.model"
"""What names the model of a charge, where settings say nothing else."""

CURRENCY = "USD"
"""What calls are priced in."""

SERVICES: Mapping[str, tuple[str, ...]] = {
    "aws": ("bedrock",),
    "azure": ("openai", "foundry", "cognitive", "ai services"),
    "google": ("vertex", "gemini", "generative"),
}
"""Providers that bill much else: words of which one is in the service names of their models.

Of all other providers every charge of the invoice's source pays for calls.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """The source that holds a provider's invoice; `words` are of its services, () for all.

    `model` is what of a charge names the model: an attribute, or `tags.KEY`.
    """

    provider: str
    source: str
    words: tuple[str, ...] = ()
    model: str = MODEL


DATED = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What a provider billed for one day and model, in one currency: the cost of record.

    `model` is the family bills and calls agree on, '' where the bill names none.
    """

    provider: str
    source: str
    day: date
    currency: str
    model: str
    amount: Decimal


def family(model: str) -> str:
    """Give a model's name as bills and calls agree on it: without a date, in one spelling.

    >>> family("gpt-5.5-2026-04-14"), family("Claude-Sonnet-4-5-20250929"), family("GPT 4o")
    ('gpt-5.5', 'claude-sonnet-4-5', 'gpt-4o')
    """
    return DATED.sub("", normal(model).replace(" ", "-"))


def invoices(settings: Settings) -> tuple[Invoice, ...]:
    """Give the invoices that costper.yaml names, by provider."""
    said = settings.llm.calls.invoices
    models = settings.llm.calls.models
    return tuple(
        Invoice(
            provider=name,
            source=source,
            words=SERVICES.get(name, ()),
            model=models.get(name, MODEL),
        )
        for name, source in sorted(said.items())
    )


class Bills(Protocol):
    """The part of the books that says what was billed."""

    @property
    def engine(self) -> Engine:
        """Where bills are asked, by day."""
        ...

    @property
    def settings(self) -> Settings:
        """What costper.yaml says."""
        ...


def billed_days(books: Bills, period: Period | None = None) -> tuple[Billed, ...]:
    """Give what invoices say of each day they have a charge for, in order; only of a period."""
    found: dict[tuple[str, str, date, str, str], list[Decimal]] = {}
    for invoice in invoices(books.settings):
        for row in _charged(books, invoice, period):
            model = family(_model(invoice, row["said"]))
            key = (invoice.provider, invoice.source, row["day"], row["currency"], model)
            found.setdefault(key, []).append(row["amount"])
    return tuple(
        Billed(
            provider=provider,
            source=source,
            day=day,
            currency=currency,
            model=model,
            amount=total(found[provider, source, day, currency, model]),
        )
        for provider, source, day, currency, model in sorted(found)
    )


def _model(invoice: Invoice, said: str) -> str:
    head, dot, key = invoice.model.partition(".")
    return tags_of(said).get(normal(key), "") if dot and head == "tags" else said


def _charged(books: Bills, invoice: Invoice, period: Period | None) -> list[dict[str, Any]]:
    where, params = chosen(invoice)
    if period is not None:
        where += " AND day >= $start AND day < $end"
        params = {**params, "start": period.start, "end": period.end}
    cost = cost_of_record(books.settings, invoice.source)
    said = quoted(ATTRIBUTES.get(invoice.model, "tags"))
    rows: list[dict[str, Any]] = books.engine.query(
        f"SELECT day, currency, {said} AS said, SUM({cost}) AS amount FROM charge_daily AS d "
        f"WHERE {where} GROUP BY day, currency, {said}",
        params,
    ).to_pylist()
    return rows


def chosen(invoice: Invoice) -> tuple[str, Mapping[str, Parameter]]:
    """Write the condition on charges that picks an invoice's, with its parameters."""
    params: dict[str, Parameter] = {"invoice": invoice.source}
    params |= {f"word_{place}": f"%{word}%" for place, word in enumerate(invoice.words)}
    alike = " OR ".join(
        f"LOWER(service_name) LIKE $word_{place}" for place in range(len(invoice.words))
    )
    return f"source = $invoice{f' AND ({alike})' if alike else ''}", params
