"""The tables of the books, as values: what each holds and how its rows are told apart."""

from __future__ import annotations

from collections.abc import Sequence

from costper.model.charge import ATTRIBUTES, CHARGE_COLUMNS, PROVENANCE_COLUMNS
from costper.model.money import COST_COLUMNS, MONEY_SQL, QUANTITY_SQL
from costper.store.engine import Table

COSTS: tuple[tuple[str, str], ...] = tuple((name, MONEY_SQL) for name in COST_COLUMNS)

DAILY_ATTRIBUTES: tuple[str, ...] = (
    "provider",
    "billing_account",
    "account",
    "account_name",
    "service_name",
    "service_category",
    "region",
    "charge_category",
    "charge_class",
    "commitment_status",
)
"""Attributes the daily roll-up always keeps; dimensions may add resource, sku, description …"""


def charges() -> Table:
    """Heavy: every row of every current delivery, as landed."""
    columns = (*PROVENANCE_COLUMNS, *CHARGE_COLUMNS)
    return Table(name="charges", columns=tuple((c.name, c.sql_type) for c in columns))


def daily_attribute_columns(extra: Sequence[str]) -> tuple[str, ...]:
    """The charge columns the daily roll-up is kept by, `tags` last; never NULL, '' instead."""
    wanted = dict.fromkeys((*DAILY_ATTRIBUTES, *extra))
    return (*(ATTRIBUTES[name] for name in wanted if name != "source"), "tags")


def charge_daily(extra: Sequence[str], name: str = "charge_daily") -> Table:
    """Heavy: charges by delivery, day, currency and attributes.

    A charge of several days is spread over them exactly (see store/spread). `charges` counts
    rows. `charge_daily_superseded` has the same shape and keeps the last replaced deliveries of
    each scope, so that "what changed" stays answerable.
    """
    text = tuple((column, "VARCHAR") for column in daily_attribute_columns(extra))
    return Table(
        name=name,
        columns=(
            ("source", "VARCHAR"),
            ("delivery_id", "BIGINT"),
            ("billing_period", "DATE"),
            ("day", "DATE"),
            ("currency", "VARCHAR"),
            ("estimated", "BOOLEAN"),
            *text,
            *COSTS,
            ("charges", "BIGINT"),
        ),
    )


def measurements(dimensions: Sequence[str]) -> Table:
    """Heavy: what was measured, by source, metric, day and dimensions ('' where not said)."""
    return Table(
        name="measurements",
        columns=(
            ("source", "VARCHAR"),
            ("delivery_id", "BIGINT"),
            ("metric", "VARCHAR"),
            ("day", "DATE"),
            *((f"{name}", "VARCHAR") for name in dimensions),
            ("value", QUANTITY_SQL),
        ),
    )


def dimension_map(dimensions: Sequence[str], extra: Sequence[str]) -> Table:
    """Heavy: what words meant in the current run of each month: dimensions and stage-1 rule.

    Only the columns that the run's dimensions and rules look at are filled, the others are ''.
    Join on source and those columns. `rule` is the number of the rule that takes the charge, -1
    for none.
    """
    return Table(
        name="dimension_map",
        columns=(
            ("month", "DATE"),
            ("source", "VARCHAR"),
            *((column, "VARCHAR") for column in daily_attribute_columns(extra)),
            *((f"dim_{name}", "VARCHAR") for name in dimensions),
            ("rule", "INTEGER"),
        ),
    )


def legs(dimensions: Sequence[str], name: str = "legs") -> Table:
    """Mart: every amount where it came to rest, ordered by (month, customer, day).

    `dim_*` are the dimensions after allocation; `reason` is set only where the amount stayed
    unallocated (then dim_customer, or the rule's target, is "(unallocated)"). `method` is the
    driver, `pool_no` names the row of `pools` it was split from (0: direct, or no rule).
    The table `moves` has the same shape and holds what earlier stages of a chain moved.
    """
    return Table(
        name=name,
        columns=(
            ("run_id", "BIGINT"),
            ("month", "DATE"),
            ("day", "DATE"),
            ("currency", "VARCHAR"),
            ("source", "VARCHAR"),
            ("charge_category", "VARCHAR"),
            *((f"dim_{dimension}", "VARCHAR") for dimension in dimensions),
            ("stage", "INTEGER"),
            ("rule", "VARCHAR"),
            ("method", "VARCHAR"),
            ("reason", "VARCHAR"),
            ("pool_no", "BIGINT"),
            ("weight", QUANTITY_SQL),
            ("weight_total", QUANTITY_SQL),
            *COSTS,
        ),
    )


def pools(dimensions: Sequence[str]) -> Table:
    """Mart: what was divided: one day's shared charges of one rule and one set of dimensions.

    `dim_*` are the dimensions before the split.
    """
    return Table(
        name="pools",
        columns=(
            ("run_id", "BIGINT"),
            ("month", "DATE"),
            ("stage", "INTEGER"),
            ("pool_no", "BIGINT"),
            ("day", "DATE"),
            ("currency", "VARCHAR"),
            ("source", "VARCHAR"),
            ("charge_category", "VARCHAR"),
            *((f"dim_{dimension}", "VARCHAR") for dimension in dimensions),
            ("rule", "VARCHAR"),
            ("method", "VARCHAR"),
            ("reason", "VARCHAR"),
            ("weight_total", QUANTITY_SQL),
            ("targets", "BIGINT"),
            *COSTS,
        ),
    )


