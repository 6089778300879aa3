"""What one billable line costs, exactly: the definition that SQL pricing is held to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from costper.model.call import Line
from costper.model.money import EXACT, amount
from costper.rating.rates import UNIT_PLACES, Rates, RateSet


def parts(line: Line) -> tuple[int, ...]:
    """Divide what a line counts over KINDS: no token in two of them, none left out.

    Cache writes beyond those kept for an hour are kept for five minutes. Cached tokens are text
    first: audio is only cached as far as it does not fit beside them. What a provider counts as
    part of a whole, beyond the whole, is not counted again.
    """
    for_hour = min(line.cache_write_1h_tokens, line.cache_write_tokens)
    fresh = max(line.input_tokens - line.cache_read_tokens - line.cache_write_tokens, 0)
    audio = min(line.audio_input_tokens, fresh)
    image = min(line.image_input_tokens, fresh - audio)
    audio_read = min(line.audio_input_tokens - audio, line.cache_read_tokens)
    spoken = min(line.audio_output_tokens, line.output_tokens)
    drawn = min(line.image_output_tokens, line.output_tokens - spoken)
    thought = min(line.reasoning_tokens, line.output_tokens - spoken - drawn)
    written = line.output_tokens - spoken - drawn - thought
    return (
        fresh - audio - image,
        0 if drawn else written,
        line.cache_read_tokens - audio_read,
        line.cache_write_tokens - for_hour,
        for_hour,
        thought,
        audio,
        spoken,
        audio_read,
        image,
        drawn,
        written if drawn else 0,
        line.web_searches,
        1 if line.input_tokens + line.output_tokens > 0 else 0,
    )


def price(line: Line, rates: Rates | None, half_hour: int = 0) -> Decimal | None:
    """Give what a line costs in USD at 18 places, None where a counted part has no rate.

    A model without rates is None too, also for a line that counts nothing: unknown is never $0.
    The request's fee is the one part that may have no rate: few vendors take it.
    """
    if rates is None:
        return None
    context = line.input_tokens if line.context_tokens is None else line.context_tokens
    return price_of_parts(parts(line), rates.at(context, half_hour))


def price_of_parts(counts: Sequence[int], rates: RateSet) -> Decimal | None:
    """Give what counts of KINDS cost at one set of rates; None where a counted kind has none.

    The counts may be sums over lines that one set of rates is for: the price is their sum as well.
    """
    *counted, requests = counts
    *chosen, fee = rates
    units = requests * _units(fee or Decimal(0))
    for count, rate in zip(counted, chosen, strict=True):
        if count and rate is None:
            return None
        units += count * _units(rate) if rate is not None else 0
    return amount(units, UNIT_PLACES)


def _units(rate: Decimal) -> int:
    return int(EXACT.scaleb(rate, UNIT_PLACES))
