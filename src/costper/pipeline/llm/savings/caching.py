"""What repeated prompt prefixes would have cost, read from a cache instead of sent anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from costper.economics.call_savings import Span
from costper.model.money import EXACT
from costper.model.names import quoted
from costper.pipeline.answer.select import Bound
from costper.pipeline.llm.chosen import told_as
from costper.pipeline.llm.read import HOURLY, Calls
from costper.pipeline.llm.savings.case import Case
from costper.pipeline.llm.savings.models import Skipped
from costper.pipeline.llm.savings.observed import CONTEXT, Evidence, step_keys
from costper.pipeline.llm.savings.priced import Prices
from costper.pipeline.llm.savings.route import Target
from costper.rating.caching import WINDOW_MINUTES, caches_unasked, least_prefix
from costper.rating.price import price_of_parts
from costper.rating.rates import KINDS, RateSet
from costper.rating.sql_price import parts_sql
from costper.rating.steps import PriceSteps

FLOOR = "0.05"
"""Of the calls with one prompt version, so few are shorter than the prefix they may share."""

SHARED_PERCENT = 50
WINDOW = f"INTERVAL {WINDOW_MINUTES} MINUTE"
WINDOW_US = WINDOW_MINUTES * 60 * 1_000_000
SENT = ("feature", "prompt_version", "provider", "model")
INPUT, READ, WRITE = (KINDS.index(name) for name in ("input", "cache_read", "cache_write"))
CELL = ("tier", "day", "step", "half_hour", "prefix")
TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens")
HOW = (("all", 3), ("part", 4))
"""What of the prefix is shared, and where a cell's first call keeps its tokens of it."""

