"""The callback for LiteLLM: what is logged arrives, without prompts, answers and keys."""

import asyncio
import json
import sys
from types import ModuleType
from typing import Any

import pytest
from tests.events.test_litellm import LOGGED
from tests.track.doors import Answer, Door, door, texts

from costper.events.litellm import read_litellm
from costper.track import quiet
from costper.track.litellm import PATH, Teller, callback


class CustomLogger:
    """Stands for LiteLLM's class, which has a dozen other hooks."""

    def log_pre_api_call(self) -> str:
        return "LiteLLM's own"


@pytest.fixture
def litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("litellm.integrations.custom_logger")
    module.CustomLogger = CustomLogger  # type: ignore[attr-defined]
    for name in ("litellm", "litellm.integrations"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)


def kwargs(**others: object) -> dict[str, Any]:
    return {"model": "x", "standard_logging_object": {**LOGGED, **others}}


@pytest.mark.usefixtures("litellm")
def test_what_litellm_logs_arrives_as_calls(costper_server: Door) -> None:
    found = callback(costper_server.url, "secret")
    assert isinstance(found, CustomLogger)
    assert found.log_pre_api_call() == "LiteLLM's own"
    ours: Any = found
    ours.log_success_event(kwargs(), None, 1, 2)
    asyncio.run(ours.async_log_success_event(kwargs(id="chatcmpl-2"), None, 1, 2))
    ours.log_failure_event(kwargs(id="chatcmpl-3", status="failure"), None, 1, 2)
    assert ours.flush(10)
    batch = read_litellm("\n".join(map(json.dumps, costper_server.events)).encode())
    assert [event.external_request_id for event in batch.events] == [
        f"anthropic:chatcmpl-{number}" for number in (1, 2, 3)
    ]
    assert [event.status for event in batch.events] == ["ok", "ok", "error"]
    assert batch.events[0].cache_read_tokens == 1111
    assert costper_server.headers[0]["Authorization"] == "Bearer secret"
    assert "never kept" not in texts(costper_server.events)


def test_a_server_that_is_away_is_tried_again_and_nothing_is_raised() -> None:
    again = Answer(status=503, headers={"Retry-After": "0"})
    with door(Answer((b'{"accepted":1}',), 202)) as server:
        server.answers.append(again)
        teller = Teller(server.url, "")
        teller.tell(kwargs())
        assert teller.flush(10)
        assert len(server.events) == 2  # the same call, which is one by its id
    assert PATH == "/api/v1/events/litellm"


@pytest.mark.parametrize("said", [{}, {"standard_logging_object": 3}])
def test_odd_calls_are_no_reason_to_fail(said: dict[str, object]) -> None:
    teller = Teller("http://127.0.0.1:9", "")
    teller.tell(said)
    assert teller.flush(0)


def test_without_litellm_the_import_says_so() -> None:
    with pytest.raises(ImportError, match="litellm"):
        callback()


def test_too_many_calls_are_dropped_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def once(kind: str, _message: str) -> None:
        told.append(kind)

    def run(_teller: Teller) -> None:
        """Deliver nothing."""

    monkeypatch.setattr(quiet, "once", once)
    monkeypatch.setattr(Teller, "_run", run)
    teller = Teller("http://127.0.0.1:9", "")
    for _ in range(10_001):
        teller.tell({"standard_logging_object": {}})
    assert told == ["full"]
