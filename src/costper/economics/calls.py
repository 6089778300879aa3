"""What calls of models add up to, and what follows from the sums: never from means of means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

from costper.economics.trend import ratio
from costper.economics.verdict import percent
from costper.model.answer import Absent
from costper.model.money import total as total_of

Amount = Decimal | Absent
UNPRICED = Absent("unpriced")
"""Nobody said what the calls cost: not the provider, not the catalogue. It is never zero."""

NO_CALLS = Absent("no_calls")
NO_TOKENS = Absent("no_tokens")
NO_COST = Absent("no_cost")
NOT_TIMED = Absent("not_timed")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Sums over some calls. `cost` is of record, `call_cost` by price; unpriced calls in neither.

    `retries` are the calls that were not the first attempt of their operation. Cached tokens are
    part of the input tokens.
    """

    calls: int = 0
    errors: int = 0
    retries: int = 0
    cached_calls: int = 0
    unpriced_calls: int = 0
    estimated_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    latency_calls: int = 0
    latency_ms_sum: int = 0
    call_cost: Decimal = ZERO
    cost: Decimal = ZERO

    def __add__(self, other: Used) -> Used:
        """Add two sums, exactly."""
        return added((self, other))

    @property
    def tokens(self) -> int:
        """Give input and output together."""
        return self.input_tokens + self.output_tokens

    @property
    def priced_calls(self) -> int:
        """Count the calls whose cost is known."""
        return self.calls - self.unpriced_calls

    @property
    def operations(self) -> int:
        """Count the first attempts: what was wanted, however often it was tried."""
        return self.calls - self.retries

    @property
    def cost_of_record(self) -> Amount:
        """Give the cost; null where there is none because nothing is priced."""
        return UNPRICED if self._unknown and not self.cost else self.cost

    @property
    def estimate(self) -> Amount:
        """Give what the calls cost by price; null where nothing is priced."""
        return UNPRICED if self._unknown and not self.call_cost else self.call_cost

    @property
    def by_price(self) -> Used:
        """Give the same calls at what they cost by price, as no invoice has trued them up.

        Days an invoice covers and days it is awaited for are compared by this alone.
        """
        return replace(self, cost=self.call_cost)

    @property
    def _unknown(self) -> bool:
        """Say whether there is nothing but unpriced lines, also of calls counted elsewhere."""
        return self.unpriced_calls > 0 and self.priced_calls <= 0

    @property
    def cost_per_call(self) -> Amount:
        """Give cost ÷ the calls whose cost is known."""
        if not self.calls:
            return NO_CALLS
        if self.priced_calls <= 0:
            return UNPRICED
        return ratio(self.cost, Decimal(self.priced_calls))

    @property
    def tokens_per_call(self) -> Amount:
        """Give (input + output) ÷ calls, to one place."""
        return _over(self.tokens, self.calls, NO_CALLS)

    @property
    def input_per_call(self) -> Amount:
        """Give input tokens ÷ calls, to one place."""
        return _over(self.input_tokens, self.calls, NO_CALLS)

    @property
    def output_per_call(self) -> Amount:
        """Give output tokens ÷ calls, to one place."""
        return _over(self.output_tokens, self.calls, NO_CALLS)

    @property
    def cost_per_million_tokens(self) -> Amount:
        """Give cost ÷ tokens, of a million of them."""
        if self._unknown:
            return UNPRICED
        return ratio(self.cost, Decimal(self.tokens).scaleb(-6)) if self.tokens else NO_TOKENS

    @property
    def error_percent(self) -> Amount:
        """Give the share of calls that failed."""
        return share(self.errors, self.calls, NO_CALLS)

    @property
    def retry_percent(self) -> Amount:
        """Give the share of calls that were attempts after the first."""
        return share(self.retries, self.calls, NO_CALLS)

    @property
    def attempts_per_operation(self) -> Amount:
        """Give how many calls one operation took."""
        if self.operations <= 0:
            return NO_CALLS
        return ratio(Decimal(self.calls), Decimal(self.operations), 4)

    @property
    def cache_hit_percent(self) -> Amount:
        """Give the share of input tokens that were read from a cache."""
        return share(self.cache_read_tokens, self.input_tokens, NO_TOKENS)

    @property
    def latency_mean_ms(self) -> int | Absent:
        """Give the mean over the calls that were timed."""
        if not self.latency_calls:
            return NOT_TIMED
        return (2 * self.latency_ms_sum + self.latency_calls) // (2 * self.latency_calls)


SUMMED = tuple(field.name for field in fields(Used))
COUNTED = tuple(name for name in SUMMED if name not in {"call_cost", "cost"})


def added(parts: Iterable[Used]) -> Used:
    """Add sums up, exactly: column by column, as there may be thousands."""
    some = [*parts]
    if len(some) == 1:
        return some[0]
    counts = {name: sum(map(attrgetter(name), some)) for name in COUNTED}
    return Used(
        **counts,
        call_cost=total_of([one.call_cost for one in some]),
        cost=total_of([one.cost for one in some]),
    )


def share(part: int | Decimal, whole: int | Decimal, lack: Absent) -> Amount:
    """Give part ÷ whole in percent, to two places; `lack` where the whole is nothing."""
    return percent(Fraction(part) / Fraction(whole)) if whole else lack


def _over(part: int, whole: int, lack: Absent) -> Amount:
    return ratio(Decimal(part), Decimal(whole), 1) if whole else lack
