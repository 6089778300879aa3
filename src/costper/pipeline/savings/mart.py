"""Selects what rules of savings need to know of single resources, for one month of charges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from costper.economics.savings import METERS
from costper.economics.savings.base import Line, Meter
from costper.model.money import COST_COLUMNS, MONEY_SQL
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.words import Columns, handed_over, rows_of, text_schema
from costper.store.calendar import offer_calendar
from costper.store.engine import Engine, Parameters
from costper.store.spread import FIRST_DAY, LAST_DAY, ONE_DAY, ROW, spread

LINES = "savings_lines"
"""Scratch: the words of lines that some meter reads, with the meter and how it is told apart."""

PICKED = "savings_picked"
"""Scratch: the month's charges of those lines."""

SCRATCH = (LINES, PICKED)
TOLD_BY = {
    "service": "service_name",
    "usage": "sku_meter",
    "description": "charge_description",
    "status": "commitment_discount_status",
}
TEXTS = ("resource", "account", "region", "service_name", "description", "unit", "tags")
SPAN = ("charge_period_start", "charge_period_end")
LOOK = (
    "charge_period_start < $end AND (charge_period_end > $start OR charge_period_start >= $start)"
)
QUANTITY = "DECIMAL(38,18)"


def resource_rows(
    engine: Engine, words: str, used: Sequence[str], dims: Sequence[str], params: Parameters
) -> str:
    """Give the SELECT of resource_daily for a month; '' where no line is of any meter.

    `words` says what the columns `used` mean by dim_*. `params` hold `start`, `end` and `month`.
    """
    found = _lines(engine, params)
    if not found:
        return ""
    columns: Columns = {name: [row[name] for row in found] for name in (*TOLD_BY, "meter", "told")}
    handed_over(engine, LINES, columns, text_schema(columns))
    engine.keep(PICKED, _picked(used), params)
    return _by_day(_days(engine, used), words, used, dims)