def customer_daily() -> Table:
    """Mart: legs by day and customer."""
    return Table(
        name="customer_daily",
        columns=(
            ("month", "DATE"),
            ("day", "DATE"),
            ("currency", "VARCHAR"),
            ("source", "VARCHAR"),
            ("customer", "VARCHAR"),
            *COSTS,
        ),
    )


def dimension_daily(dimensions: Sequence[str]) -> Table:
    """Mart: legs by day and every dimension but the customer; `reason` '' where allocated.

    `gross_cost` is Σ |cost of record| of its legs, for coverage.
    """
    return Table(
        name="dimension_daily",
        columns=(
            ("month", "DATE"),
            ("day", "DATE"),
            ("currency", "VARCHAR"),
            ("source", "VARCHAR"),
            ("charge_category", "VARCHAR"),
            *((f"dim_{name}", "VARCHAR") for name in dimensions if name != "customer"),
            ("reason", "VARCHAR"),
            ("estimated", "BOOLEAN"),
            *COSTS,
            ("gross_cost", MONEY_SQL),
        ),
    )


def measurement_daily() -> Table:
    """Mart: measurements by day, metric and customer ('' where not said)."""
    return Table(
        name="measurement_daily",
        columns=(
            ("month", "DATE"),
            ("day", "DATE"),
            ("metric", "VARCHAR"),
            ("customer", "VARCHAR"),
            ("service", "VARCHAR"),
            ("value", QUANTITY_SQL),
        ),
    )


def environment_hourly() -> Table:
    """Mart: cost by hour of every environment that is not production, for hourly charges.

    `hourly` is false for charges longer than an hour: they sit on hour 0 of their day and the
    waste report estimates instead.
    """
    return Table(
        name="environment_hourly",
        columns=(
            ("month", "DATE"),
            ("day", "DATE"),
            ("hour", "INTEGER"),
            ("hourly", "BOOLEAN"),
            ("currency", "VARCHAR"),
            ("source", "VARCHAR"),
            ("environment", "VARCHAR"),
            ("service", "VARCHAR"),
            ("effective_cost", MONEY_SQL),
            ("billed_cost", MONEY_SQL),
        ),
    )


def run_summary() -> Table:
    """Mart: what is kept of every superseded run: its legs without days and pools."""
    return Table(
        name="run_summary",
        columns=(
            ("run_id", "BIGINT"),
            ("month", "DATE"),
            ("currency", "VARCHAR"),
            ("source", "VARCHAR"),
            ("rule", "VARCHAR"),
            ("method", "VARCHAR"),
            ("reason", "VARCHAR"),
            ("customer", "VARCHAR"),
            ("service", "VARCHAR"),
            *COSTS,
        ),
    )


def customers() -> Table:
    """Mart: customers as dated facts; each row holds from `valid_from` until `valid_to`.

    `mrr` is money a month in `currency`; `valid_to` NULL means still so.
    """
    return Table(
        name="customers",
        columns=(
            ("source", "VARCHAR"),
            ("customer", "VARCHAR"),
            ("name", "VARCHAR"),
            ("status", "VARCHAR"),
            ("plan", "VARCHAR"),
            ("seats", QUANTITY_SQL),
            ("mrr", MONEY_SQL),
            ("currency", "VARCHAR"),
            ("valid_from", "DATE"),
            ("valid_to", "DATE"),
        ),
    )


def rates() -> Table:
    """Mart: dated exchange rates: one `currency` buys `rate` of `target` from `valid_from` on."""
    return Table(
        name="rates",
        columns=(
            ("valid_from", "DATE"),
            ("currency", "VARCHAR"),
            ("target", "VARCHAR"),
            ("rate", "DECIMAL(38,18)"),
        ),
    )


def control_marker() -> Table:
    """Both: which deliveries and runs the books hold; the truth after a crash."""
    return Table(name="landed", columns=(("kind", "VARCHAR"), ("id", "BIGINT")))


def bad_charges() -> Table:
    """Heavy: the rows of current deliveries that could not be charges; `fault` is the column."""
    return Table(
        name="bad_charges",
        columns=(
            ("delivery_id", "BIGINT"),
            ("file_no", "BIGINT"),
            ("row_no", "BIGINT"),
            ("fault", "VARCHAR"),
        ),
    )


def restatements(dimensions: Sequence[str]) -> Table:
    """Heavy: measured values that changed after they were landed; NULL where there was none."""
    return Table(
        name="restatements",
        columns=(
            ("source", "VARCHAR"),
            ("delivery_id", "BIGINT"),
            ("metric", "VARCHAR"),
            ("day", "DATE"),
            *((name, "VARCHAR") for name in dimensions),
            ("old", QUANTITY_SQL),
            ("new", QUANTITY_SQL),
            ("changed_at", "VARCHAR"),
        ),
    )


def books_identity() -> Table:
    """Both: the name these books share with their control store; one row."""
    return Table(name="books_identity", columns=(("id", "VARCHAR"),))


def schema_version() -> Table:
    """Which shape the books have; one row."""
    return Table(name="schema_version", columns=(("version", "BIGINT"),))
