"""The books for notebooks and scripts: opened in this process, or asked of a running server.

from costper import Ledger

with Ledger.open("costper.yaml") as ledger:
    frame = ledger.ask("b / a", a="metric daily_active_users", b="cost", by="plan").pandas()
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, Self

from costper.allocation.drivers import DRIVERS
from costper.allocation.explain import OTHERS
from costper.api.replies import Replies
from costper.config.files import find
from costper.config.load import load_settings
from costper.config.settings import Settings
from costper.errors import BusyError
from costper.ledger.direct import Direct
from costper.ledger.door import Door
from costper.ledger.lent import SOCKET, Lent
from costper.ledger.remote import Remote
from costper.ledger.table import Table
from costper.model.question import Question
from costper.pipeline.answer.state import States
from costper.pipeline.query.written import question_to_json
from costper.sources import SOURCES
from costper.store.books import open_books

Day = date | str
"""A day, or "2026-08-01", or "2026-08" for its first day."""

Names = str | Iterable[str]
EXPLAINED_PAGE = 10_000
"""As many bill rows as one question gives."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything `costper` answers, as tables. Days are UTC; `until` is the first not counted.

    What is not said of the days ends with the last settled one. Nothing here changes the books.
    """

    door: Door

    @classmethod
    def open(
        cls, path: str | Path | None = None, *, clock: Callable[[], datetime] | None = None
    ) -> Ledger:
        """Open the books of a costper.yaml in this process: here, or in a folder above.

        Raises:
            SettingError: the file is not there, or something in it is wrong.
            BusyError: a server or another process holds them; ask that with `Ledger.connect`.
        """
        settings = _settings(path)
        now = clock or _now
        try:
            books = open_books(settings, now=now())
        except BusyError as error:
            hint = f"if a server holds them: Ledger.connect({str(settings.path)!r})"
            raise BusyError(error.message, where=error.where, hint=hint) from error
        return cls(Direct(books, Replies(States(books)), now))

    @classmethod
    def connect(cls, where: str | Path | None = None, key: str = "") -> Ledger:
        """Ask a running server: at an address with a key, or beside the costper.yaml named.

        `http://…` goes over HTTP; anything else is a costper.yaml, whose server is asked
        through the socket beside its books, as the same user and without a key.
        """
        if isinstance(where, str) and where.startswith(("http://", "https://")):
            return cls(Remote(where, key))
        return cls(Lent(_settings(where).store_path / SOCKET))

    def close(self) -> None:
        """Let go of the books."""
        self.door.close()

    def __enter__(self) -> Self:
        """Close the books after the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the books."""
        self.close()

    def ask(  # noqa: PLR0913 - the words of a question
        self,
        *formulas: str,
        question: Question | Mapping[str, object] | None = None,
        grain: str = "",
        by: Names = (),
        compare: str = "",
        since: Day | None = None,
        until: Day | None = None,
        days: int | None = None,
        over: str = "",
        unit: str = "",
        scale: int = 1,
        **letters: str,
    ) -> Table:
        """Ask letters and formulas: one row for each bucket of the grain and each group.

        `letters` are such as a="metric orders", b="cost where team = search"; `over` says days in
        words, "last 3 months". Or give a whole `question`, as JSON has it.

        Raises:
            UserError: a word means nothing; `where` names the letter and the column.
        """
        body = (
            _body(question)
            if question is not None
            else {
                "letters": letters,
                "formulas": list(formulas),
                "grain": grain,
                "by": _names(by),
                "compare": compare,
                "unit": unit,
                "scale": scale,
                **_said({"from": since, "to": until, "days": days, "range": over}),
            }
        )
        return self._table("query", {}, body)

    def costs(  # noqa: PLR0913 - the words of a question
        self,
        by: Names = (),
        *,
        where: str = "",
        grain: str = "",
        since: Day | None = None,
        until: Day | None = None,
        days: int | None = None,
        over: str = "",
    ) -> Table:
        """Give cost (money) by dimensions, under a condition, at a grain: column `cost`."""
        letter = f"cost where {where}" if where else "cost"
        return self.ask(
            grain=grain, by=by, since=since, until=until, days=days, over=over, cost=letter
        )

    def view(
        self,
        name: str,
        since: Day | None = None,
        until: Day | None = None,
        days: int | None = None,
        over: str = "",
    ) -> Table:
        """Ask a saved question, on its own days or on others."""
        said = {"name": name, "from": since, "to": until, "days": days, "range": over}
        return self._got("view_answer", said)

    def views(self) -> Table:
        """List the saved questions: view, title, owner, declared, version, at, actor, fault."""
        return self._got("views", {})

    def customers(
        self, since: Day | None = None, until: Day | None = None, days: int | None = None
    ) -> Table:
        """Give what each customer costs and leaves: loss makers first, then by margin."""
        return self._got("customers", {"from": since, "to": until, "days": days})

    def margins(  # noqa: PLR0913 - the words of a question
        self,
        by: str = "customer",
        *,
        since: Day | None = None,
        until: Day | None = None,
        days: int | None = None,
        months: int | None = None,
        per: str = "",
        what_if: str = "",
    ) -> Table:
        """Give what customers or plans leave; `by` is customer, plan or curve."""
        said = {"from": since, "to": until, "days": days, "months": months}
        return self._got("margins", {**said, "by": by, "per": per, "what_if": what_if})

    def verdict(
        self,
        *formulas: str,
        by: Names = (),
        compare: str = "",
        since: Day | None = None,
        until: Day | None = None,
        days: int | None = None,
        **letters: str,
    ) -> Table:
        """Say whether a cost per unit scales well or drifts; without letters, of every metric."""
        said = {"from": since, "to": until, "days": days, "compare": compare}
        if not letters:
            return self._got("verdict", {**said, "by": ",".join(_names(by))})
        body = {"letters": letters, "formulas": list(formulas), "by": _names(by), **_said(said)}
        return self._table("judge", {}, body)

    def explain(
        self,
        noun: str,
        value: str,
        since: Day | None = None,
        until: Day | None = None,
        days: int | None = None,
        rows: int | Literal["all"] | None = None,
    ) -> Table:
        """Give the bill rows a number is made of; `noun` is any dimension, source or charge.

        The largest `rows` of them, the rest summed up; or "all", fetched page by page.

        Raises:
            BooksError: the books changed between two pages.
        """
        named = {noun: value} if noun == "charge" else {"dimension": noun, "value": value}
        said = {**named, "from": since, "to": until, "days": days}
        if rows != "all" or noun == "charge":
            return self._got("explain", {**said, "rows": None if rows == "all" else rows})
        first = self._got("explain", {**said, "rows": EXPLAINED_PAGE, "after": 0})
        others = (
            self._got("explain", {**said, "rows": EXPLAINED_PAGE, "after": after})
            for after in range(EXPLAINED_PAGE, first.question["parts"], EXPLAINED_PAGE)
        )
        return Table.of_pages((first, *others), without={"bill_row": OTHERS})

    def metrics(self) -> Table:
        """List the metrics: what they count, how far they go, what is missing."""
        return self._got("metric_list", {})

    def _got(self, name: str, said: Mapping[str, object]) -> Table:
        return self._table(name, {key: str(one) for key, one in _said(said).items()}, None)

    def _table(
        self, name: str, given: Mapping[str, str], body: Mapping[str, object] | None
    ) -> Table:
        return Table.of_stream(self.door.call(name, given, body))


def _said(words: Mapping[str, object]) -> dict[str, object]:
    """Leave out what is not said, and write days as JSON has them."""
    return {
        name: one.isoformat() if isinstance(one, date) else one
        for name, one in words.items()
        if one is not None and one != ""
    }


def _body(question: Question | Mapping[str, object]) -> Mapping[str, object]:
    return question_to_json(question) if isinstance(question, Question) else question


def _names(by: Names) -> list[str]:
    words = by.split(",") if isinstance(by, str) else list(by)
    return [word.strip() for word in words if word.strip()]


def _settings(path: str | Path | None) -> Settings:
    file = find(Path.cwd()) if path is None else Path(path)
    if file.is_dir():
        file = find(file)
    return load_settings(file, catalogue=SOURCES, drivers=tuple(DRIVERS), environment=os.environ)


def _now() -> datetime:
    return datetime.now(UTC)
