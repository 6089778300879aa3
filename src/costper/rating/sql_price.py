"""What billable lines cost, as SQL text that agrees with price() to the last digit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from costper.rating.rates import KINDS, MOST_BANDS, TOKEN_KINDS, UNIT_PLACES, Rates, RateSet

RATE_SQL = f"DECIMAL(24,{UNIT_PLACES})"
COUNT_SQL = "DECIMAL(13,0)"
COST_SQL = f"DECIMAL(38,{UNIT_PLACES})"
ALWAYS = "request"
"""The kind that costs nothing where it has no rate."""

RateKey = tuple[str, str, str, date]

RATE_COLUMNS: tuple[tuple[str, str], ...] = (
    ("provider", "VARCHAR"),
    ("model", "VARCHAR"),
    ("tier", "VARCHAR"),
    ("day", "DATE"),
    *((f"{kind}_0", RATE_SQL) for kind in KINDS),
    *(
        column
        for band in range(1, MOST_BANDS + 1)
        for column in (
            (f"above_{band}", "BIGINT"),
            (f"hours_{band}", "BIGINT"),
            *((f"{kind}_{band}", RATE_SQL) for kind in KINDS),
        )
    ),
    ("known", "BOOLEAN"),
)
"""A rate as a row: its key, its base, and its bands, whose limits are NULL where it has none."""

PARTS: Mapping[str, str] = {
    "input": "{fresh} - {audio} - {image}",
    "output": "CASE WHEN {drawn} > 0 THEN 0 ELSE {written} END",
    "cache_read": "{cache_read_tokens} - {audio_read}",
    "cache_write": "{cache_write_tokens} - {for_hour}",
    "cache_write_1h": "{for_hour}",
    "reasoning": "{thought}",
    "audio_input": "{audio}",
    "audio_output": "{spoken}",
    "audio_cache_read": "{audio_read}",
    "image_input": "{image}",
    "image_output": "{drawn}",
    "output_beside_image": "CASE WHEN {drawn} > 0 THEN {written} ELSE 0 END",
    "web_search": "{web_searches}",
    "request": "CASE WHEN {input_tokens} + {output_tokens} > 0 THEN 1 ELSE 0 END",
}
"""How a line divides over KINDS, as in price.parts()."""

COUNTED = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "reasoning_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
    "web_searches",
)
BETWEEN: tuple[tuple[str, str], ...] = (
    ("for_hour", "LEAST({cache_write_1h_tokens}, {cache_write_tokens})"),
    ("fresh", "GREATEST({input_tokens} - {cache_read_tokens} - {cache_write_tokens}, 0)"),
    ("audio", "LEAST({audio_input_tokens}, {fresh})"),
    ("image", "LEAST({image_input_tokens}, {fresh} - {audio})"),
    ("audio_read", "LEAST({audio_input_tokens} - {audio}, {cache_read_tokens})"),
    ("spoken", "LEAST({audio_output_tokens}, {output_tokens})"),
    ("drawn", "LEAST({image_output_tokens}, {output_tokens} - {spoken})"),
    ("thought", "LEAST({reasoning_tokens}, {output_tokens} - {spoken} - {drawn})"),
    ("written", "({output_tokens} - {spoken} - {drawn} - {thought})"),
)
NEEDS: Mapping[str, str] = {
    **{kind: f"{kind}_tokens" for kind in TOKEN_KINDS},
    "audio_cache_read": "audio_input_tokens",
    "output_beside_image": "image_output_tokens",
    "web_search": "web_searches",
}
"""The count without which there is nothing of a kind."""

MADE_OF: Mapping[str, str] = {
    "for_hour": "cache_write_1h_tokens",
    "audio": "audio_input_tokens",
    "image": "image_input_tokens",
    "audio_read": "audio_input_tokens",
    "spoken": "audio_output_tokens",
    "drawn": "image_output_tokens",
    "thought": "reasoning_tokens",
}
"""The count without which there is nothing of what is reckoned in between."""


def rate_row(key: RateKey, rates: Rates | None) -> dict[str, object]:
    """Give a rate as a row of RATE_COLUMNS; all of it None but the key where nobody has a price."""
    row: dict[str, object] = {name: None for name, _ in RATE_COLUMNS}
    row.update(zip(("provider", "model", "tier", "day"), key, strict=True))
    if rates is None:
        return row | {"known": False}
    row.update(_columns(0, rates.base))
    for number, band in enumerate(rates.bands, start=1):
        row.update(_columns(number, band.rates))
        row.update({f"above_{number}": band.above, f"hours_{number}": band.hours})
    return row | {"known": True}


RATED = frozenset(name for name, _ in RATE_COLUMNS)


def cost_sql(
    line: str,
    rate: str,
    counted: Collection[str] = COUNTED,
    rated: Collection[str] = RATED,
) -> str:
    """Give the expression of what a line costs: DECIMAL(38,18), NULL where it has no price.

    `line` and `rate` are aliases: of a row with the columns of `calls` (the counts,
    `context_tokens` and "at"), and of a row of RATE_COLUMNS or of NULLs. Counts that are not
    `counted` are 0 in every line, and columns that are not `rated` are NULL in every rate, which
    saves most of the work.
    """
    words = _words(line, counted)
    kinds = [kind for kind in PARTS if kind not in NEEDS or NEEDS[kind] in counted]
    bands = "".join(
        f"WHEN {_holds(line, rate, band)} THEN {_sum(rate, band, words, kinds, rated)} "
        for band in range(MOST_BANDS, 0, -1)
        if f"above_{band}" in rated
    )
    return (
        f"CASE WHEN {rate}.known IS NOT TRUE THEN CAST(NULL AS {COST_SQL}) "
        f"{bands}ELSE {_sum(rate, 0, words, kinds, rated)} END"
    )


def parts_sql(line: str) -> dict[str, str]:
    """Give the expression of each part of a line, by KINDS, as price.parts() divides it."""
    words = _words(line, COUNTED)
    return {kind: PARTS[kind].format_map(words) for kind in KINDS}


def _words(line: str, counted: Collection[str]) -> dict[str, str]:
    words = {name: f"{line}.{name}" if name in counted else "0" for name in COUNTED}
    for name, made in BETWEEN:
        known = name not in MADE_OF or MADE_OF[name] in counted
        words[name] = made.format_map(words) if known else "0"
    return words


def _columns(band: int, rates: RateSet) -> Iterator[tuple[str, Decimal | None]]:
    return ((f"{kind}_{band}", rate) for kind, rate in zip(KINDS, rates, strict=True))


def _holds(line: str, rate: str, band: int) -> str:
    at = f'{line}."at"'
    later = f"CASE WHEN EXTRACT(minute FROM {at}) >= 30 THEN 1 ELSE 0 END"
    half_hour = f"(EXTRACT(hour FROM {at}) * 2 + {later})"
    return (
        f"COALESCE({line}.context_tokens, {line}.input_tokens) > {rate}.above_{band} "
        f"AND ({rate}.hours_{band} >> CAST({half_hour} AS INTEGER)) & 1 = 1"
    )


def _sum(
    rate: str,
    band: int,
    words: Mapping[str, str],
    kinds: Iterable[str],
    rated: Collection[str],
) -> str:
    """Add up what the parts cost; a part that is counted without a rate makes all of it NULL."""
    nothing = f"CAST(0 AS {COST_SQL})"
    terms: list[str] = []
    for kind in kinds:
        count = PARTS[kind].format_map(words)
        term = f"CAST({count} AS {COUNT_SQL}) * {rate}.{kind}_{band}"
        if kind == ALWAYS and f"{kind}_{band}" not in rated:
            continue
        if kind == ALWAYS:
            terms.append(f"COALESCE({term}, {nothing})")
        else:
            terms.append(f"CASE WHEN {count} = 0 THEN {nothing} ELSE {term} END")
    return f"CAST({' + '.join(terms) or nothing} AS {COST_SQL})"
