"""The books opened in this process: asked exactly as HTTP asks them, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from costper.api.callers import Caller
from costper.api.parameters import read
from costper.api.posts import Sent
from costper.api.problems import Problem
from costper.api.replies import Question, Replies
from costper.errors import CostperError, UserError
from costper.ledger.door import Body, Given, endpoint_named, post_named
from costper.store.books import Books

CALLER = Caller(name="python")


@dataclass(frozen=True, slots=True)
class Direct:
    """Books this process holds; `owned` ones are closed with the door."""

    books: Books
    replies: Replies
    clock: Callable[[], datetime]
    owned: bool = True

    def call(self, name: str, given: Given, body: Body | None) -> bytes:
        """Ask, as a caller that may read everything."""
        try:
            return self._get(name, given) if body is None else self._post(name, body)
        except Problem as problem:
            raise refusal(problem.document("")) from problem

    def close(self) -> None:
        """Close the books."""
        if self.owned:
            self.books.close()

    def _get(self, name: str, given: Given) -> bytes:
        endpoint = endpoint_named(name)
        values = read(endpoint.accepts, given.items(), {})
        question = Question(endpoint, values, CALLER, self.clock(), arrow=True)
        return self.replies.reply(question, "").body or b""

    def _post(self, name: str, body: Body) -> bytes:
        sent = Sent(
            books=self.books,
            caller=CALLER,
            path={},
            body=body,
            now=self.clock(),
            facts=self.replies.facts_now,
            standing=self.replies.standing_now,
        )
        return self.replies.posted(post_named(name), sent, "", arrow=True).body or b""


def refusal(problem: Mapping[str, object]) -> CostperError:
    """Give the error a problem document is: where, what, and what to do now."""
    position = problem.get("position")
    where = str(problem.get("parameter", ""))
    detail = str(problem.get("detail") or problem.get("title", "refused"))
    return UserError(
        detail,
        where=f"{where}, column {position}" if position else where,
        hint=str(problem.get("hint", "")),
    )
