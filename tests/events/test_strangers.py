"""Fields of others are flagged, and only what is surely a misspelt field of ours is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.events.batch import Batch
from costper.events.event import Event
from costper.events.payload import read_payload
from costper.events.strangers import MOST_AN_EVENT, MOST_NAMED, OTHERS, fields_of, misspelt

NAMES = dict(zip(Event.__struct_fields__, Event.__struct_encode_fields__, strict=True))
EVENT = fields_of("event", NAMES)
LONG = sorted(name for name in EVENT.camel if len(name) >= 8)


def read(*events: object) -> Batch:
    return read_payload(json.dumps(list(events)).encode())


@pytest.mark.parametrize(
    "name",
    [
        "spanId", "traceId", "parentId", "spanID", "parent_id", "runId", "orgId", "userIp",
        "userIds", "user_uid", "userName", "modelId", "statusCode", "stats", "state", "attempts",
        "maxAttempts", "responses", "responseId", "responseMs", "estimate", "dataModel",
        "latencyUs", "latencyS", "startTime", "endTime", "timestamp2", "providers", "tools", "line",
        "teamId", "time", "type", "version", "sessionName", "totalTokens", "cacheWrite5mTokens",
        "cache_write_5h_tokens", "metadata", "tags", "environments", "region", "name", "toolName",
    ],
)  # fmt: skip
def test_an_event_with_an_innocent_field_of_others_is_kept(name: str) -> None:
    batch = read({"provider": "openai", "model": "m", "inputTokens": 5, name: 7})
    assert [event.input_tokens for event in batch.events] == [5]
    assert [remark.code for remark in batch.warnings.values()] == ["unknown_field"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("inputTokenz", "inputTokens"),
        ("inputToken", "inputTokens"),
        ("InputTokens", "inputTokens"),
        ("input-tokens", "inputTokens"),
        ("INPUT_TOKENS", "inputTokens"),
        ("ouptutTokens", "outputTokens"),
        ("prompt_tokens", "inputTokens"),
        ("uesrId", "userId"),
        ("tenantID", "tenantId"),
    ],
)
def test_what_is_surely_a_field_of_ours_is_refused_with_its_name(name: str, meant: str) -> None:
    (remark,) = read({"provider": "openai", "model": "m", name: 7}).rejected
    assert (remark.code, remark.hint) == ("unknown_field", f"did you mean {meant!r}?")


@given(st.sampled_from(LONG), st.data())
def test_a_long_name_without_one_letter_is_known_again(name: str, data: st.DataObject) -> None:
    spots = [at for at in range(len(name)) if not name[at].isdigit()]
    at = data.draw(st.sampled_from(spots))
    said = name[:at] + name[at + 1 :]
    assert EVENT.meant(said, near=True) == name or said in OTHERS


@given(st.text("abc1", max_size=6), st.text("abc1", max_size=6))
def test_being_misspelt_is_symmetric_but_for_the_plural(one: str, other: str) -> None:
    assert misspelt(one, other) == misspelt(other, one)


def test_so_many_unknown_fields_are_told_and_the_rest_in_one_warning() -> None:
    said = {"provider": "openai", "model": "m", **{f"inputTokenz{at}x": 1 for at in range(30_000)}}
    batch = read(said)
    assert len(batch.events) == 1
    assert len(batch.warnings) == MOST_AN_EVENT + 1
    assert batch.warnings["unknown_field", ""].count == 1


def test_the_unknown_fields_of_a_body_are_bounded_too() -> None:
    batch = read(*({f"other{at}": 1, "model": "m"} for at in range(MOST_NAMED + 30)))
    assert len(batch.events) == MOST_NAMED + 30
    assert len(batch.warnings) == MOST_NAMED + 1
    assert batch.warnings["unknown_field", ""].count == 30


def test_another_name_of_ours_is_refused_however_many_unknown_fields_there_are() -> None:
    said = {**{f"other{at}": 1 for at in range(1_000)}, "promptTokens": 5}
    assert read(said).rejected[0].hint == "did you mean 'inputTokens'?"


def test_lines_have_their_own_fields() -> None:
    batch = read({"model": "m", "lines": [{"inputTokens": 5, "spanId": 1, "feature": "x"}]})
    assert [event.lines[0].input_tokens for event in batch.events] == [5]
    assert read({"model": "m", "lines": [{"inputTokenz": 5}]}).rejected[0].code == "unknown_field"


def test_a_call_of_more_than_a_thousand_lines_is_refused() -> None:
    batch = read(*({"model": "m", "lines": [{"inputTokens": 1}] * many} for many in (1_000, 1_001)))
    assert [len(event.lines) for event in batch.events] == [1_000]
    (remark,) = batch.rejected
    assert (remark.index, remark.code, remark.field) == (1, "too_many", "lines")
