"""Which calls a question is about: real ones of production, unless it says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from costper.config.settings import Settings
from costper.errors import UserError, suggestion
from costper.model.call import DATA_MODES
from costper.model.dimension import normal
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.select import Bound, spoken
from costper.store.call_tables import (
    call_hourly,
    calls,
    latency_daily,
    user_daily,
    user_hourly,
)

ALL = "all"
PRODUCTION = "production"
REAL = "real"
NOBODY = "(none)"
"""The word for calls that do not say it."""

COLUMNS = {
    table.name: frozenset(table.names)
    for table in (calls(), call_hourly(), user_daily(), user_hourly(), latency_daily())
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Some of the calls: '' is every one, "(none)" those that do not say it.

    Of environment and data mode "all" is every one as well; a customer may be called so.
    """

    environment: str = PRODUCTION
    data_mode: str = REAL
    customer: str = ""
    tenant: str = ""
    feature: str = ""
    prompt_version: str = ""
    team: str = ""
    provider: str = ""
    model: str = ""

    def words(self) -> dict[str, str]:
        """Give what is chosen, by column; data mode and environment always are."""
        said = {one.name: str(getattr(self, one.name)) for one in fields(self)}
        return {name: word or ALL for name, word in said.items() if word or name in SEPARATED}


SEPARATED = ("environment", "data_mode")
CHOOSABLE = tuple(one.name for one in fields(Chosen))


def spelled(column: str, word: str, settings: Settings) -> str:
    """Give a word as the books write it."""
    if word == NOBODY:
        return ""
    if column in {"environment", "customer"}:
        return spoken(column, word, settings.dimensions)
    if column in {"tenant", "provider"}:
        return normal(word)
    return word


def conditions(
    chosen: Chosen, settings: Settings, table: str, period: Period, bound: Bound
) -> tuple[str, ...]:
    """Write which rows of a roll-up are meant.

    Raises:
        UserError: the roll-up is not kept by what was chosen, or there is no such data mode.
    """
    return (*_days(period, bound), *_words(chosen, settings, table, bound))


def _days(period: Period, bound: Bound) -> tuple[str, str]:
    return f"day >= {bound.bind(period.start)}", f"day < {bound.bind(period.end)}"


def _words(chosen: Chosen, settings: Settings, table: str, bound: Bound) -> Iterator[str]:
    for column, word in chosen.words().items():
        if word == ALL and column in SEPARATED:
            continue
        if column not in COLUMNS[table]:
            raise UserError(
                f"this question cannot be asked of one {column}",
                where=column,
                hint=f"leave {column} out",
            )
        if column == "data_mode" and word not in DATA_MODES:
            hint = suggestion(word, (*DATA_MODES, ALL))
            raise UserError(f"unknown data mode {word!r}", where=column, hint=hint)
        yield f"{quoted(column)} = {bound.bind(spelled(column, word, settings))}"


def told_as(value: object) -> str:
    """Give the word people read for a value: "(none)" where calls did not say."""
    return str(value) or NOBODY
