"""Keep the daily roll-up true to the attributes that dimensions and rules read today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from costper.model.period import Period
from costper.store.calendar import days_of, offer_calendar
from costper.store.control import Control
from costper.store.engine import Engine, Write
from costper.store.rollup import daily
from costper.store.spread import FIRST_DAY, LAST_DAY
from costper.store.tables import daily_attribute_columns

KEY = "charge_daily.attributes"


def keep_rollup(engine: Engine, control: Control, extra: Sequence[str]) -> bool:
    """Roll all charges up again when an attribute is read that was not before; say if so.

    An attribute nobody reads any more costs rows, not truth, so nothing is rebuilt for it.
    """
    known, wanted = control.remembered(KEY), daily_attribute_columns(extra)
    kept = set((known or "").split(","))
    span = None if set(wanted) <= kept else _span(engine)
    if span is not None:
        offer_calendar(engine, days_of(span))
        rebuilt = Write(table="charge_daily", where="TRUE", select=daily(extra, "TRUE"))
        engine.replace([rebuilt])
    if known != ",".join(wanted):
        control.remember(KEY, ",".join(wanted))
    return span is not None


def _span(engine: Engine) -> Period | None:
    first, last = f"MIN({FIRST_DAY}) AS first", f"MAX({LAST_DAY}) AS last"
    row = engine.query(f"SELECT {first}, {last} FROM charges").to_pylist()[0]
    return None if row["first"] is None else Period(row["first"], row["last"] + timedelta(days=1))
