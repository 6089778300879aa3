"""Says what went wrong in telling, where the caller's log is, and never raises."""

from __future__ import annotations

import contextlib
import logging

LOG = logging.getLogger("costper.track")
MOST_KINDS = 100

_said: set[str] = set()


def once(kind: str, message: str) -> None:
    """Warn of one kind of trouble once a process: an outage must not fill the caller's log."""
    if kind in _said or len(_said) >= MOST_KINDS:
        return
    _said.add(kind)
    LOG.warning("costper.track: %s", message)


def failed(where: str, error: BaseException) -> None:
    """Note a fault of our own, which the caller must not meet."""
    # A log that fails, or an error that cannot be shown, is no reason to fail the caller.
    with contextlib.suppress(Exception):
        once(f"{where} {type(error).__name__}", f"{where} failed, the call goes on: {error!r:.300}")
