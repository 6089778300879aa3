"""What is settled at once is settled as it would be word by word."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pipeline.calls import desks
from tests.pipeline.calls.desks import NOW_US, desk

from costper.events.payload import read_payload
from costper.events.quick import Words
from costper.pipeline.calls.accept import Desk, accept

GOOD = {**desks.GOOD, "timestamp": "2026-11-20T10:00:00Z"}
KNOWN = [
    {**GOOD, **said}
    for said in ({}, {"status": "429", "environment": "Prod"}, {"team": " Core "}, {"status": ""})
]


class Forgetful(Words):
    """Remembers no words."""

    def __setitem__(self, said: object, kept: object) -> None:
        """Forget them."""


@settings(max_examples=200)
@given(
    events=st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "provider": st.sampled_from(("openai", " OpenAI ", "")),
                "model": st.sampled_from(("gpt-4o", "")),
                "serviceTier": st.sampled_from(("", "Flex", "auto", "prority")),
                "environment": st.sampled_from(("", "Prod", "blue")),
                "dataMode": st.sampled_from(("", "test", "okay")),
                "status": st.sampled_from(("", "429", "ok", "okay")),
                "team": st.sampled_from(("", " Core ")),
                "timestamp": st.sampled_from(
                    ("2026-11-20T10:00:00.5+01:00", "2026-11-20 10:00", "1793120100000", "soon",
                     1_795_168_800, 1_795_168_800.25, "2026-11-21T06:00:30Z", 5,
                     "2026-11-21T07:00:00Z", "2026-11-22T07:00:00Z", "2014-01-01T00:00:00Z")
                ),
                "cacheReadTokens": st.sampled_from((0, 60, 101)),
                "imageInputTokens": st.sampled_from((0, 60)),
                "cacheWrite1hTokens": st.sampled_from((0, 1)),
                "reasoningTokens": st.sampled_from((0, 11)),
                "imageOutputTokens": st.sampled_from((0, 10, 11)),
                "providerCost": st.sampled_from(("0.1", "x")),
                "lines": st.sampled_from(([], [{"inputTokens": 1}])),
                "response": st.just({"lines": [{"input_tokens": 1}]}),
                "userId": st.sampled_from(("jane", "j@acme.com")),
                "externalRequestId": st.sampled_from(("r-1", "")),
            },
        ),
        min_size=1,
        max_size=6,
    ),
    lenient=st.booleans(),
)  # fmt: skip
def test_events_settled_at_once_are_as_they_are_when_settled_one_by_one(
    events: list[dict[str, Any]], *, lenient: bool
) -> None:
    def done(doors: Desk) -> tuple[object, ...]:
        body = json.dumps([GOOD | event for event in events]).encode()
        batch = replace(read_payload(body), lenient=lenient)
        kept = accept(batch, replace(doors, new_id=lambda: "new"), now_us=NOW_US)
        return kept.events, kept.numbers, kept.rejected, kept.warnings

    knowing = desk(admit=lambda event: "an address" if event.user_id == "j@acme.com" else "")
    accept(read_payload(json.dumps(KNOWN).encode()), knowing, now_us=NOW_US)
    first = done(knowing)
    assert done(knowing) == first == done(replace(knowing, words=Forgetful()))


def test_a_missing_provider_is_refused_also_after_an_instrumentation_left_it_out() -> None:
    doors, without = desk(), {**GOOD, "provider": ""}
    for lenient, rejected in ((True, 0), (False, 1)):
        batch = replace(read_payload(json.dumps([without]).encode()), lenient=lenient)
        assert len(accept(batch, doors, now_us=NOW_US).rejected) == rejected
