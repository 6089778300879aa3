"""What every way to the books can do: take a question by its name, give an Arrow stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from costper.api.endpoint import Endpoint
from costper.api.endpoints import ENDPOINTS, POSTS
from costper.api.posts import Post
from costper.errors import UnknownNameError

Given = Mapping[str, str]
Body = Mapping[str, object]


class Door(Protocol):
    """A way to the books: in this process, over HTTP, or through a running server's socket."""

    def call(self, name: str, given: Given, body: Body | None) -> bytes:
        """Ask the endpoint of that name; `body` is what a POST sends. Give an Arrow stream.

        Raises:
            UserError: the question makes no sense; `where` names the part.
            BooksError: the books cannot be read, or the door is closed.
        """
        ...

    def close(self) -> None:
        """Let go."""
        ...


def endpoint_named(name: str) -> Endpoint:
    """Find what is got by GET."""
    for one in ENDPOINTS:
        if one.name == name:
            return one
    raise UnknownNameError("question", name, [one.name for one in ENDPOINTS])


def post_named(name: str) -> Post:
    """Find what is asked by POST and changes nothing."""
    known = {one.name: one for one in POSTS if not one.changes}
    if name not in known:
        raise UnknownNameError("question", name, known)
    return known[name]
