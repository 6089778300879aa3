"""Asks the marts one thing while another is asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import ParamSpec, TypeVar

THREADS = 4
Given = ParamSpec("Given")
Found = TypeVar("Found")


def beside(work: Callable[Given, Found], *args: Given.args, **said: Given.kwargs) -> Future[Found]:
    """Begin some work in another thread, whose decimals are reckoned as they are here."""
    context = copy_context()
    return _threads().submit(lambda: context.run(work, *args, **said))


@cache
def _threads() -> Executor:
    """Give threads that stay: a cursor for a new one takes as long as a tenth of an answer."""
    return ThreadPoolExecutor(THREADS, "beside")
