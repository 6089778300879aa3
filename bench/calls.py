"""LLM calls of a made-up company: bodies a program would post, and events as the door hands on."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from costper.config.load import load_settings
from costper.config.settings import Settings
from costper.events.event import Event

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
USERS = 5_000
TENANTS = 200
MODELS = ("gpt-5", "gpt-5-mini", "gpt-4o")
FEATURES = ("search", "summariser", "code assistant", "e-mail drafter")
RUN = b"RUN00000"
"""Stands in made bodies where a number goes, so that no two posts tell of the same calls."""

CONFIG = "organisation: Bench\ncurrency: USD\nstore: {memory_limit_gib: 1, threads: 2}\n"


def settings_of(folder: Path) -> Settings:
    """Write costper.yaml and read it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "costper.yaml"
    path.write_text(CONFIG)
    return load_settings(path, catalogue={}, drivers=(), environment={})


def told(seed: int, number: int) -> Iterator[dict[str, object]]:
    """Give calls in the words of INTERFACES.md; `RUN` stands in their ids."""
    chance = random.Random(seed)  # noqa: S311 - a seeded world
    for place in range(number):
        user = int(USERS * chance.random() ** 2)
        yield {
            "externalRequestId": f"chatcmpl-{RUN.decode()}{chance.getrandbits(64):016x}{place:04x}",
            "provider": "openai",
            "model": chance.choice(MODELS),
            "endpointTag": chance.choice(FEATURES),
            "promptVersion": f"v{chance.randrange(5)}",
            "userId": hashlib.sha256(str(user).encode()).hexdigest()[:32],
            "tenantId": f"tenant-{user % TENANTS}",
            "environment": "production",
            "inputTokens": chance.randrange(1, 5_000) + 1_000,
            "outputTokens": chance.randrange(1, 900),
            "cacheReadTokens": chance.randrange(1_000),
            "latencyMs": chance.randrange(200, 5_000),
            "status": "ok",
        }


def body(seed: int, number: int) -> bytes:
    """Give a body of many calls, one on each line."""
    return b"\n".join(json.dumps(call).encode() for call in told(seed, number))


def events(seed: int, number: int, began_us: int, span_us: int) -> list[Event]:
    """Give calls as they are when the door is behind them, evenly over a span of time."""
    return [
        Event(
            external_request_id=str(call["externalRequestId"]),
            provider="openai",
            model=str(call["model"]),
            service_tier="standard",
            endpoint_tag=str(call["endpointTag"]),
            prompt_version=str(call["promptVersion"]),
            user_id=str(call["userId"]),
            tenant_id=str(call["tenantId"]),
            customer_id=f"customer-{call['tenantId']}",
            environment="production",
            data_mode="real",
            status="ok",
            timestamp=began_us + place * span_us // number,
            latency_ms=int(str(call["latencyMs"])),
            input_tokens=int(str(call["inputTokens"])),
            output_tokens=int(str(call["outputTokens"])),
            cache_read_tokens=int(str(call["cacheReadTokens"])),
        )
        for place, call in enumerate(told(seed, number))
    ]