SUMS = ("calls", "hits", "hit_all", "miss_all", "hit_part", "miss_part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """One prompt version's calls of one day and one step of the price.

    `hits` came within five minutes of the call before. `…_all` are the tokens that a cache would
    have held if all of the prefix is shared, `…_part` if only the likely part is.
    """

    prompt: tuple[str, str]
    model: Target
    tier: str
    day: date
    context: int
    half_hour: int
    prefix: int
    parts: tuple[int, ...]
    sums: Mapping[str, int]
    tokens: tuple[int, int, int]
    longest: int


def cached(
    calls: Calls, prices: Prices, steps: PriceSteps, shared: int = SHARED_PERCENT
) -> tuple[list[Case], list[Skipped]]:
    """Reckon every prompt version whose calls begin alike, as far as that can be."""
    by_prompt: dict[tuple[tuple[str, str], Target], list[Repeats]] = {}
    for one in _read(calls, steps, shared):
        by_prompt.setdefault((one.prompt, one.model), []).append(one)
    cases: list[Case] = []
    skipped: list[Skipped] = []
    for (prompt, model), own in by_prompt.items():
        of = f"{told_as(prompt[0])} {told_as(prompt[1])}"
        case = _case(prices, of, model, own, shared)
        if isinstance(case, Case):
            cases.append(case)
        else:
            skipped.append(Skipped(of, f"{model} with caching", case))
    return cases, skipped


def _read(calls: Calls, steps: PriceSteps, shared: int) -> Iterator[Repeats]:
    bound = Bound()
    rows = calls.frame.books.marts.query(_sql(calls, steps, shared, bound), bound.values)
    for row in rows.to_pylist():
        yield _repeats(row, steps)


def _sql(calls: Calls, steps: PriceSteps, shared: int, bound: Bound) -> str:
    """Find each prompt's prefix, then which calls came soon enough after another.

    The lines of a call after its first (compaction, an adviser) have prompts of their own.
    Whoever is not the first of a prompt's five minutes came within them; the first of them did if
    the last of those before came soon enough. So nothing need be sorted but the minutes.
    """
    sent = ", ".join(map(quoted, SENT))
    parts = {f"part_{kind}": sql for kind, sql in parts_sql("calls").items()}
    keys = step_keys(steps, bound)
    where = " AND ".join(f"({one})" for one in calls.where(HOURLY, bound))
    told = (
        f'SELECT {sent}, tier, day, "at", call_key, {", ".join(TOKENS)}, '
        f"cache_read_tokens + cache_write_tokens AS held, {CONTEXT} AS context, "
        f"{keys['step']} AS step, {keys['half_hour']} AS half_hour, {_listed(parts)} "
        f"FROM calls WHERE line_no = 0 AND {where}"
    )
    floors = (
        f"SELECT {sent}, quantile_disc(input_tokens, {FLOOR}) AS prefix FROM calls "
        f"WHERE line_no = 0 AND {where} AND status = 'ok' AND input_tokens > 0 GROUP BY {sent}"
    )
    seen = (
        f'SELECT *, input_tokens >= prefix AS long, epoch_us("at") // {WINDOW_US} AS minutes, '
        f"least(part_input, greatest(prefix - held, 0)) AS of_all, "
        f"least(part_input, greatest(prefix * {bound.bind(shared)} // 100 - held, 0)) AS of_part "
        f"FROM told JOIN floors USING ({sent})"
    )
    sums = {name: f"sum({name})" for name in (*TOKENS, *parts)}
    cells = (
        f"SELECT {sent}, tier, day, step, half_hour, prefix, minutes, long, "
        f'count(*) AS calls, max(context) AS longest, max("at") AS last, '
        f'min(row("at", call_key, of_all, of_part)) AS first, '
        f"sum(of_all) AS all_of_all, sum(of_part) AS all_of_part, {_listed(sums)} "
        f"FROM seen GROUP BY ALL"
    )
    firsts = (
        f"SELECT {sent}, minutes, min(first) AS first, max(last) AS last FROM cells WHERE long "
        f"GROUP BY {sent}, minutes"
    )
    warm = f"first[1] - lag(last) OVER (PARTITION BY {sent} ORDER BY minutes) <= {WINDOW}"
    cold = f"SELECT * FROM (SELECT *, coalesce({warm}, FALSE) AS warm FROM firsts) WHERE NOT warm"
    return (
        f"WITH told AS ({told}), floors AS ({floors}), seen AS ({seen}), cells AS ({cells}), "
        f"firsts AS ({firsts}), cold AS ({cold}) SELECT {_outcome(sums)}"
    )


def _outcome(sums: Mapping[str, str]) -> str:
    """Add the cells up: in a cold one, the first call writes what the others read."""
    key = ", ".join(f"c.{name}" for name in (*SENT, *CELL))
    missed = {part: f"CASE WHEN k.first IS NULL THEN 0 ELSE c.first[{at}] END" for part, at in HOW}
    found = {
        "hits": "sum(c.calls - CASE WHEN k.first IS NULL THEN 0 ELSE 1 END) FILTER (c.long)",
        **{f"miss_{part}": f"sum({sql}) FILTER (c.long)" for part, sql in missed.items()},
        **{
            f"hit_{part}": f"sum(c.all_of_{part} - {sql}) FILTER (c.long)"
            for part, sql in missed.items()
        },
        **{name: f"sum(c.{name})" for name in ("calls", *sums)},
    }
    whole = {name: f"CAST(coalesce({sql}, 0) AS BIGINT)" for name, sql in found.items()}
    same = " AND ".join(f"c.{name} = k.{name}" for name in (*SENT, "minutes", "first"))
    return (
        f"{key}, max(c.longest) AS longest, {_listed(whole)} FROM cells AS c "
        f"LEFT JOIN cold AS k ON c.long AND {same} GROUP BY {key} ORDER BY {key}"
    )


def _listed(named: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {quoted(name)}" for name, sql in named.items())


def _repeats(row: Mapping[str, Any], steps: PriceSteps) -> Repeats:
    return Repeats(
        prompt=(row["feature"], row["prompt_version"]),
        model=Target(row["provider"], row["model"]),
        tier=row["tier"],
        day=row["day"],
        context=steps.context(row["step"]),
        half_hour=row["half_hour"],
        prefix=row["prefix"],
        parts=tuple(row[f"part_{kind}"] for kind in KINDS),
        sums={name: row[name] for name in SUMS},
        tokens=(row[TOKENS[0]], row[TOKENS[1]], row[TOKENS[2]]),
        longest=row["longest"],
    )


def _case(
    prices: Prices, of: str, model: Target, own: Sequence[Repeats], shared: int
) -> Case | str:
    prefix, least = own[0].prefix, least_prefix(model.model)
    if prefix < least:
        return f"calls begin alike for at most {prefix:,} tokens; it caches from {least:,} on"
    now, all_of_it, part_of_it = Decimal(0), Decimal(0), Decimal(0)
    for one in own:
        rates = prices.at((model.provider, model.model, one.tier, one.day))
        chosen = None if rates is None else rates.at(one.context, one.half_hour)
        cost = None if chosen is None else price_of_parts(one.parts, chosen)
        if chosen is None or cost is None:
            return "it has no price for all that was counted"
        if chosen[READ] is None:
            return "it has no price for what is read from a cache"
        now = EXACT.add(now, cost)
        all_of_it = EXACT.add(all_of_it, _change(one, "all", chosen))
        part_of_it = EXACT.add(part_of_it, _change(one, "part", chosen))
    if prefix * shared // 100 < least:
        part_of_it = Decimal(0)
    if all_of_it >= 0:
        return "calls come too seldom, or their prefix is read from a cache already"
    likely = min(EXACT.add(now, part_of_it), now)
    return Case(
        lever="caching",
        of=of,
        model=str(model),
        to=f"a cached prefix of up to {prefix:,} tokens",
        now=now,
        would=Span(EXACT.add(now, all_of_it), likely, now),
        assumes=tuple(_assumes(model, shared)),
        evidence=_evidence(own),
        more=(
            ("prefix_tokens", prefix),
            ("calls_within_5_minutes", sum(one.sums["hits"] for one in own)),
            ("tokens_read_from_cache", sum(one.sums["hit_all"] for one in own)),
            ("tokens_written_to_cache", sum(one.sums["miss_all"] for one in own)),
        ),
    )


def _change(one: Repeats, how: str, rates: RateSet) -> Decimal:
    """Give what reading the prefix adds to the cost: below zero where it saves."""
    fresh, read = rates[INPUT] or Decimal(0), rates[READ] or Decimal(0)
    write = rates[WRITE] if rates[WRITE] is not None else fresh
    hit, miss = Decimal(one.sums[f"hit_{how}"]), Decimal(one.sums[f"miss_{how}"])
    return EXACT.add(
        EXACT.multiply(hit, EXACT.subtract(read, fresh)),
        EXACT.multiply(miss, EXACT.subtract(write or Decimal(0), fresh)),
    )


def _assumes(model: Target, shared: int) -> Iterator[str]:
    yield "95 % of the calls are as long as the prefix or longer: more cannot be shared"
    yield f"likely {shared} % of it is shared, at best all, at worst nothing: prompts are not kept"
    yield (
        f"a call within {WINDOW_MINUTES} minutes of the one before reads it, any other writes it"
    )
    if caches_unasked(model.provider):
        yield f"{model.provider} caches by itself: put first in the prompt what is always the same"


def _evidence(own: Sequence[Repeats]) -> Evidence:
    return Evidence(
        calls=sum(one.sums["calls"] for one in own),
        input_tokens=sum(one.tokens[0] for one in own),
        output_tokens=sum(one.tokens[1] for one in own),
        cache_read_tokens=sum(one.tokens[2] for one in own),
        longest=max(one.longest for one in own),
        days=len({one.day for one in own}),
    )
