"""Lets a thread of bulk work stand back behind those who ask."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

BEHIND = 10
"""The nice value of bulk work: beside a question it gets a tenth of a core, alone all of it."""


def stand_back() -> None:
    """Let other threads go first, from now to the end of this one.

    Threads have priorities of their own on Linux only; there is no way back up.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)
