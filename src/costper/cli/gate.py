"""Lets verbs into a running server only while it goes by costper.yaml as it is now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from costper.errors import SettingError

SOON = ""
"""Why a verb has to come again: the server is about to begin again."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Says of each verb whether it may run now; where the file changed, the server begins again.

    `ending` says whether this turn of the server is over, `changed` whether costper.yaml says
    something else by now, `working` what is at work beside verbs, or ''. `begin_again` gives what
    is wrong, if anything is. None of those inside is cut short: the server begins again after them.
    """

    ending: Callable[[], bool] = _never
    changed: Callable[[], bool] = _never
    working: Callable[[], str] = str
    begin_again: Callable[[], str] = str
    _inside: list[str] = field(default_factory=list[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def entered(self, verb: str) -> Generator[str | None]:
        """Be inside during the block; gives None, or why the verb must come again.

        Raises:
            UserError: the file as it is now cannot be served; the server goes on with the former.
        """
        with self._lock:
            why = self._why_again()
            if why is None:
                self._inside.append(verb)
        try:
            yield why
        finally:
            if why is None:
                with self._lock:
                    self._inside.remove(verb)

    def _why_again(self) -> str | None:
        if self.ending():
            return SOON
        if not self.changed():
            return None
        working = f"`costper {self._inside[0]}`" if self._inside else self.working()
        if working:
            return f"costper.yaml changed; the server reads it again once {working} is done"
        wrong = self.begin_again()
        if wrong:
            hint = "mend the file, or stop the server where it lacks a ${NAME} that you have"
            told = f"the running server cannot go by costper.yaml as it is now: {wrong}"
            raise SettingError(told, hint=hint)
        return SOON
