"""Which bills pay for which calls: the provider's invoice by day, as the books hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costper.config.settings import Settings
from costper.store.books import Books
from costper.store.engine import Parameter
from costper.store.record import cost_of_record

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
    """The source that holds a provider's invoice; `words` are of its services, () for all."""

    provider: str
    source: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What a provider billed for one day, in one currency: the cost of record."""

    provider: str
    source: str
    day: date
    currency: str
    amount: Decimal


def invoices(settings: Settings) -> tuple[Invoice, ...]:
    """Give the invoices that costper.yaml names, by provider."""
    said = settings.llm.calls.invoices
    return tuple(
        Invoice(provider=name, source=source, words=SERVICES.get(name, ()))
        for name, source in sorted(said.items())
    )


def billed_days(books: Books) -> tuple[Billed, ...]:
    """Give what invoices say of each day they have a charge for, in order."""
    found: list[Billed] = []
    for invoice in invoices(books.settings):
        where, params = chosen(invoice)
        cost = cost_of_record(books.settings, invoice.source)
        rows = books.engine.query(
            f"SELECT day, currency, SUM({cost}) AS amount FROM charge_daily AS d "
            f"WHERE {where} GROUP BY day, currency ORDER BY day, currency",
            params,
        ).to_pylist()
        found.extend(
            Billed(provider=invoice.provider, source=invoice.source, **row) for row in rows
        )
    return tuple(found)


def chosen(invoice: Invoice) -> tuple[str, Mapping[str, Parameter]]:
    """Write the condition on charges that picks an invoice's, with its parameters."""
    params: dict[str, Parameter] = {"invoice": invoice.source}
    params |= {f"word_{place}": f"%{word}%" for place, word in enumerate(invoice.words)}
    alike = " OR ".join(
        f"LOWER(service_name) LIKE $word_{place}" for place in range(len(invoice.words))
    )
    return f"source = $invoice{f' AND ({alike})' if alike else ''}", params
