"""The calls of Lumen Assist: who made them, when, how long they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from costper.demo.assistant import (
    CHANGE,
    CHANGE_DAY,
    CHANGED_VERSION,
    COST_PER_USER,
    FEATURES,
    GROWTH,
    HEAVY_EVERY,
    HEAVY_SHARE,
    INPUT_TOKENS,
    OFFICE_HOURS,
    OUTPUT_TOKENS,
    SUMMARISER,
    USERS,
    Feature,
)
from costper.demo.chance import SATURDAY, Chance, divide
from costper.demo.company import WORST_CUSTOMER
from costper.demo.customers import CUSTOMERS
from costper.model.period import Period

MILLION = 10**6
THOUSAND = 1_000
DAY_SECONDS = 86_400
HEAVY_PLACES = (0, 2)
"""Of five calls in a row these are of people who call often."""

WEEKEND = 120
"""Thousandths of a working day's calls there are on a day of a weekend."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody at a customer."""

    tenant: str
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `at` counts seconds from the start of the month."""

    feature: Feature
    version: str
    user: User
    at: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Calls of one feature that together cost a known amount: at its prompt, by its users."""

    feature: Feature
    version: str
    budget: Decimal
    heavy: bool
    moments: Sequence[int]


def users_of(month: Period) -> list[User]:
    """Name the people of a month, customer by customer: by seats, none at the worst customer."""
    last = month.end - timedelta(days=1)
    seats = {
        one.id: fact.seats
        for one in CUSTOMERS
        if (fact := one.on(last)) and fact.seats and one.uses_product(last)
        if one.id != WORST_CUSTOMER
    }
    counts = divide(USERS[month.start], list(seats.values()))
    return [
        User(tenant, f"{tenant}-{number:03d}")
        for tenant, count in zip(seats, counts, strict=True)
        for number in range(count)
    ]


def month_calls(seed: int, month: Period) -> Iterator[Call]:
    """Make all calls of people in a month by feature; together they cost the plan's sum."""
    people = users_of(month)
    heavy = people[HEAVY_EVERY // 2 :: HEAVY_EVERY]
    chosen = frozenset(heavy)
    light = [user for user in people if user not in chosen]
    budget = COST_PER_USER[month.start] * len(people)
    days = _weights(month)
    each = sum((_planned(feature, month, days) for feature in FEATURES), Decimal(0))
    for feature in FEATURES:
        chance = Chance(seed, f"calls {feature.name} {month.start}")
        counts = divide(int(budget * sum(days) / each) * feature.calls, days)
        part = budget * _planned(feature, month, days) / each
        for group in _groups(feature, part, _moments(chance, counts), _change(month)):
            yield from _lengths(chance, group, heavy, light)


def _weights(month: Period) -> list[int]:
    """Weigh the days of a month: more each day, few calls at weekends."""
    weights, size = list[int](), MILLION
    for day in month.each_day():
        weights.append(size * WEEKEND // THOUSAND if day.weekday() >= SATURDAY else size)
        size = size * GROWTH // THOUSAND
    return weights


def _change(month: Period) -> int:
    """Say how many days of the month the summariser has its old prompt."""
    return (CHANGE_DAY - month.start).days


def _planned(feature: Feature, month: Period, days: Sequence[int]) -> Decimal:
    """Give what a feature costs a round of use, over all days by their weights."""
    late = sum(days[_change(month) :]) if _change(month) < len(days) else 0
    more = late * (CHANGE - 1) if feature.name == SUMMARISER else 0
    return feature.calls * feature.call_cost * (sum(days) + more)


def _moments(chance: Chance, counts: Sequence[int]) -> list[int]:
    """Give the seconds of so many calls on each day, in office hours; day after day."""
    return [
        day * DAY_SECONDS
        + OFFICE_HOURS[chance.below(len(OFFICE_HOURS))] * 3_600
        + chance.below(3_600)
        for day, count in enumerate(counts)
        for _ in range(count)
    ]


def _groups(
    feature: Feature, budget: Decimal, moments: Sequence[int], change: int
) -> Iterator[_Group]:
    """Part a feature's calls by prompt and by who makes them, each part with what it costs."""
    late = [one for one in moments if feature.name == SUMMARISER and one >= change * DAY_SECONDS]
    early = moments[: len(moments) - len(late)]
    weight = len(early) + len(late) * CHANGE
    for calls, version, times in ((early, feature.version, 1), (late, CHANGED_VERSION, CHANGE)):
        part = budget * len(calls) * times / weight
        for heavy, share in ((True, HEAVY_SHARE), (False, 1 - HEAVY_SHARE)):
            chosen = [
                one for place, one in enumerate(calls) if (place % 5 in HEAVY_PLACES) is heavy
            ]
            if chosen:
                yield _Group(feature, version, part * share, heavy, chosen)


def _lengths(
    chance: Chance, group: _Group, heavy: Sequence[User], light: Sequence[User]
) -> Iterator[Call]:
    """Draw lengths from the trace, and stretch all of them until they cost what they shall."""
    feature = group.feature
    drawn = [
        (_drawn(chance, INPUT_TOKENS), _drawn(chance, OUTPUT_TOKENS) * feature.output // THOUSAND)
        for _ in group.moments
    ]
    users = heavy if group.heavy else light
    stretch = group.budget * MILLION * THOUSAND / _price(feature, drawn)
    for at, user, (read, written) in zip(
        group.moments, _turns(chance, users, len(drawn)), drawn, strict=True
    ):
        size = int(read * stretch / THOUSAND)
        cached = size * feature.cached // THOUSAND
        yield Call(
            feature, group.version, user, at, size, cached, int(written * stretch) // THOUSAND
        )


def _drawn(chance: Chance, lengths: Sequence[int]) -> int:
    """Draw a length in thousandths of a token: between two neighbours of the table."""
    place = chance.below((len(lengths) - 1) * THOUSAND)
    low, part = divmod(place, THOUSAND)
    return lengths[low] * (THOUSAND - part) + lengths[low + 1] * part


def _price(feature: Feature, drawn: Sequence[tuple[int, int]]) -> Decimal:
    """Price all lengths as they were drawn, in thousandths of a millionth of a USD."""
    cached = Decimal(feature.cached) / THOUSAND
    each = feature.input_price * (1 - cached) + feature.cache_price * cached
    return each * sum(read for read, _ in drawn) + feature.output_price * sum(w for _, w in drawn)


def _turns(chance: Chance, users: Sequence[User], calls: int) -> list[User]:
    """Say whose turn each call is: everybody's, some people's four times as often as others'."""
    counts = divide(calls, [chance.between(THOUSAND, 4 * THOUSAND) for _ in users])
    turns = [user for user, count in zip(users, counts, strict=True) for _ in range(count)]
    for last in range(len(turns) - 1, 0, -1):
        other = chance.below(last + 1)
        turns[last], turns[other] = turns[other], turns[last]
    return turns
