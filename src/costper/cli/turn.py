"""The turns of a server: each from reading costper.yaml until it stops or begins again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from costper.cli.context import Context
from costper.cli.sample import Sample
from costper.cli.settings import config_path, settings, settings_or_issues
from costper.config.settings import Settings
from costper.errors import CostperError, UserError
from costper.model.outcome import Issue
from costper.web.hosting import Hosting

PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 5
NOT_SERVED = "the server could not go by costper.yaml as it is now"


@dataclass(frozen=True, slots=True)
class Turn:
    """What is served in one turn: a costper.yaml, what it said, and what files it names held."""

    config: Path
    settings: Settings
    files: tuple[str, ...]


def _turn(config: Path, settings: Settings) -> Turn:
    """Note what the files hold that settings name and the server reads once, when it begins."""
    llm = settings.llm
    names = (*llm.prices, *(name for name in (llm.tenant_file, llm.alias_file) if name))
    return Turn(config, settings, tuple(_held(settings.root / name) for name in names))


def _held(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return str(error)


class Turns:
    """Knows what is served, how that is stopped, and what comes next, for the whole process."""

    def __init__(self, context: Context) -> None:
        """Begin with the settings the context names.

        Raises:
            SettingError: costper.yaml is not there, or something in it is wrong.
        """
        self.stopping = False
        self.held: Path | None = None
        self._context = context
        self._now = _turn(config_path(context), settings(context))
        self._next: Turn | None = None
        self._failed: Turn | None = None
        self._stop: Callable[[], None] = _nothing
        self._takes: Callable[[], bool] = _never
        self._filled: Callable[[], str] = str
        self._up = threading.Event()
        self._lock = threading.Lock()  # never taken by a signal handler
        self._sample = Sample(context.cwd, self._show_sample)
        self.hosting = Hosting(
            begin_again=self._begin_again_and_wait,
            make_sample=self._make_sample,
            making=self._sample.making,
        )

    def run(self, serve: Callable[[Turn], None]) -> None:
        """Serve turn after turn; where the next one cannot be opened, the one before it again."""
        try:
            self._run(serve)
        finally:
            self._up.set()  # nobody waits for what will not be

    def _run(self, serve: Callable[[Turn], None]) -> None:
        former: Turn | None = None
        turn: Turn | None = self._now
        while turn is not None:
            self._now = turn
            try:
                serve(turn)
            except Exception as error:
                if self._up.is_set() or former is None:
                    raise
                _tell(error)
                self._failed = turn
                turn, former = None if self.stopping else former, None
            else:
                turn, former = self._taken(), turn
            finally:
                self._up.clear()
                self._stop, self._takes, self._filled = _nothing, _never, str

    def serves(
        self, stop: Callable[[], None], takes: Callable[[], bool], filled: Callable[[], str]
    ) -> None:
        """Take what stops the server that is about to run, and stop it if that was asked before.

        `takes` says whether it still takes callers, `filled` what its books hold, or ''.
        """
        self._stop, self._takes, self._filled = stop, takes, filled
        self.held = self._now.settings.store_path
        self._up.set()
        if self.stopping or self._next is not None:
            stop()

    def stop(self) -> None:
        """Stop for good, whatever was to come next; a signal handler calls it: no lock."""
        self.stopping = True
        self._stop()

    def wait(self) -> None:
        """Wait until something is served, or nothing will be any more."""
        self._up.wait()

    def ending(self) -> bool:
        """Say whether what is served now is over, so that nobody should begin anything in it."""
        return self.stopping or self._next is not None

    def changed(self) -> bool:
        """Say whether costper.yaml, or what it names, is not what is served; wrong counts as that.

        Raises:
            UserError: it is what was served for a moment and could not be.
        """
        config = self._now.config
        try:
            found = settings_or_issues(replace(self._context, config=config)).items
        except CostperError:
            return True
        there = _turn(config, found[0]) if found else None
        if there is not None and there == self._failed:
            raise UserError(NOT_SERVED, hint="the server's log says why")
        return there != self._now

    def begin_again(self) -> str:
        """Read costper.yaml and what it names, and begin again unless something is wrong."""
        return self._begin(self._now.config)

    def _begin(self, config: Path) -> str:
        try:
            found = settings_or_issues(replace(self._context, config=config))
            issues = [*found.issues, *(it for one in found.items for it in _tried(one))]
        except CostperError as error:
            return error.text()
        wrong = [issue.text() for issue in issues if issue.severity == "error"]
        if wrong or not found.items:
            return "\n".join(wrong)
        with self._lock:
            self._next = _turn(config, found.items[0])
            self._stop()
        return ""

    def _taken(self) -> Turn | None:
        with self._lock:
            taken, self._next = self._next, None
        return None if self.stopping else taken

    def _begin_again_and_wait(self) -> str:
        """Begin again, and wait until whoever calls next is answered by what is then served."""
        takes = self._takes
        wrong = self.begin_again()
        until = time.monotonic() + PATIENCE_SECONDS
        while not wrong and takes() and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
        return wrong

    def _make_sample(self) -> str:
        return self._filled() or self._sample.begin()

    def _show_sample(self, config: Path) -> str:
        """Serve the sample, unless something came into these books while it was made."""
        return self._filled() or self._begin(config)


def _tried(settings: Settings) -> Iterator[Issue]:
    """Read what opening reads beside costper.yaml, without the books; give what is wrong.

    Raises:
        CostperError: the folder of the books cannot be one, or prices cannot be read.
    """
    from costper.pipeline.calls.price_book import accepted_list, with_own_prices
    from costper.pipeline.check_calls import check_people
    from costper.store.books import books_exist

    yield from check_people(settings)
    books_exist(settings)
    with_own_prices(accepted_list(settings.store_path), settings)


def _tell(error: Exception) -> None:
    log = logging.getLogger(__name__)
    told = "the new settings cannot be served; the former ones are again"
    if isinstance(error, CostperError):
        log.warning("%s: %s", told, error.text())
    else:
        log.error(told, exc_info=error)


def _nothing() -> None:
    """Do nothing: no server runs yet, or any more."""


def _never() -> bool:
    """Say no: no server runs yet."""
    return False
