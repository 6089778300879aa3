"""What LiteLLM logs of a call."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costper.errors import UserError
from costper.events.event import Event
from costper.events.litellm import read_litellm

LOGGED: dict[str, Any] = {
    "id": "chatcmpl-1",
    "trace_id": "trace-1",
    "session_id": "session-1",
    "call_type": "acompletion",
    "stream": False,
    "response_cost": 0.00014159999999999997,
    "status": "success",
    "custom_llm_provider": "anthropic",
    "prompt_tokens": 1114,
    "completion_tokens": 406,
    "total_tokens": 1520,
    "startTime": 1_795_168_800.5,
    "endTime": 1_795_168_801.75,
    "completionStartTime": 1_795_168_800.75,
    "model": "anthropic/claude-sonnet-4-5",
    "model_group": "smart",
    "cache_hit": None,
    "request_tags": ["feature:search", "User-Agent: x"],
    "end_user": "u-1",
    "metadata": {
        "user_api_key_alias": "api",
        "user_api_key_team_alias": "core",
        "user_api_key_org_id": "acme",
        "user_api_key_user_id": "admin",
        "requester_metadata": {"prompt_version": "v3"},
        "usage_object": {
            "prompt_tokens": 1114,
            "completion_tokens": 406,
            "prompt_tokens_details": {"cached_tokens": 1111, "text_tokens": None},
            "completion_tokens_details": {"reasoning_tokens": 33},
            "cache_read_input_tokens": 1111,
            "cache_creation_input_tokens": 0,
        },
    },
    "messages": [{"role": "user", "content": "never kept"}],
    "response": {"choices": []},
}


def event(**others: object) -> Event:
    (found,) = read_litellm(json.dumps({**LOGGED, **others}).encode()).events
    return found


def test_a_logged_call_is_a_call() -> None:
    found = event()
    assert (found.provider, found.model) == ("anthropic", "claude-sonnet-4-5")
    assert (found.input_tokens, found.cache_read_tokens) == (1114, 1111)
    assert (found.output_tokens, found.reasoning_tokens) == (406, 33)
    assert (found.timestamp, found.latency_ms, found.status) == (1_795_168_800.5, 1250.0, "ok")
    assert (found.user_id, found.tenant_id, found.team) == ("u-1", "acme", "core")
    assert (found.endpoint_tag, found.prompt_version) == ("search", "v3")
    assert (found.external_request_id, found.operation_id) == ("anthropic:chatcmpl-1", "trace-1")


def test_what_litellm_reckons_is_no_bill() -> None:
    assert event().provider_cost is None


def test_a_reply_from_the_cache_costs_nothing() -> None:
    assert event(cache_hit=True).provider_cost == "0"


def test_a_call_without_tokens_costs_what_litellm_says() -> None:
    found = event(metadata={}, prompt_tokens=0, completion_tokens=0, response_cost=4e-05)
    assert (found.provider_cost, found.estimated) == (4e-05, True)


@pytest.mark.parametrize(
    ("error", "status"), [("429", "rate_limited"), ("408", "timeout"), ("", "error")]
)
def test_a_failure_says_how(error: str, status: str) -> None:
    found = event(status="failure", error_information={"error_code": error})
    assert found.status == status


def test_cached_tokens_beside_the_input_are_added() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 1, "cache_read_input_tokens": 1111}
    assert event(metadata={"usage_object": usage}).input_tokens == 1114


def test_an_array_and_lines_are_read_and_bad_ones_told_by_index() -> None:
    good = json.dumps(LOGGED)
    bad = json.dumps({**LOGGED, "metadata": {}, "prompt_tokens": -1})
    for body in (f"[{good},{bad},3]", f"{good}\n{bad}\n3"):
        batch = read_litellm(body.encode())
        assert (batch.numbers, batch.total) == ([0], 3)
        assert [one.index for one in batch.rejected] == [1, 2]


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*LOGGED, "cost_breakdown", "error_information"]), JSONS))
@settings(max_examples=300)
def test_whatever_is_logged_never_crashes(others: dict[str, object]) -> None:
    body = json.dumps({**LOGGED, **others}).encode()
    try:
        batch = read_litellm(body)
    except UserError:
        return
    assert len(batch.events) + len(batch.rejected) == 1


@given(st.binary(max_size=100))
@settings(max_examples=100)
def test_junk_is_refused(body: bytes) -> None:
    try:
        batch = read_litellm(body)
    except UserError:
        return
    assert len(batch.events) + len(batch.rejected) == batch.total
