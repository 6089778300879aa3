"""Lets those who ask go before bulk work, in a server that does both on few cores."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

BEHIND = 10
"""The nice value of bulk work: beside a question it gets a tenth of a core, alone all of it."""

SWITCH_SECONDS = 0.0005
"""How long one thread keeps others from Python; an answer asks for it back a dozen times."""

Made = TypeVar("Made")


def stand_back() -> None:
    """Let other threads go first, from now to the end of this one.

    Threads have priorities of their own on Linux only; there is no way back up.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)


def made_behind(make: Callable[[], Made]) -> Made:
    """Make something whose own threads stand back: they inherit it from who starts them."""
    with ThreadPoolExecutor(1, "behind", initializer=stand_back) as aside:
        return aside.submit(make).result()


def switch_often() -> None:
    """Hand Python from thread to thread more often than the usual 5 ms."""
    sys.setswitchinterval(SWITCH_SECONDS)
