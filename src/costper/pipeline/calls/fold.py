"""Folds batches of the spool into the books: priced, summed, exactly once, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from costper.errors import SourceError
from costper.model.call import COUNTS
from costper.pipeline.calls.fold_sql import (
    HELD,
    KNOWN,
    LINES,
    RATES,
    REPEATS,
    conflicts,
    ids,
    known_lines,
    lines_of_several,
    new_lines,
    priced,
    rate_keys,
    repeats,
    told,
)
from costper.pipeline.calls.rollup import added
from costper.pipeline.calls.told import KINDS, table_of
from costper.store.books import Books
from costper.store.engine import Engine, Parameters, Write
from costper.store.spool import Batch

ROW_GROUP = 122_880
"""Rows the engine compresses together."""

MOST_EVENTS = 2 * ROW_GROUP
"""Events of one transaction."""

MOST_RATES = 200_000
"""Rates that are remembered, before they are looked up again."""

RateKey = tuple[str, str, str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """What prices lines: a rate for each (provider, model, tier, day), and SQL that multiplies.

    `rate` gives the columns of a rate but its key; those of a model nobody knows are None.
    `cost` takes the aliases of a line and a rate, the counts that are not 0 in every line, and the
    columns that are not NULL in every rate; it gives an expression, NULL where unpriced.
    """

    version: str
    columns: pa.Schema
    rate: Callable[[RateKey], Mapping[str, object]]
    cost: Callable[[str, str, Collection[str], Collection[str]], str]


@dataclass(slots=True)
class Fold:
    """Brings batches into the books; one thread at a time.

    `seq` is the last batch that is in the books or was set aside. `aside` is told of a batch the
    books cannot take, and why. `days` are those the last batches brought calls of.
    """

    books: Books
    pricing: Pricing
    aside: Callable[[int, str], None]
    seq: int = 0
    days: frozenset[date] = frozenset()
    _rates: dict[RateKey, Mapping[str, object]] = field(
        default_factory=dict[RateKey, Mapping[str, object]]
    )

    def take(self, batches: Sequence[Batch]) -> int:
        """Add batches, which are in order and above `seq`; all of them, or none.

        A batch that cannot be read is set aside, and the others are added; how many were set aside
        is given. Raises BooksError when the books cannot be written.
        """
        # A commit may have failed after it was kept: what is in the books says where we are.
        self.seq = max(self.seq, folded_seq(self.books))
        batches = [batch for batch in batches if batch.seq > self.seq]
        if not batches:
            return 0
        try:
            self._add(batches)
        except SourceError as error:
            if len(batches) > 1:
                return sum(self.take([batch]) for batch in batches)
            self.aside(batches[0].seq, error.message)
            self.seq = batches[0].seq
            return 1
        return 0

    def price_with(self, pricing: Pricing) -> None:
        """Price what comes from now on with other rates."""
        self.pricing, self._rates = pricing, {}

    def _add(self, batches: Sequence[Batch]) -> None:
        marts = self.books.marts
        table = _joined(batches)
        marts.hold(HELD, table)
        try:
            self._write(marts, _prepared(marts, table), batches[-1].seq)
        finally:
            marts.forget(HELD, KNOWN, LINES, REPEATS)
        self.seq = batches[-1].seq

    def _write(self, marts: Engine, prepared: _Prepared, last: int) -> None:
        lines = new_lines(prepared.lines, repeated=prepared.repeated)
        pricing = self.pricing
        rated = self._offer_rates(marts, lines)
        params: Parameters = {
            "price_version": pricing.version,
            "after": self.seq,
            "last": last,
        }
        told_again = Write(table="call_conflicts", select=conflicts(prepared.told))
        cost = pricing.cost("l", "r", prepared.counted, rated)
        writes = [
            Write(table="calls", select=priced(lines, cost)),
            *added("seq > $after", prepared.unsaid),
            *([told_again] if prepared.repeated else []),
            Write(table="folded", where="TRUE", select="SELECT CAST($last AS BIGINT) AS seq"),
        ]
        marts.replace(writes, params, apart=True)

    def _offer_rates(self, marts: Engine, lines: str) -> frozenset[str]:
        """Offer the rates of lines, and give the columns in which any of them has something."""
        keys: list[RateKey] = [
            (row["provider"], row["model"], row["tier"], row["day"])
            for row in marts.query(rate_keys(lines)).to_pylist()
        ]
        self.days = frozenset(key[3] for key in keys)
        if len(self._rates) > MOST_RATES:
            self._rates.clear()
        for key in keys:
            if key not in self._rates:
                self._rates[key] = self.pricing.rate(key)
        rows = [
            {**self._rates[key], "provider": key[0], "model": key[1], "tier": key[2], "day": key[3]}
            for key in keys
        ]
        marts.offer(RATES, pa.Table.from_pylist(rows, schema=self.pricing.columns))
        return frozenset(name for row in rows for name, value in row.items() if value is not None)


def _joined(batches: Iterable[Batch]) -> pa.Table:
    """Put batches together in pieces of one row group each, as the engine writes them best."""
    whole = table_of(batches).unify_dictionaries().combine_chunks()
    return pa.Table.from_batches(whole.to_batches(ROW_GROUP), whole.schema)


def folded_seq(books: Books) -> int:
    """Give the number of the last batch in the books, 0 for none."""
    return books.folded.seq(books.marts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """What a fold reads: events, lines, whether some repeat, which columns say something or not."""

    told: str
    lines: str
    repeated: bool
    counted: Collection[str]
    unsaid: Collection[str]


def _prepared(marts: Engine, table: pa.Table) -> _Prepared:
    """Keep what else the lines of a fold are made of."""
    said = set(table.column_names)
    events = lines = told(said, {name for name in said if not table[name].null_count})
    counted = said.intersection(COUNTS)
    unsaid = set(KINDS) - said
    if "lines" in said:
        marts.keep(LINES, lines_of_several(events))
        lines, counted, unsaid = LINES, set(COUNTS), set[str]()
    marts.keep(KNOWN, known_lines(events))
    known = marts.query(f"SELECT COUNT(*) AS known FROM {KNOWN}").to_pylist()[0]["known"]
    repeated = bool(known) or marts.query(ids(events)).to_pylist()[0]["ids"] != table.num_rows
    if repeated:
        marts.keep(REPEATS, repeats(events, lines))
    return _Prepared(told=events, lines=lines, repeated=repeated, counted=counted, unsaid=unsaid)
