"""Checks what one event says, word by word and number by number, and settles how it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec

from costper.events.batch import Batch, Remark
from costper.events.event import MOST_LINES, MOST_TOKENS, Event, Line
from costper.events.instant import ANY_SKEW_US, DAY_US, MICROS, SINCE_US, micros
from costper.events.quick import Said
from costper.events.words import UnknownWord, environment_of, mode_of, status_of, tier_of
from costper.model.call import COUNTS

MOST_COST = Decimal(10**9)
COST_PLACES = 18
COST = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
"""Decimal takes 1_0 and digits of other scripts too; an exponent is how programs write 8.37e-07."""

LONGEST_COST = 64
"""Characters of a cost, trailing zeros included."""

UNKNOWN = "unknown"
"""The provider of a call whose instrumentation names none."""


def words_fault(
    event: Event, batch: Batch, index: int, canonical: Callable[[str], str]
) -> Remark | None:
    """Put an event's words in the forms the books keep, or say which one nobody knows."""
    found = _settled(event, batch, index, canonical)
    if isinstance(found, Remark):
        return found
    event.provider, event.service_tier, event.environment, event.data_mode, event.status = found
    return None


def are_plain(said: Said) -> bool:
    """Say whether words are settled alike whoever sends them: none is missing or unknown."""
    provider, tier, _, mode, status, *_ = said
    found = (tier_of(tier), mode_of(mode), status_of(status))
    return bool(provider) and not any(isinstance(word, UnknownWord) for word in found)


def _settled(
    event: Event, batch: Batch, index: int, canonical: Callable[[str], str]
) -> tuple[str, str, str, str, str] | Remark:
    """Give provider, tier, environment, data mode and status, or what is wrong with one."""
    provider = canonical(event.provider) if event.provider else ""
    if not provider:
        if not batch.lenient:
            return Remark(
                index=index,
                code="missing",
                reason="provider is missing",
                hint="say who served the call, such as openai",
                field="provider",
            )
        provider = UNKNOWN
    words: list[str] = []
    for found, otherwise in (
        (tier_of(event.service_tier), "standard"),
        (mode_of(event.data_mode), "real"),
        (status_of(event.status), "error"),
    ):
        if isinstance(found, str):
            words.append(found)
            continue
        if not batch.lenient:
            return _unknown(found, index)
        batch.warn(_unknown(found, index))
        words.append(otherwise)
    tier, mode, status = words
    return provider, tier, environment_of(event.environment), mode, status


def _unknown(word: UnknownWord, index: int) -> Remark:
    reason = f"unknown {word.field} {word.said[:64]!r}"
    return Remark(index=index, code="unknown_word", reason=reason, hint=word.hint, field=word.field)


def model_fault(event: Event, index: int) -> Remark | None:
    """Refuse an event that names no model: nobody can price it, nor say what it was."""
    if event.model or (event.lines and all(line.model for line in event.lines)):
        return None
    return Remark(
        index=index,
        code="missing",
        reason="model is missing",
        hint="say which model was asked, such as gpt-4o",
        field="model",
    )


def time_fault(event: Event, batch: Batch, index: int, now_us: int) -> Remark | None:
    """Make the timestamp microseconds since 1970; arrival where none is said."""
    said = event.timestamp
    at = now_us if said is None else micros(said)
    if at is None:
        return _time_remark(index, "invalid", f"timestamp {str(said)[:64]!r} is no instant")
    if at < SINCE_US:
        return _time_remark(index, "too_old", f"timestamp {str(said)[:64]} is before 2015")
    ahead = at - now_us
    if ahead > DAY_US:
        return _time_remark(index, "clock_skew", "timestamp is more than a day ahead of us")
    if ahead > ANY_SKEW_US:
        told = f"timestamp is {ahead // MICROS} seconds ahead of us; kept as it is"
        batch.warn(_time_remark(index, "clock_skew", told))
    event.timestamp = at
    return None


def _time_remark(index: int, code: str, reason: str) -> Remark:
    hint = {
        "invalid": "ISO 8601 such as 2026-11-20T10:00:00Z, or milliseconds since 1970",
        "too_old": "is it in seconds or milliseconds since 1970, and is the clock set?",
        "clock_skew": "set the sender's clock",
    }[code]
    return Remark(index=index, code=code, reason=reason, hint=hint, field="timestamp")


