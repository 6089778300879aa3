"""Errors of the questions, told as problems: which status, and which parameter is meant."""

from __future__ import annotations

from collections.abc import Mapping

from costper.api.problems import Problem
from costper.errors import CostperError, UnknownNameError, UserError

QUERY_WORDS = ("by", "where", "grain", "from", "to", "days", "scope", "min", "dimension")


def refused(error: CostperError, path: Mapping[str, object]) -> Problem:
    """Give the problem an error is: 404 for a name in the path, 400 for one in the query.

    What went wrong inside the books is not told to callers: it may name files.
    """
    if not isinstance(error, UserError):
        return Problem(503, "books-unreadable", "the books cannot be read", "run `costper check`")
    word = error.where.partition(",")[0]
    if isinstance(error, UnknownNameError):
        if path and word not in QUERY_WORDS:
            return Problem(404, "unknown-name", error.message, error.hint)
        return Problem(400, "unknown-name", error.message, error.hint, word or "by")
    parameter = word if word in QUERY_WORDS else ""
    return Problem(422, "cannot-be-answered", error.message, error.hint, parameter)


def withheld(error: CostperError) -> Problem:
    """Give the problem a customer's own key sees: an error's words may name the others."""
    if not isinstance(error, UserError):
        return Problem(503, "books-unreadable", "the books cannot be read")
    if isinstance(error, UnknownNameError):
        return Problem(404, "unknown-name", "the books do not know this customer")
    word = error.where.partition(",")[0]
    parameter = word if word in QUERY_WORDS else ""
    return Problem(422, "cannot-be-answered", "no answer for these days", parameter=parameter)
