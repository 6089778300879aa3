"""What a doorkeeper remembers: two generations, of which the older is dropped in time."""

from __future__ import annotations

from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Remembers the last so many answers, whatever asks for them."""

    __slots__ = ("_most", "old", "young")

    def __init__(self, most: int) -> None:
        """Begin with nothing; at most twice `most` are remembered."""
        self._most = most
        self.young: dict[str, Value] = {}
        self.old: dict[str, Value] = {}

    def put(self, key: str, value: Value) -> Value:
        """Remember an answer."""
        young = self.young
        if len(young) >= self._most:
            self.old, self.young = young, {}
            young = self.young
        young[key] = value
        return value
