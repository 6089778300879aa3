"""What the caller says of the calls to come: who makes them, for what, with which prompt."""

from __future__ import annotations

import functools
import inspect
import itertools
import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from types import MappingProxyType
from typing import ParamSpec, TypedDict, TypeVar, Unpack, cast

from costper.errors import suggestion
from costper.track import quiet

P = ParamSpec("P")
R = TypeVar("R")


class Words(TypedDict, total=False):
    """The labels a call may carry; None leaves what an outer block says, '' takes it away."""

    feature: str | None
    prompt_version: str | None
    user_id: str | int | None
    anon_id: str | int | None
    service_account: str | None
    tenant: str | int | None
    customer: str | int | None
    team: str | None
    environment: str | None
    data_mode: str | None
    session: str | int | None
    outcome: str | None
    operation: str | int | None


FIELDS: dict[str, tuple[str, int]] = {
    "feature": ("endpointTag", 512),
    "prompt_version": ("promptVersion", 1024),
    "user_id": ("userId", 256),
    "anon_id": ("anonId", 256),
    "service_account": ("serviceAccount", 256),
    "tenant": ("tenantId", 256),
    "customer": ("customerId", 256),
    "team": ("team", 512),
    "environment": ("environment", 512),
    "data_mode": ("dataMode", 512),
    "session": ("sessionId", 256),
    "outcome": ("outcome", 512),
    "operation": ("operationId", 256),
}
"""Label -> the event's field, and the most characters costper takes there."""

_NONE: Mapping[str, str] = MappingProxyType({})
_labels: ContextVar[Mapping[str, str]] = ContextVar("costper_labels", default=_NONE)
_operation: ContextVar[str] = ContextVar("costper_operation", default="")
_numbers = itertools.count()
_word = [secrets.token_hex(8)]


class Labels:
    """Labels for the calls within a `with` block, or within a decorated function."""

    __slots__ = ("_tokens", "_words")

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        self._tokens: list[Token[Mapping[str, str]]] = []

    def __enter__(self) -> None:
        """Lay these labels over those of the outer block."""
        self._tokens.append(_labels.set({**_labels.get(), **self._words}))

    def __exit__(self, *_error: object) -> None:
        """Give back the outer block's labels."""
        try:
            _labels.reset(self._tokens.pop())
        except (ValueError, IndexError):
            # A generator may be left in another context than it was entered in.
            quiet.once("labels", "labels were left in another context than they were entered in")

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Label all calls a function makes, an `async` one too."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def later(*args: P.args, **named: P.kwargs) -> object:
                with Labels(self._words):
                    return await function(*args, **named)

            return cast("Callable[P, R]", later)

        @functools.wraps(function)
        def now(*args: P.args, **named: P.kwargs) -> R:
            with Labels(self._words):
                return function(*args, **named)

        return now


def labels(**words: Unpack[Words]) -> Labels:
    """Label the LLM calls of a block; inner blocks add to outer ones and win over them.

    A label nobody knows, or one longer than costper takes, is left out with a warning in the log
    `costper.track`: a label never fails the caller.

    >>> with labels(feature="search", tenant=7):
    ...     dict(current())
    {'endpointTag': 'search', 'tenantId': '7'}
    """
    try:
        return Labels(_fields(cast("Mapping[str, object]", words)))
    except Exception as error:  # noqa: BLE001 - such as a str() that raises
        quiet.failed("labels", error)
        return Labels(_NONE)


def _fields(words: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for label, said in words.items():
        field, longest = FIELDS.get(label, ("", 0))
        if not field:
            quiet.once(label, f"unknown label {label!r}: {suggestion(label, FIELDS)}")
        elif said is not None and len(text := str(said)) <= longest:
            found[field] = text
        elif said is not None:
            quiet.once(f"{label} long", f"{label} is longer than {longest} characters: left out")
    return found


def current() -> Mapping[str, str]:
    """Give the labels in force, in the words of the event."""
    return _labels.get()


def new_id() -> str:
    """Give an id no other call has, in this process or another."""
    return f"{_word[0]}-{next(_numbers)}"


def forked() -> None:
    """Give other ids than the process this one was forked from."""
    _word[0] = secrets.token_hex(8)


def operation_of(attempt: int) -> str:
    """Give the id that the attempts of one call share; the first attempt makes a new one.

    Clients retry where they were called, so the context remembers it.
    """
    known = _operation.get()
    if attempt > 1 and known:
        return known
    made = new_id()
    _operation.set(made)
    return made
