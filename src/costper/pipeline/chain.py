"""Reads the pools and moved legs of one month, so that amounts can be walked along them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from costper.allocation.explain import Step, weight_of
from costper.model.names import quoted
from costper.pipeline.bill_rows import Shape
from costper.pipeline.words import handed_over
from costper.store.books import Books
from costper.store.engine import Parameter

Row = dict[str, Any]
WANTED = "explain_pools"


class Day:
    """The pools of one day and their parts, looked up in memory."""

    def __init__(
        self, names: Sequence[str], pools: Iterable[Row], parts: Mapping[int, list[Row]]
    ) -> None:
        """Sort the pools by what their charges have in common; `pools` come by stage."""
        self._names = names
        self._parts = parts
        self._pools: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for pool in pools:
            self._pools[self._key(pool)].append(pool)

    def first_pool(self, leg: Row) -> int:
        """Give the pool of the first stage that charges like this went into, 0 for none."""
        found = (one for one in self._pools.get(self._key(leg), ()) if one["stage"] == 1)
        return next((one["pool_no"] for one in found if one["rule"] == leg["rule"]), 0)

    def next_pool(self, leg: Row) -> int:
        """Give the pool a leg was moved into by a later stage, 0 when it rests."""
        same = self._pools.get(self._key(leg), ())
        return next((one["pool_no"] for one in same if one["stage"] > leg["stage"]), 0)

    def parts(self, pool_no: int) -> Sequence[Row]:
        """Give the legs a pool was divided into; `moved` says that a later stage took them."""
        return self._parts.get(pool_no, ())

    def _key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self._names)


class Chain:
    """The pools of one month and what went into them, read as far as they are asked for."""

    def __init__(self, books: Books, shape: Shape) -> None:
        """Start with nothing read."""
        self._books = books
        self._shape = shape
        self._versions = {rule.name: rule.version for rule in shape.definition.rules}
        self._to = {rule.name: rule.to for rule in shape.definition.rules}
        self.pools: dict[int, Row] = {}
        self.inputs: dict[int, list[Row]] = {}

    def read(self, numbers: Iterable[int]) -> None:
        """Read pools, and the pools that went into them, back to the first stage."""
        wanted = {number for number in numbers if number} - set(self.pools)
        while wanted:
            self._hand_over(wanted)
            pools = self._query(
                f"SELECT p.* FROM pools AS p JOIN {WANTED} AS w ON w.pool_no = p.pool_no "
                "WHERE p.month = $month"
            )
            self.pools |= {row["pool_no"]: row for row in pools}
            later = {row["pool_no"] for row in pools if row["stage"] > 1}
            self.inputs |= {number: [] for number in later}
            found = self._moved_into(later) if later else []
            for row in found:
                self.inputs[row["into_pool"]].append(row)
            wanted = {row["pool_no"] for row in found if row["pool_no"]} - set(self.pools)

    def next_pool(self, leg: Row) -> int:
        """Give the pool a leg was moved into by a later stage, 0 when it rests."""
        names = self._key()
        same = " AND ".join(f"p.{quoted(name)} = $key_{n}" for n, name in enumerate(names))
        found = self._query(
            f"SELECT pool_no FROM pools AS p WHERE month = $month AND stage > $stage AND {same} "
            "ORDER BY stage LIMIT 1",
            stage=leg["stage"],
            **{f"key_{n}": leg[name] for n, name in enumerate(names)},
        )
        return int(found[0]["pool_no"]) if found else 0

    def first_pool(self, leg: Row) -> int:
        """Give the pool of the first stage that charges like this went into, 0 for none."""
        names = (*self._key(), "rule")
        same = " AND ".join(f"p.{quoted(name)} = $key_{n}" for n, name in enumerate(names))
        found = self._query(
            f"SELECT pool_no FROM pools AS p WHERE month = $month AND stage = 1 AND {same}",
            **{f"key_{n}": leg[name] for n, name in enumerate(names)},
        )
        return int(found[0]["pool_no"]) if found else 0

    def read_day(self, day: date) -> Day:
        """Read all that was divided on a day at once."""
        on = "WHERE month = $month AND day = $day"
        order = ", ".join(quoted(name) for name in self._key())
        pools = self._query(f"SELECT * FROM pools {on} ORDER BY stage", day=day)
        self.pools |= {row["pool_no"]: row for row in pools}
        parts: dict[int, list[Row]] = defaultdict(list)
        for table in ("legs", "moves"):
            for row in self._query(
                f"SELECT * FROM {table} {on} AND pool_no > 0 ORDER BY pool_no, {order}", day=day
            ):
                parts[row["pool_no"]].append({**row, "moved": table == "moves"})
        return Day(names=self._key(), pools=tuple(pools), parts=parts)

    def parts(self, pool_no: int) -> list[Row]:
        """Give the legs a pool was divided into; `moved` says that a later stage took them."""
        order = ", ".join(quoted(name) for name in self._key())
        return [
            {**row, "moved": table == "moves"}
            for table in ("legs", "moves")
            for row in self._query(
                f"SELECT * FROM {table} WHERE month = $month AND pool_no = $pool ORDER BY {order}",
                pool=pool_no,
            )
        ]

    def step(self, leg: Row) -> Step:
        """Say how a leg was divided off its pool."""
        pool = self.pools[leg["pool_no"]]
        return Step(
            stage=pool["stage"],
            rule=pool["rule"],
            version=self.version(pool["rule"]),
            method=pool["method"],
            reason=pool["reason"],
            pool_no=pool["pool_no"],
            day=pool["day"],
            pool_cost=self.cost(pool),
            weight=weight_of(pool["method"], leg["weight"]),
            weight_total=weight_of(pool["method"], leg["weight_total"]),
        )

    def cost(self, row: Row) -> Any:  # noqa: ANN401 - a Decimal of an untyped row
        """Give the cost of record of a leg or a pool."""
        return row[self._shape.definition.record.column(row["source"])]

    def version(self, rule: str) -> str:
        """Give the version of a rule, '' for none."""
        return self._versions.get(rule, "")

    def to(self, rule: str) -> str:
        """Give the dimension a rule carries cost to; charges without one name their customer."""
        return self._to.get(rule, "customer")

    def _moved_into(self, pools: Iterable[int]) -> list[Row]:
        """Give the legs that were moved into pools: into the first later pool of their key."""
        self._hand_over(pools)
        same, nearer = (
            " AND ".join(f"{alias}.{quoted(name)} = v.{quoted(name)}" for name in self._key())
            for alias in ("p", "q")
        )
        return self._query(
            "SELECT v.*, p.pool_no AS into_pool FROM moves AS v "
            f"JOIN pools AS p ON p.month = v.month AND p.stage > v.stage AND {same} "
            f"JOIN {WANTED} AS w ON w.pool_no = p.pool_no "
            "WHERE v.month = $month AND NOT EXISTS (SELECT 1 FROM pools AS q "
            "WHERE q.month = v.month AND q.stage > v.stage AND q.stage < p.stage "
            f"AND {nearer}) ORDER BY v.stage, v.pool_no, v.rule"
        )

    def _key(self) -> tuple[str, ...]:
        return self._shape.key[:-1]

    def _hand_over(self, numbers: Iterable[int]) -> None:
        kind = pa.schema([pa.field("pool_no", pa.int64())])
        handed_over(self._books.marts, WANTED, {"pool_no": [*sorted(numbers)]}, kind)

    def _query(self, sql: str, **params: Parameter) -> list[Row]:
        found: list[Row] = self._books.marts.query(
            sql, {"month": self._shape.month, **params}
        ).to_pylist()
        return found
