"""Labels say who calls for what; they add up inwards, and never fail the caller."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import costper
from costper.track.context import current


def test_inner_labels_win_over_outer_ones_and_are_gone_afterwards() -> None:
    with costper.labels(feature="outer", tenant="acme"):
        with costper.labels(feature="inner", user_id=3, team=None):
            assert dict(current()) == {
                "endpointTag": "inner",
                "tenantId": "acme",
                "userId": "3",
            }
        assert dict(current()) == {"endpointTag": "outer", "tenantId": "acme"}
    assert dict(current()) == {}


def test_functions_are_labelled_too() -> None:
    @costper.labels(feature="sync")
    def now() -> str:
        return current()["endpointTag"]

    @costper.labels(feature="async")
    async def later() -> str:
        return current()["endpointTag"]

    assert now() == "sync"
    assert asyncio.run(later()) == "async"
    assert dict(current()) == {}


def test_a_thread_has_labels_of_its_own() -> None:
    seen: list[dict[str, str]] = []
    with costper.labels(feature="here"):
        thread = threading.Thread(target=lambda: seen.append(dict(current())))
        thread.start()
        thread.join()
    assert seen == [{}]


def test_a_word_nobody_knows_is_left_out_with_a_hint(caplog: pytest.LogCaptureFixture) -> None:
    with costper.labels(featur="search", user_id="u"):  # type: ignore[call-arg]
        assert dict(current()) == {"userId": "u"}
    assert "did you mean 'feature'" in caplog.text


def test_a_label_that_is_too_long_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    with costper.labels(prompt_version="v" * 5_000_000, feature="f"):
        assert dict(current()) == {"endpointTag": "f"}
    assert "longer than 1024" in caplog.text


class _Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no")


def test_a_label_that_cannot_be_read_does_not_fail_the_caller() -> None:
    with costper.labels(user_id=_Hostile()):  # type: ignore[arg-type]
        assert dict(current()) == {}


@given(st.lists(st.dictionaries(st.sampled_from(["feature", "team"]), st.text(max_size=5))))
def test_leaving_every_block_leaves_no_label(blocks: list[dict[str, str]]) -> None:
    entered = [costper.labels(**block) for block in blocks]
    for each in entered:
        each.__enter__()
    for each in reversed(entered):
        each.__exit__(None, None, None)
    assert dict(current()) == {}


def test_leaving_in_another_context_does_not_fail_the_caller() -> None:
    entered = costper.labels(feature="x")

    async def enter() -> None:
        entered.__enter__()

    asyncio.run(enter())
    entered.__exit__(None, None, None)
    entered.__exit__(None, None, None)