def _lines(engine: Engine, params: Parameters) -> list[dict[str, object]]:
    """Read the distinct words of the month's lines, and keep those some meter reads."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in _told("c").items())
    rows = rows_of(
        engine.query(f"SELECT DISTINCT {columns} FROM charges AS c WHERE {LOOK}", params),
        tuple(TOLD_BY),
    )
    found: list[dict[str, object]] = []
    for row in rows:
        words: Mapping[str, str] = dict(zip(TOLD_BY, row, strict=True))
        meter = meter_of(Line(**words))
        if meter is not None:
            found.append({**words, "meter": meter.name, "told": meter.by})
    return found


def meter_of(line: Line) -> Meter | None:
    """Give the first meter that reads a line.

    >>> found = meter_of(Line(usage="EU-ElasticIP:IdleAddress"))
    >>> found and found.name
    'idle_address'
    """
    return next((meter for meter in METERS if meter.reads(line)), None)


def _told(prefix: str) -> dict[str, str]:
    return {name: f"COALESCE({prefix}.{column}, '')" for name, column in TOLD_BY.items()}


def _picked(used: Sequence[str]) -> str:
    """Select the charges of known lines, in the words of the mart, with the `used` columns."""
    same = " AND ".join(f"l.{name} = {sql}" for name, sql in _told("c").items())
    resource = (
        "CASE WHEN l.told = 'tags' THEN '' "
        "WHEN l.meter = 'unused_commitment' THEN "
        "COALESCE(c.commitment_discount_id, c.resource_id, '') "
        "ELSE COALESCE(c.resource_id, '') END"
    )
    texts = {
        "resource": resource,
        "account": _plain("sub_account_id"),
        "region": _plain("region_id"),
        "service_name": _plain("service_name"),
        "description": "COALESCE(c.charge_description, '')",
        "unit": "COALESCE(c.consumed_unit, c.pricing_unit, '')",
        "tags": "CASE WHEN l.told = 'resource' THEN '' ELSE COALESCE(c.tags, '') END",
    }
    words = [f"COALESCE(c.{quoted(name)}, '') AS {quoted(f'own_{name}')}" for name in used]
    plain = ", ".join(f"c.{name}" for name in ("source", *ROW, *SPAN, *COST_COLUMNS))
    quantity = f"CAST(COALESCE(c.consumed_quantity, c.pricing_quantity, 0) AS {QUANTITY})"
    return (
        f"SELECT {plain}, c.billing_currency AS currency, l.meter, "
        f"{', '.join([*(f'{sql} AS {name}' for name, sql in texts.items()), *words])}, "
        f"{quantity} AS quantity FROM charges AS c JOIN {LINES} AS l ON {same} WHERE {LOOK}"
    )


def _plain(column: str) -> str:
    """Give a column that only tells resources apart, so not where tags alone do."""
    return f"CASE WHEN l.told = 'tags' THEN '' ELSE COALESCE(c.{column}, '') END"


def _days(engine: Engine, used: Sequence[str]) -> str:
    """Select the picked charges by day: those that last longer are spread, exactly."""
    own = tuple(quoted(f"own_{name}") for name in used)
    keep = ("source", "currency", "meter", *TEXTS, *own, "quantity")
    columns = ", ".join((*ROW, *keep, "day", "charges", *COST_COLUMNS))
    short = (
        f"SELECT {', '.join((*ROW, *keep, *COST_COLUMNS))}, {FIRST_DAY} AS day, "
        f"CAST(1 AS BIGINT) AS charges FROM {PICKED} AS p WHERE {ONE_DAY}"
    )
    span = engine.query(
        f"SELECT MIN({FIRST_DAY}) AS first, MAX({LAST_DAY}) AS last FROM {PICKED} AS p "
        f"WHERE NOT ({ONE_DAY})"
    ).to_pylist()[0]
    if span["first"] is None:
        return f"SELECT {columns} FROM ({short}) AS s"
    days = Period(span["first"], span["last"] + timedelta(days=1))
    offer_calendar(engine, days.each_day())
    longer = f"(SELECT * FROM {PICKED} AS p WHERE NOT ({ONE_DAY})) AS longer"
    parts = spread(longer, (*ROW, *keep))
    return (
        f"SELECT {columns} FROM ({short}) AS s UNION ALL SELECT {columns} FROM ({parts}) AS t "
        "WHERE day >= $start AND day < $end"
    )


def _by_day(days: str, words: str, used: Sequence[str], dims: Sequence[str]) -> str:
    """Add charges of a day, meter, resource and dimensions up."""
    named = [quoted(f"dim_{name}") for name in dims]
    texts = [name for name in TEXTS if name != "description"]
    by = [
        *(f"d.{name}" for name in ("day", "source", "currency", "meter", *texts)),
        *(f"w.{name}" for name in named),
    ]
    same = ["w.source = d.source"]
    same += [f"w.{quoted(name)} = d.{quoted(f'own_{name}')}" for name in used]
    quantity = "CASE WHEN d.charges = 1 THEN d.quantity ELSE 0 END"
    charge = " || '/' || ".join(
        f"LPAD(CAST(d.{name} AS VARCHAR), {width}, '0')"
        for name, width in zip(ROW, (9, 9, 18), strict=True)
    )
    sums = ", ".join(
        f"CAST(SUM(d.{name}) AS {MONEY_SQL}) AS {name}"
        for name in ("effective_cost", "billed_cost")
    )
    return (
        f"SELECT CAST($month AS DATE) AS month, {', '.join(by)}, "
        f"MAX(d.description) AS description, CAST(SUM({quantity}) AS {QUANTITY}) AS quantity, "
        f"CAST(SUM(d.charges) AS BIGINT) AS charges, MIN({charge}) AS charge, {sums} "
        f"FROM ({days}) AS d JOIN {words} AS w ON {' AND '.join(same)} GROUP BY {', '.join(by)}"
    )
