"""Settles at once the events that say the same few words as events before them: nearly all.

What it settles is as `check` would have settled it; what it leaves is as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from costper.events.event import Event
from costper.events.instant import ANY_SKEW_US, EPOCH, MICROS, SINCE_US, micros

WORDS_KEPT = 10_000
LONGEST_WORDS = 1_024
"""Characters of the words of one event that are remembered together."""

DAY_SECONDS = 86_400
Said = tuple[str, str, str, str, str, str, str, str, str, str]
"""Every word of an event that is one of a few: those that are settled, then the others."""

Words = dict[Said, Said]
"""Words as they were sent → as the books keep them, where nothing is wrong with them."""


def said_by(event: Event) -> Said:
    """Give the words of an event."""
    return (
        event.provider,
        event.service_tier,
        event.environment,
        event.data_mode,
        event.status,
        event.team,
        event.model,
        event.endpoint_tag,
        event.prompt_version,
        event.outcome,
    )


def remember(known: Words, said: Said, kept: Said) -> None:
    """Remember how words are settled, of the last so many."""
    if sum(map(len, said)) > LONGEST_WORDS:
        return
    if len(known) >= WORDS_KEPT:
        known.clear()
    known[said] = kept


def settle(events: Sequence[Event], known: Words, now_us: int) -> list[int]:
    """Settle events whose words are known, and give the places of those that are left.

    One loop without a call for an event: this is most of what the door costs.
    """
    left: list[int] = []
    latest = now_us + ANY_SKEW_US
    for place, event in enumerate(events):
        kept = known.get(
            (
                event.provider,
                event.service_tier,
                event.environment,
                event.data_mode,
                event.status,
                event.team,
                event.model,
                event.endpoint_tag,
                event.prompt_version,
                event.outcome,
            )
        )
        cached = event.cache_read_tokens + event.cache_write_tokens
        if (
            kept is None
            or not event.external_request_id
            or cached + event.image_input_tokens + event.audio_input_tokens > event.input_tokens
            or event.cache_write_1h_tokens > event.cache_write_tokens
            or event.reasoning_tokens + event.audio_output_tokens + event.image_output_tokens
            > event.output_tokens
            or event.provider_cost is not None
            or event.lines
            or event.response is not None
            or event.response_chunks is not None
        ):
            left.append(place)
            continue
        said = event.timestamp
        if said is not None:
            at = instant(said)
            if not SINCE_US <= at <= latest:
                left.append(place)
                continue
            event.timestamp = at
        else:
            event.timestamp = now_us
        event.wire = ""
        (
            event.provider,
            event.service_tier,
            event.environment,
            event.data_mode,
            event.status,
            event.team,
            event.model,  # the others are as they were, but let the copies go that were sent
            event.endpoint_tag,
            event.prompt_version,
            event.outcome,
        ) = kept
    return left


def instant(said: str | float) -> int:
    """Give the microseconds of a number, or of ISO text with a zone; 0 for any other text."""
    if not isinstance(said, str):
        return micros(said) or 0
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        return 0
    gone = moment - EPOCH
    return (gone.days * DAY_SECONDS + gone.seconds) * MICROS + gone.microseconds
