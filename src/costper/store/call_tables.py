"""The tables of LLM calls: every billable line, and the roll-ups that answers read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from costper.model.call import COUNTS
from costper.store.engine import Table

CALL_MONEY = "DECIMAL(38,18)"
"""Cost of calls: whole tokens times a rate of at most 18 decimal places, never rounded."""

WHO: tuple[tuple[str, str], ...] = (
    ("user_id", "VARCHAR"),
    ("user_kind", "VARCHAR"),
    ("tenant", "VARCHAR"),
    ("customer", "VARCHAR"),
)
"""Who caused a call. `user_id` is an HMAC, never what was sent; '' where not said."""

USER_KEY: tuple[str, str] = ("user_key", "UBIGINT")
"""hash(user_id), second to the day in the order of rows: numbers group four times as quickly as
ids, and one user's rows are found without reading the others'."""

WHAT: tuple[tuple[str, str], ...] = (
    ("feature", "VARCHAR"),
    ("prompt_version", "VARCHAR"),
    ("team", "VARCHAR"),
    ("environment", "VARCHAR"),
    ("data_mode", "VARCHAR"),
)
"""What it was for; '' where not said."""

WITH: tuple[tuple[str, str], ...] = (
    ("provider", "VARCHAR"),
    ("model", "VARCHAR"),
    ("tier", "VARCHAR"),
)
"""What served it."""

TOKENS: tuple[tuple[str, str], ...] = tuple((name, "BIGINT") for name in COUNTS)
LATER: Mapping[str, str] = {"image_output_tokens": "0"}
"""Counts that the first books did not have: nothing of the kind was counted then."""

MEASURES: tuple[tuple[str, str], ...] = (
    ("calls", "BIGINT"),
    ("errors", "BIGINT"),
    ("retries", "BIGINT"),
    ("cached_calls", "BIGINT"),
    ("unpriced_calls", "BIGINT"),
    ("estimated_calls", "BIGINT"),
    *TOKENS,
    ("latency_calls", "BIGINT"),
    ("latency_ms_sum", "BIGINT"),
    ("call_cost", CALL_MONEY),
    ("cost", CALL_MONEY),
)
"""What roll-ups add up.

A call counts once, with its first line. `call_cost` is what calls cost by price or provider;
`cost` is the cost of record: the same, until an invoice trues it up. Unpriced calls are in
neither, and `unpriced_calls` says how many.
"""


def calls() -> Table:
    """Heavy: one row for each billable line of each call; `line_no` counts from 0.

    `call_key` is a 64-bit hash of `call_id`, which is unique with `line_no`. `rated_cost` is by
    the catalogue's price, `provider_cost` as the provider said, both NULL where unknown; `cost`
    is the provider's, else the rated one, NULL for an unpriced line. `price_version` names the
    catalogue that rated it. `seq` is the spool's number of the batch it came in.
    """
    return Table(
        name="calls",
        columns=(
            ("day", "DATE"),
            ("at", "TIMESTAMP"),
            ("call_key", "UBIGINT"),
            ("call_id", "VARCHAR"),
            ("line_no", "INTEGER"),
            *WITH,
            *WHO,
            *WHAT,
            ("session_id", "VARCHAR"),
            ("operation_id", "VARCHAR"),
            ("attempt", "INTEGER"),
            ("status", "VARCHAR"),
            ("outcome", "VARCHAR"),
            ("part", "VARCHAR"),
            *TOKENS,
            ("context_tokens", "BIGINT"),
            ("latency_ms", "BIGINT"),
            ("estimated", "BOOLEAN"),
            ("price_status", "VARCHAR"),
            ("price_version", "VARCHAR"),
            ("rated_cost", CALL_MONEY),
            ("provider_cost", CALL_MONEY),
            ("cost", CALL_MONEY),
            ("seq", "BIGINT"),
        ),
        later=LATER,
    )


def call_hourly() -> Table:
    """Mart: calls by hour, without the user; rows of one key may stand more than once."""
    return Table(
        name="call_hourly",
        columns=(
            ("day", "DATE"),
            ("hour", "TIMESTAMP"),
            *WITH,
            *WHAT,
            ("user_kind", "VARCHAR"),
            ("tenant", "VARCHAR"),
            ("customer", "VARCHAR"),
            ("outcome", "VARCHAR"),
            *MEASURES,
        ),
        later=LATER,
    )


def user_daily() -> Table:
    """Mart: calls by day and user; rows of one key may stand more than once."""
    return Table(
        name="user_daily",
        columns=(
            ("day", "DATE"),
            USER_KEY,
            *WHO,
            ("feature", "VARCHAR"),
            ("environment", "VARCHAR"),
            ("data_mode", "VARCHAR"),
            *WITH,
            *MEASURES,
        ),
        later=LATER,
    )


def user_hourly() -> Table:
    """Mart: calls by hour and user, for bursts; rows of one key may stand more than once."""
    return Table(
        name="user_hourly",
        columns=(
            ("day", "DATE"),
            USER_KEY,
            ("hour", "TIMESTAMP"),
            *WHO,
            ("environment", "VARCHAR"),
            ("data_mode", "VARCHAR"),
            ("calls", "BIGINT"),
            ("unpriced_calls", "BIGINT"),
            ("input_tokens", "BIGINT"),
            ("output_tokens", "BIGINT"),
            ("call_cost", CALL_MONEY),
        ),
    )


def latency_daily() -> Table:
    """Mart: calls by day and latency class; class n holds 1.05^n up to 1.05^(n+1) ms."""
    return Table(
        name="latency_daily",
        columns=(
            ("day", "DATE"),
            ("provider", "VARCHAR"),
            ("model", "VARCHAR"),
            ("feature", "VARCHAR"),
            ("prompt_version", "VARCHAR"),
            ("environment", "VARCHAR"),
            ("data_mode", "VARCHAR"),
            ("latency_class", "INTEGER"),
            ("calls", "BIGINT"),
        ),
    )


def call_conflicts() -> Table:
    """Heavy: calls whose id was known already with other content; the first one stands."""
    return Table(
        name="call_conflicts",
        columns=(("call_id", "VARCHAR"), ("at", "TIMESTAMP"), ("seq", "BIGINT")),
    )


def folded() -> Table:
    """Both: up to which number the spool is in the books, written with the rows themselves."""
    return Table(name="folded", columns=(("seq", "BIGINT"),))


def call_landed() -> Table:
    """Mart: what each month of calls that became charges and measurements was made of."""
    return Table(
        name="call_landed",
        columns=(("month", "DATE"), ("fingerprint", "VARCHAR")),
    )


def call_unpriced(dimensions: Sequence[str]) -> Table:
    """Mart: calls nobody priced that no charge holds, by day and the dimensions of charges."""
    return Table(
        name="call_unpriced",
        columns=(
            ("month", "DATE"),
            ("day", "DATE"),
            ("source", "VARCHAR"),
            ("charge_category", "VARCHAR"),
            *((f"dim_{name}", "VARCHAR") for name in dimensions),
            ("calls", "BIGINT"),
        ),
    )


def call_marts() -> tuple[Table, ...]:
    """Give every table of calls but call_unpriced, which is by the books' dimensions."""
    return (
        calls(),
        call_hourly(),
        user_daily(),
        user_hourly(),
        latency_daily(),
        call_conflicts(),
        folded(),
        call_landed(),
    )
