"""A desk that lets everybody in, over readers that know one format."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from costper.events.event import Event
from costper.model.call import Line, Reading
from costper.model.outcome import Issue, Outcome
from costper.pipeline.calls.accept import Desk
from costper.pipeline.calls.usage import Readers

NOW_US = 1_795_240_800_000_000
"""2026-11-21 06:00 UTC."""

GOOD: dict[str, Any] = {
    "externalRequestId": "r-1",
    "provider": "openai",
    "model": "gpt-4o",
    "inputTokens": 100,
    "outputTokens": 10,
}
"""A call that nothing is wrong with, as it is told; it says no time, and so came now."""


def reading(_wire: str, body: Mapping[str, object]) -> Outcome[Reading]:
    """Read `{"lines": [{"input_tokens": 1}]}`; a body without lines says nothing."""
    lines = cast("list[dict[str, Any]] | None", body.get("lines"))
    if lines is None:
        return Outcome((Reading(),), (Issue("bad_body", "no usage in it", hint="ask for it"),))
    return Outcome(
        (
            Reading(
                lines=tuple(Line(**line) for line in lines),
                response_id=str(body.get("id", "")),
                tier_said=str(body.get("tier", "")),
                finished=not body.get("cut"),
            ),
        )
    )


def chunks(wire: str, said: Sequence[Mapping[str, object]]) -> Outcome[Reading]:
    """Read the last chunk."""
    return reading(wire, said[-1] if said else {})


READERS = Readers(
    wires={"openai_chat": None},
    wire_for=lambda provider: {"openai": "openai_chat"}.get(provider, ""),
    read=reading,
    read_chunks=chunks,
)


def desk(
    *, admit: Callable[[Event], str] = lambda _event: "", closed: frozenset[date] = frozenset()
) -> Desk:
    """Give a desk whose own ids are `id-0`, `id-1` and so on."""
    numbers = iter(range(1_000_000))
    return Desk(
        admit=admit,
        admit_known=lambda events: {
            place: reason for place, event in enumerate(events) if (reason := admit(event))
        },
        canonical=lambda said: said.strip().lower(),
        readers=READERS,
        closed_months=lambda: closed,
        new_id=lambda: f"id-{next(numbers)}",
    )
