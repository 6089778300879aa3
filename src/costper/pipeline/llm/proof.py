"""Says how the cost of one line of a call follows from its counts and a price list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from costper.model.call import COUNTS, Line
from costper.pipeline.calls.price_book import known_catalogues
from costper.rating.catalogue import Catalogue
from costper.rating.price import parts, price_of_parts
from costper.rating.prices import rates_of
from costper.rating.rates import Rates, RateSet, half_hour_of
from costper.rating.terms import Term, terms
from costper.store.books import Books

PROVIDER = "provider"
UNPRICED = "unpriced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Why a line costs what it does: `terms` add up to it where a price list says so.

    `sources` name the rows of the list, `since` is the first day they hold (None: always).
    """

    how: str
    terms: tuple[Term, ...] = ()
    sources: tuple[str, ...] = ()
    since: date | None = None


@dataclass(slots=True)
class Prover:
    """Knows the price lists of the books; earlier ones are read only where they are needed."""

    books: Books
    _read: list[Catalogue] = field(default_factory=list[Catalogue])
    _unread: Iterator[Catalogue] | None = None
    _rates: dict[tuple[object, ...], Rates | None] = field(
        default_factory=dict[tuple[object, ...], Rates | None]
    )

    def proof(self, line: Mapping[str, Any]) -> Proof:
        """Explain a row of `calls`."""
        if line["price_status"] == PROVIDER:
            return Proof(how="as the provider said")
        named = f"{line['provider']}/{line['model']} at {line['tier']}"
        if line["price_status"] == UNPRICED:
            return Proof(how=f"nobody had a price for {named}")
        counts = parts(Line(**{name: line[name] for name in COUNTS}))
        for catalogue in self._catalogues():
            rates = self._rates_of(catalogue, line)
            at = _at(rates, line)
            if rates is not None and at and price_of_parts(counts, at) == line["rated_cost"]:
                found = terms(counts, at)
                how = " + ".join(term.text() for term in found) or "nothing was counted"
                return Proof(how=how, terms=found, sources=rates.sources, since=rates.since)
        version = line["price_version"]
        return Proof(
            how=f"by the prices of {version}, which are no longer kept: `costper reprice` renews it"
        )

    def _catalogues(self) -> Iterator[Catalogue]:
        yield from tuple(self._read)
        if self._unread is None:
            self._unread = known_catalogues(self.books)
        for catalogue in self._unread:
            self._read.append(catalogue)
            yield catalogue

    def _rates_of(self, catalogue: Catalogue, line: Mapping[str, Any]) -> Rates | None:
        key = (line["provider"], line["model"], line["tier"], line["day"])
        known = (catalogue.version, *key)
        if known not in self._rates:
            self._rates[known] = rates_of(catalogue, *key)
        return self._rates[known]


def _at(rates: Rates | None, line: Mapping[str, Any]) -> RateSet | None:
    context = line["context_tokens"]
    context = line["input_tokens"] if context is None else context
    return None if rates is None else rates.at(context, half_hour_of(line["at"]))


def cost_of(line: Mapping[str, Any]) -> Decimal:
    """Give what a line costs; an unpriced one adds nothing."""
    return line["cost"] or Decimal(0)
