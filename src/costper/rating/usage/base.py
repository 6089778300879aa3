"""What a wire format is to costper: how its chunks join into one body, how a body is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from costper.model.call import Reading
from costper.rating.usage.doubts import Doubts

Node = Mapping[str, object]
"""A JSON object, as it came: any value may be of the wrong type."""

NOTHING: Node = {}
DEEPEST = 3
"""How deep the objects within a usage are laid over each other; none goes deeper."""


@dataclass(slots=True)
class Joined:
    """What the chunks of a stream have come to so far, as a body that was not streamed.

    `finished` says that nothing more of its usage can follow. `emitted` counts bytes of output
    that no usage has told of yet. `open` holds what was begun, and has not ended; `ending` says
    that something did end. A chunk's text is dropped at once: the size does not grow with it.
    """

    body: dict[str, object] = field(default_factory=dict[str, object])
    finished: bool = False
    emitted: int = 0
    open: set[str] = field(default_factory=set[str])
    ending: bool = False

    def keep(self, chunk: Node, keys: Iterable[str]) -> None:
        """Lay what a chunk says under these keys over what was said before."""
        for key in keys:
            said = chunk.get(key)
            if said is not None and said != "":
                self.body[key] = overlaid(self.body.get(key), said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One wire format: the shape in which providers say what a response used.

    `read` takes a whole body, `join` one chunk of a stream; the joined body is read by `read`,
    so a stream reads as the same response that was not streamed. `by_turns` marks connections
    of many responses: those that ended stay exact where the last one is cut.
    """

    name: str
    read: Callable[[Node, Doubts], Reading]
    join: Callable[[Joined, Node, Doubts], None]
    by_turns: bool = False


def overlaid(old: object, new: object, depth: int = DEEPEST) -> object:
    """Lay new values over old ones, field by field: the last one that is not null wins.

    >>> overlaid({"input": 4, "cache": 9}, {"input": None, "output": 2})
    {'input': 4, 'cache': 9, 'output': 2}
    """
    if new is None:
        return old
    if depth and isinstance(old, Mapping) and isinstance(new, Mapping):
        below, above = cast("Node", old), cast("Node", new)
        laid = {key: overlaid(below.get(key), said, depth - 1) for key, said in above.items()}
        return {**below, **laid}
    return new
