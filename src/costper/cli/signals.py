"""Hears what the process is told by signals, for all turns of a server.

A handler may interrupt anything, itself too: it takes no lock, logs nothing and does no work.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType

QUIET_SECONDS = 0.1
LONGEST_SECONDS = 5.0
"""Hangups that follow each other within the first count as one, for the second at most."""


@contextmanager
def hangups_heard(ready: Callable[[], object], begin_again: Callable[[], str]) -> Generator[None]:
    """Let SIGHUP make the server read costper.yaml again, as of other servers.

    `ready` waits until there is something to begin again, or nothing will be any more;
    `begin_again` gives what is wrong, if anything is, which is logged.
    """
    heard: SimpleQueue[int] = SimpleQueue()
    ended = threading.Event()

    def handle(number: int, _frame: FrameType | None) -> None:
        heard.put(number)  # the one queue that may be interrupted by itself

    def follow() -> None:
        while True:
            heard.get()
            ready()
            if ended.is_set():
                return
            _until_quiet(heard)
            _again(begin_again)

    thread = threading.Thread(target=follow, name="hangups", daemon=True)
    thread.start()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGHUP, handle)
    try:
        yield
    finally:  # hangups that come later are put down and nothing more
        ended.set()
        heard.put(0)
        thread.join(LONGEST_SECONDS * 2)


def hear_stops(stop: Callable[[], None]) -> None:
    """Let SIGTERM and Ctrl-C end the server in order, so that the books are closed.

    uvicorn has handlers of its own while it runs, and hands the signal on to these when it ends.
    `stop` takes no lock.
    """

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handle)
        signal.signal(signal.SIGINT, handle)


def _until_quiet(heard: SimpleQueue[int]) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    try:
        while time.monotonic() < until:
            heard.get(timeout=QUIET_SECONDS)
        while True:
            heard.get_nowait()
    except Empty:
        return


def _again(begin_again: Callable[[], str]) -> None:
    log = logging.getLogger(__name__)
    try:
        wrong = begin_again()
    except Exception:  # the last guard of the thread
        log.exception("costper.yaml was not read again")
        return
    if wrong:
        log.warning("costper.yaml was not read again: %s", wrong)
