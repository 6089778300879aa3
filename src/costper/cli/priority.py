"""Lets those who ask go before bulk work, in a server that does both on few cores."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from costper.pipeline.stand_back import stand_back

SWITCH_SECONDS = 0.0005
"""How long one thread keeps others from Python; an answer asks for it back a dozen times."""

Made = TypeVar("Made")


def made_behind(make: Callable[[], Made]) -> Made:
    """Make something whose own threads stand back: they inherit it from who starts them."""
    with ThreadPoolExecutor(1, "behind", initializer=stand_back) as aside:
        return aside.submit(make).result()


def switch_often() -> None:
    """Hand Python from thread to thread more often than the usual 5 ms."""
    sys.setswitchinterval(SWITCH_SECONDS)


def spare_what_stays() -> None:
    """Leave out of garbage collection what the server is made of, once it is made.

    Going through it takes 0.15 s of one answer in some. What an earlier call spared counts again.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
