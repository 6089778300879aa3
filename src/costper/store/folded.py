"""The number of the last batch of calls in the books, read once after every write."""

from __future__ import annotations

from dataclasses import dataclass

from costper.store.engine import Engine


@dataclass(slots=True)
class Folded:
    """What was read last, and after how many writes: every page asks whether calls came."""

    _known: tuple[int, int] = (-1, 0)

    def seq(self, marts: Engine) -> int:
        """Give the number, 0 for none. What is written meanwhile makes the next one read again."""
        writes, known = marts.writes, self._known
        if known[0] != writes:
            rows = marts.query("SELECT MAX(seq) AS seq FROM folded").to_pylist()
            known = writes, rows[0]["seq"] or 0
            self._known = known
        return known[1]
