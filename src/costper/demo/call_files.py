"""Writes the calls of Lumen Assist as files of events, one a month, as programs tell of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

from costper.demo.assistant import (
    DIGEST,
    DIGEST_DAILY,
    DRAFTER,
    FEATURES,
    SEARCH,
    SUMMARISER,
    TESTS_DAILY,
    UNPRICED_DAILY,
    UNPRICED_FROM,
    UNPRICED_MODEL,
    UNPRICED_PROVIDER,
    Feature,
)
from costper.demo.calls import DAY_SECONDS, Call, User, month_calls, users_of
from costper.demo.chance import Chance
from costper.demo.company import MONTHS, WORST_CUSTOMER
from costper.demo.customers import CUSTOMERS
from costper.model.period import Period

FAST = 1
FAILED_EVERY = 90
"""One attempt in so many is refused by the provider, and made again."""

Event = dict[str, object]


def call_files(seed: int) -> Mapping[str, bytes]:
    """Give the files by path, the same bytes for the same seed."""
    found = {f"llm/{month.start:%Y-%m}.ndjson.gz": _month(seed, month) for month in MONTHS}
    return {"llm/prices.yaml": _prices().encode(), "llm/tenants.csv": _tenants(), **found}


def tenant_of(customer: str) -> str:
    """Name a customer's workspace, which is what the product knows it by."""
    return f"ws-{customer}"


def _month(seed: int, month: Period) -> bytes:
    events = [
        *_people(seed, month),
        *_unpriced(seed, month),
        *_digests(seed, month),
        *_tests(seed, month),
    ]
    write = json.JSONEncoder(separators=(",", ":")).encode
    text = "".join(f"{write(event)}\n" for event in events)
    return gzip.compress(text.encode(), FAST, mtime=0)


def _people(seed: int, month: Period) -> Iterator[Event]:
    """Tell of people's calls; of some first of an attempt that failed, at no cost."""
    chance = Chance(seed, f"events {month.start}")
    for number, call in enumerate(month_calls(seed, month)):
        name = f"{month.start:%y%m}-{number:06d}"
        event = _told(chance, month, call, name)
        if number % FAILED_EVERY == 0 and call.feature.name != SUMMARISER:
            event["attempt"] = 2
            yield _failed(event, name)
        yield event


def _told(chance: Chance, month: Period, call: Call, name: str) -> Event:
    feature = call.feature
    event: Event = {
        "externalRequestId": name,
        "timestamp": _instant(month, call.at),
        "provider": feature.provider,
        "model": feature.model,
        "endpointTag": feature.name,
        "promptVersion": call.version,
        "userId": call.user.name,
        "tenantId": tenant_of(call.user.tenant),
        "team": feature.team,
        "operationId": f"op-{name}",
        "inputTokens": call.input_tokens,
        "outputTokens": call.output_tokens,
        "latencyMs": 300 + call.output_tokens * chance.between(9, 14),
        "status": "ok",
    }
    if call.cached_tokens:
        event["cacheReadTokens"] = call.cached_tokens
    if feature.outcomes:
        event["outcome"] = chance.pick(feature.outcomes)
    return event


def _failed(event: Event, name: str) -> Event:
    """Tell of the attempt before: refused at once, nothing read and nothing written."""
    counts = {"cacheReadTokens", "outcome"}
    kept = {key: value for key, value in event.items() if key not in counts}
    first = {"externalRequestId": f"{name}-1", "attempt": 1, "status": "rate_limited"}
    return {**kept, **first, "inputTokens": 0, "outputTokens": 0, "latencyMs": 40}


def _unpriced(seed: int, month: Period) -> Iterator[Event]:
    """Tell of a model of the company's own, which search tries out on some people."""
    chance = Chance(seed, f"unpriced {month.start}")
    people = users_of(month)
    for day in month.each_day():
        for number in range(UNPRICED_DAILY if day >= UNPRICED_FROM else 0):
            user = people[chance.below(len(people))]
            yield {
                **_base(month, day, f"rr-{day:%m%d}-{number:03d}", chance.below(DAY_SECONDS)),
                **_by(_feature(SEARCH), user),
                "provider": UNPRICED_PROVIDER,
                "model": UNPRICED_MODEL,
                "promptVersion": "rerank-v1",
                "inputTokens": chance.between(900, 2_400),
                "outputTokens": 1,
            }


def _digests(seed: int, month: Period) -> Iterator[Event]:
    """Tell of the digest of each night: written in a batch, for everybody at once."""
    chance = Chance(seed, f"digest {month.start}")
    feature = _feature(DRAFTER)
    for day in month.each_day():
        for number in range(DIGEST_DAILY):
            yield {
                **_base(month, day, f"dg-{day:%m%d}-{number:03d}", 2 * 3_600 + 30 * number),
                "endpointTag": feature.name,
                "team": feature.team,
                "provider": feature.provider,
                "model": feature.model,
                "promptVersion": feature.version,
                "serviceTier": "batch",
                "serviceAccount": DIGEST,
                "inputTokens": chance.between(9_000, 14_000),
                "outputTokens": chance.between(300, 700),
            }


def _tests(seed: int, month: Period) -> Iterator[Event]:
    """Tell of calls that tests make in staging."""
    chance = Chance(seed, f"tests {month.start}")
    for day in month.each_day():
        for number in range(TESTS_DAILY):
            feature = FEATURES[number % len(FEATURES)]
            yield {
                **_base(month, day, f"ci-{day:%m%d}-{number:03d}", 9 * 3_600 + 60 * number),
                **_by(feature, User("ci", "ci")),
                "dataMode": "test",
                "environment": "staging",
                "inputTokens": chance.between(500, 900),
                "outputTokens": chance.between(20, 60),
            }


def _base(month: Period, day: date, name: str, second: int) -> Event:
    at = (day - month.start).days * DAY_SECONDS + second
    return {"externalRequestId": name, "timestamp": _instant(month, at), "status": "ok"}


def _by(feature: Feature, user: User) -> Event:
    return {
        "provider": feature.provider,
        "model": feature.model,
        "endpointTag": feature.name,
        "promptVersion": feature.version,
        "team": feature.team,
        "userId": user.name,
        "tenantId": tenant_of(user.tenant),
    }


def _feature(name: str) -> Feature:
    return next(one for one in FEATURES if one.name == name)


def _instant(month: Period, second: int) -> str:
    start = datetime.combine(month.start, time(), UTC)
    return f"{start + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}"


def _prices() -> str:
    """Write the prices of the contracts, which hold whatever a list says."""
    out = StringIO()
    out.write("# What Lumen Desk has agreed with its providers, USD for a million tokens.\n")
    out.write("prices:\n")
    for model in dict.fromkeys((one.provider, one.model) for one in FEATURES):
        feature = next(one for one in FEATURES if (one.provider, one.model) == model)
        out.write(f"  - provider: {feature.provider}\n    models: {feature.model}\n")
        out.write(f"    input_per_mtok: {feature.input_price}\n")
        out.write(f"    output_per_mtok: {feature.output_price}\n")
        out.write(f"    cache_read_per_mtok: {feature.cache_price}\n")
        out.write("    tier_percent: {batch: 50}\n    note: contract of July 2026\n")
    return out.getvalue()


def _tenants() -> bytes:
    """Write which customer each workspace of the product belongs to."""
    rows = [(tenant_of(one.id), one.id) for one in CUSTOMERS if one.id != WORST_CUSTOMER]
    return "".join(f"{','.join(row)}\n" for row in [("tenant", "customer"), *rows]).encode()
