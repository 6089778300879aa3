"""Asks the marts one thing while another is asked."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from functools import cache
from typing import ParamSpec, TypeVar

THREADS = 4
Given = ParamSpec("Given")
Found = TypeVar("Found")


@contextmanager
def beside(
    work: Callable[Given, Found], *args: Given.args, **said: Given.kwargs
) -> Generator[Future[Found]]:
    """Do some work in another thread, whose decimals are reckoned as they are here.

    It is done when the block ends, however it ends: nothing is asked of books that were closed.
    """
    context = copy_context()
    found = _threads().submit(lambda: context.run(work, *args, **said))
    try:
        yield found
    finally:
        wait([found])


@cache
def _threads() -> Executor:
    """Give threads that stay: a cursor for a new one takes as long as a tenth of an answer."""
    return ThreadPoolExecutor(THREADS, "beside")
