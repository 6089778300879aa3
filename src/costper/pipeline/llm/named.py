"""Finds a user by the id answers show, or by the one the application sent."""

from __future__ import annotations

from costper.errors import UnknownNameError
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.calls.people import kept_user_id
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.user import is_known, user
from costper.store.books import Books


def user_named(books: Books, frame: Frame, chosen: Chosen, name: str) -> Answer:
    """Answer about one user; an id no call has is hashed as the door would have done.

    Raises:
        UnknownNameError: no call of these days is of that user, by either id.
    """
    try:
        return user(frame, chosen, name)
    except UnknownNameError:
        own = kept_user_id(books, name)
        if not own or not is_known(frame, chosen, own):
            raise
        return user(frame, chosen, own)


def own_id(books: Books, frame: Frame, chosen: Chosen, name: str) -> str:
    """Give the id the books keep of a user; `name` as it is where no call has either."""
    if is_known(frame, chosen, name):
        return name
    own = kept_user_id(books, name)
    return own if own and is_known(frame, chosen, own) else name