def count_fault(event: Event | Line, index: int) -> Remark | None:
    """Refuse parts that are more than their whole."""
    if event.cache_read_tokens or event.cache_write_tokens or event.cache_write_1h_tokens:
        if event.cache_read_tokens + event.cache_write_tokens > event.input_tokens:
            return _more(index, "cacheReadTokens + cacheWriteTokens", "inputTokens")
        if event.cache_write_1h_tokens > event.cache_write_tokens:
            return _more(index, "cacheWrite1hTokens", "cacheWriteTokens")
    if event.reasoning_tokens > event.output_tokens:
        return _more(index, "reasoningTokens", "outputTokens")
    if event.audio_input_tokens + event.image_input_tokens > event.input_tokens:
        return _more(index, "audioInputTokens + imageInputTokens", "inputTokens")
    if event.audio_output_tokens + event.image_output_tokens > event.output_tokens:
        return _more(index, "audioOutputTokens + imageOutputTokens", "outputTokens")
    return None


def _more(index: int, part: str, whole: str) -> Remark:
    field = part.partition(" ")[0]
    hint = f"{whole} is the total, {part} a part of it: add it in"
    return Remark(
        index=index, code="counts", reason=f"{part} is more than {whole}", hint=hint, field=field
    )


def range_fault(event: Event, index: int) -> Remark | None:
    """Refuse counts no call has; those that were sent are checked where they are read."""
    if len(event.lines) > MOST_LINES:
        reason = f"the response bills more than {MOST_LINES} lines"
        return Remark(index=index, code="too_many", reason=reason, field="response")
    for part in (event, *event.lines):
        for name in COUNTS:
            if not 0 <= getattr(part, name) <= MOST_TOKENS:
                reason = f"the response counts {getattr(part, name)} {name.replace('_', ' ')}"
                return Remark(index=index, code="counts", reason=reason[:200], field="response")
    return None


def cost_fault(event: Event, index: int) -> Remark | None:
    """Make the provider's cost exact decimal text, or say why it is no cost."""
    found = cost_text(event.provider_cost)
    if found is None:
        return _no_cost(index, "providerCost")
    event.provider_cost = found
    return None


def _no_cost(index: int, field: str) -> Remark:
    reason = f"{field} is no cost of a call in USD"
    hint = 'a decimal such as "0.000837", not negative, at most 18 decimal places'
    return Remark(index=index, code="invalid", reason=reason, hint=hint, field=field)


def cost_text(said: str | float | None) -> str | None:
    """Give a cost as plain decimal text; None for what is none.

    A float is no exact number, so it is rounded to 18 places; a text has no more than those.

    >>> cost_text(8.37e-05), cost_text("-1"), cost_text("nan"), cost_text(0)
    ('0.0000837', None, None, '0')
    """
    text = str(said)
    if len(text) > LONGEST_COST or not COST.fullmatch(text):
        return None
    cost = Decimal(text)
    if cost > MOST_COST:
        return None
    if not isinstance(said, float):
        return _plain(cost)
    rounded = round(cost, COST_PLACES)
    return _plain(rounded) if rounded or not cost else None  # a call that cost next to nothing


def _plain(cost: Decimal) -> str | None:
    """Write a cost without exponent and zeros at its end; None where it has too many places."""
    exponent = int(cost.as_tuple().exponent)
    if not cost or exponent < -LONGEST_COST:  # not written out with all its zeros
        return None if cost else "0"
    whole, _, part = f"{cost:f}".partition(".")
    part = part.rstrip("0")
    if len(part) > COST_PLACES:
        return None
    return f"{whole}.{part}" if part else whole


def lines_fault(event: Event, batch: Batch, index: int, *, told: bool) -> Remark | None:
    """Check the lines of a call that bills several, each as an event is.

    `told` says they are a provider's own, whose counts are kept as they are.
    """
    done: list[Line] = []
    for line in _filled(event):
        tier = tier_of(line.service_tier)
        if isinstance(tier, UnknownWord):
            remark = _unknown(tier, index)
            if not batch.lenient:
                return remark
            batch.warn(remark)
            tier = "standard"
        cost = line.provider_cost if line.provider_cost is None else cost_text(line.provider_cost)
        if cost is None and line.provider_cost is not None:
            return _no_cost(index, "lines.providerCost")
        fault = count_fault(line, index)
        if fault is not None:
            if not (told or batch.lenient):
                return fault
            batch.warn(fault)
        done.append(msgspec.structs.replace(line, service_tier=tier, provider_cost=cost))
    event.lines = tuple(done)
    return None


def _filled(event: Event) -> Iterator[Line]:
    for line in event.lines:
        yield msgspec.structs.replace(
            line,
            model=line.model or event.model,
            service_tier=line.service_tier or event.service_tier,
        )
