"""Tells costper of every call LiteLLM makes, by a callback of its own; LiteLLM is not needed here.

Such as:

    import litellm
    from costper.track.litellm import callback

    litellm.callbacks = [callback()]

What LiteLLM logs is sent as it is, without prompts, answers and keys; costper reads it.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any, cast

from costper.track import quiet
from costper.track.post import post

PATH = "/api/v1/events/litellm"
HERE = "http://127.0.0.1:8321"
LOGGED = "standard_logging_object"
READ = (
    "id",
    "litellm_call_id",
    "trace_id",
    "session_id",
    "call_type",
    "response_cost",
    "status",
    "custom_llm_provider",
    "prompt_tokens",
    "completion_tokens",
    "startTime",
    "endTime",
    "model",
    "cache_hit",
    "request_tags",
    "end_user",
)
"""What costper reads of a logged call."""

OF_METADATA = (
    "usage_object",
    "requester_metadata",
    "spend_logs_metadata",
    "user_api_key_alias",
    "user_api_key_end_user_id",
    "user_api_key_org_id",
    "user_api_key_team_alias",
    "user_api_key_team_id",
    "user_api_key_user_id",
)
MOST_WAITING = 10_000
MOST_A_BODY = 500
GATHER_S, POST_S, EXIT_S = 0.5, 10, 3
LONGEST_WAIT_S = 60


def callback(url: str = "", key: str = "") -> Any:  # noqa: ANN401 - of a class LiteLLM has
    """Give a callback for `litellm.callbacks`; it never raises, and never waits.

    Args:
        url: Where costper serves; COSTPER_URL, else http://127.0.0.1:8321.
        key: A key with the scope `ingest`; COSTPER_KEY.

    Raises:
        ImportError: LiteLLM is not installed.
    """
    from litellm.integrations.custom_logger import (  # type: ignore[import-not-found]
        CustomLogger,  # pyright: ignore[reportMissingImports, reportUnknownVariableType]
    )

    teller = Teller(
        url or os.environ.get("COSTPER_URL", "") or HERE, key or os.environ.get("COSTPER_KEY", "")
    )
    atexit.register(teller.flush, EXIT_S)

    def told(_self: object, kwargs: Mapping[str, object], *_rest: object) -> None:
        teller.tell(kwargs)

    async def told_later(_self: object, kwargs: Mapping[str, object], *_rest: object) -> None:
        teller.tell(kwargs)

    def flush(_self: object, within_s: float = EXIT_S) -> bool:
        return teller.flush(within_s)

    kind = type(
        "CostperCallback",
        (cast("type", CustomLogger),),
        {
            "log_success_event": told,
            "log_failure_event": told,
            "async_log_success_event": told_later,
            "async_log_failure_event": told_later,
            "flush": flush,
        },
    )
    return kind()


class Teller:
    """Sends what was logged from a thread of its own; what waits too long is dropped and told."""

    def __init__(self, url: str, key: str) -> None:
        """Send to `url`; the thread starts with the first call."""
        self._url, self._key = url, key
        self._lines: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._thread: threading.Thread | None = None

    def tell(self, kwargs: Mapping[str, object]) -> None:
        """Take what LiteLLM hands its callbacks."""
        try:
            logged = kwargs.get(LOGGED)
            if isinstance(logged, Mapping):
                self._put(json.dumps(_reduced(cast("Mapping[str, object]", logged)), default=str))
        except Exception as error:  # noqa: BLE001 - our failure is never the caller's
            quiet.failed("logging a call of LiteLLM", error)

    def flush(self, within_s: float) -> bool:
        """Wait until what was logged so far is delivered; tell whether it is."""
        self._wake.set()
        return self._thread is None or self._idle.wait(within_s)

    def _put(self, line: str) -> None:
        if len(self._lines) == MOST_WAITING:
            quiet.once("full", f"{self._url} is away for too long: the oldest calls are lost")
        with self._lock:
            self._lines.append(line.encode())
            self._idle.clear()
            if self._thread is None or not self._thread.is_alive():  # as in a forked process
                self._thread = threading.Thread(target=self._run, name="costper", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        wait = 0
        while True:
            with self._lock:
                if not self._lines:
                    self._idle.set()
            self._wake.wait(wait or GATHER_S)
            self._wake.clear()
            try:
                wait = self._round(wait)
            except Exception as error:  # noqa: BLE001 - a thread that ends delivers nothing more
                quiet.failed("delivering", error)
                wait = LONGEST_WAIT_S

    def _round(self, waited: int) -> int:
        """Send all there is; give how many seconds to wait before the next try."""
        while self._lines:
            batch = [self._lines.popleft() for _ in range(min(len(self._lines), MOST_A_BODY))]
            reply = post(self._url, self._key, batch, within_s=POST_S, path=PATH)
            if reply.kind == "away":
                quiet.once("away", f"{self._url} is away ({reply.why}); calls wait")
                self._lines.extendleft(reversed(batch))
                return reply.retry_after_s or min(2 * waited or 1, LONGEST_WAIT_S)
            if reply.refused or reply.kind == "broken":
                quiet.once(f"refused {reply.why}", f"{self._url} does not take calls: {reply.why}")
        return 0


def _reduced(logged: Mapping[str, object]) -> dict[str, object]:
    """Leave out prompts, answers, addresses and hashes of keys."""
    found: dict[str, object] = {name: logged[name] for name in READ if name in logged}
    for name, keys in {
        "metadata": OF_METADATA,
        "cost_breakdown": ("service_tier",),
        "error_information": ("error_code",),
    }.items():
        inner = logged.get(name)
        if isinstance(inner, Mapping):
            members = cast("Mapping[str, object]", inner)
            found[name] = {key: members[key] for key in keys if key in members}
    return found
