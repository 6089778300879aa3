"""The SQL that turns told events into lines of calls: read, compared, priced."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from costper.model.call import COUNTS
from costper.model.names import literal, quoted
from costper.store.call_tables import CALL_MONEY, calls

NUMBERS_BITS = 20

WORDS: Mapping[str, str] = {
    "call_id": "external_request_id",
    "provider": "provider",
    "model": "model",
    "tenant": "tenant_id",
    "customer": "customer_id",
    "feature": "endpoint_tag",
    "prompt_version": "prompt_version",
    "team": "team",
    "environment": "environment",
    "data_mode": "data_mode",
    "session_id": "session_id",
    "operation_id": "operation_id",
    "status": "status",
    "outcome": "outcome",
}
"""Column of `calls` → field of the event, where it is the same word."""

IDENTIFYING = ("user_id", "anon_id", "ip_hash", "service_account")
JSON_COUNTS: Mapping[str, str] = {
    name: "".join(
        (part.capitalize() if number else part) for number, part in enumerate(name.split("_"))
    )
    for name in COUNTS
}
LINE_TYPE: Mapping[str, str] = {
    "model": "VARCHAR",
    "serviceTier": "VARCHAR",
    **dict.fromkeys(JSON_COUNTS.values(), "BIGINT"),
    "contextTokens": "BIGINT",
    "providerCost": "VARCHAR",
    "part": "VARCHAR",
    "estimated": "BOOLEAN",
}
LINES_TYPE = json.dumps([LINE_TYPE])

HELD = "call_held"
LINES = "call_lines"
KNOWN = "call_known"
REPEATS = "call_repeats"
RATES = "call_rates"

SAID = (
    "line_no", "provider", "model", "tier", "user_id", "user_kind", "tenant", "feature",
    "prompt_version", "team", "environment", "data_mode", "session_id", "operation_id", "attempt",
    "status", "outcome", "part", *COUNTS, "latency_ms", "estimated", "provider_cost",
)  # fmt: skip
"""What two tellings of one call must agree in. Not when, which the door sets where it is left out,
nor the customer, which a mapping of tenants may have changed since."""


def told(said: Collection[str], whole: Collection[str] = ()) -> str:
    """Give the rows that are held, in the columns of `calls`: one an event.

    `said` are the columns there are; in the others no event says anything, and in those that are
    `whole` every event does.
    """
    words = {name: _said(field, said, whole, "''") for name, field in WORDS.items()}
    counts = {name: _said(name, said, whole, "0::BIGINT") for name in COUNTS}
    user, anon, ip, account = (_said(name, said, whole, "''") for name in IDENTIFYING)
    made = {
        "n": "n",
        "seq": f"n >> {NUMBERS_BITS}",
        "call_key": f"hash({words['call_id']})",
        "line_no": "0",
        "at": 'make_timestamp("timestamp")',
        **words,
        "tier": _said("service_tier", said, whole, "'standard'"),
        "user_id": f"IF({account} <> '', {account}, {user})" if "service_account" in said else user,
        "user_kind": f"CASE WHEN {account} <> '' THEN 'service_account' "
        f"WHEN {anon} <> '' OR {ip} <> '' THEN 'anonymous' "
        f"WHEN {user} <> '' THEN 'user' ELSE 'unknown' END",
        "attempt": "COALESCE(attempt, 1)" if "attempt" in said else "1",
        "latency_ms": "CAST(round(latency_ms) AS BIGINT)"
        if "latency_ms" in said
        else "CAST(NULL AS BIGINT)",
        **counts,
        "context_tokens": "CAST(NULL AS BIGINT)",
        "part": "''",
        "estimated": "COALESCE(estimated, FALSE)" if "estimated" in said else "FALSE",
        "provider_cost": f"TRY_CAST(provider_cost AS {CALL_MONEY})"
        if "provider_cost" in said
        else f"CAST(NULL AS {CALL_MONEY})",
        "lines": f"from_json(lines, {literal(LINES_TYPE)})" if "lines" in said else "NULL",
    }
    chosen = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in made.items())
    return f"(SELECT {chosen} FROM {HELD})"


def _said(field: str, said: Collection[str], whole: Collection[str], nothing: str) -> str:
    if field not in said:
        return nothing
    return field if field in whole else f"COALESCE({field}, {nothing})"


def ids(told: str) -> str:
    """Give the SELECT of how many different calls are told."""
    return f"SELECT COUNT(DISTINCT call_key) AS ids FROM {told}"


def lines_of_several(told: str) -> str:
    """Give the SELECT of all lines, where some events bill several."""
    same = [
        name
        for name in (*calls().names, "n")
        if name in {*WORDS, "n", "seq", "call_key", "at", "user_id", "user_kind", "attempt",
                    "latency_ms"} - {"model"}
    ]  # fmt: skip
    own = ("line_no", "model", "tier", *COUNTS, "context_tokens", "part", "estimated",
           "provider_cost")  # fmt: skip
    counts = ", ".join(f'COALESCE(l."{said}", 0)' for said in JSON_COUNTS.values())
    # What the provider said of the whole call stands with its first line.
    whole = "CASE WHEN provider_cost IS NOT NULL THEN IF(line_no = 0, provider_cost, 0) END"
    return (
        f"SELECT {_listed((*same, *own))} FROM {told} WHERE COALESCE(len(lines), 0) = 0 "
        f"UNION ALL SELECT {_listed(same)}, line_no, "
        f"COALESCE(NULLIF(l.model, ''), model), COALESCE(NULLIF(l.\"serviceTier\", ''), tier), "
        f"{counts}, l.\"contextTokens\", COALESCE(l.part, ''), COALESCE(l.estimated, estimated), "
        f'COALESCE(TRY_CAST(l."providerCost" AS {CALL_MONEY}), {whole}) FROM ('
        f"SELECT * EXCLUDE (line_no), UNNEST(lines) AS l, "
        f"CAST(UNNEST(range(len(lines))) AS INTEGER) AS line_no FROM {told} WHERE len(lines) > 0)"
    )


def known_lines(told: str) -> str:
    """Give the SELECT of the lines in the books whose calls are told again."""
    return f"SELECT * FROM calls WHERE call_key IN (SELECT call_key FROM {told})"


def repeats(told: str, lines: str) -> str:
    """Give the SELECT of the events that are there already, or twice: `n`, and `conflict`.

    An event is compared with the first of its id, in the books or else told: as a whole, by a sum
    of its lines.
    """
    said = f"bit_xor(hash({', '.join(SAID)}))"
    return (
        f"WITH doubtful AS (SELECT call_key FROM {KNOWN} UNION "
        f"SELECT call_key FROM {told} GROUP BY call_key HAVING COUNT(*) > 1), "
        f"said AS (SELECT call_id, n, {said} AS said FROM {lines} "
        f"WHERE call_key IN (SELECT call_key FROM doubtful) GROUP BY call_id, n "
        f"UNION ALL SELECT call_id, -1, {said} FROM {KNOWN} GROUP BY call_id), "
        f"ranked AS (SELECT call_id, n, said, first_value(said) OVER one AS first, "
        f"row_number() OVER one AS place FROM said "
        f"WINDOW one AS (PARTITION BY call_id ORDER BY n)) "
        f"SELECT n, said <> first AS conflict FROM ranked WHERE place > 1"
    )


def new_lines(lines: str, *, repeated: bool) -> str:
    """Give what to read the lines from that are to be added."""
    without = f" WHERE n NOT IN (SELECT n FROM {REPEATS})" if repeated else ""
    return f"(SELECT * FROM {lines}{without})"


def rate_keys(lines: str) -> str:
    """Give the SELECT of what is to be priced."""
    return f'SELECT DISTINCT provider, model, tier, CAST("at" AS DATE) AS day FROM {lines} AS l'


def priced(lines: str, cost: str) -> str:
    """Give the SELECT of rows of `calls`; `cost` prices a line `l` by a rate `r`.

    Sorted so that alike values stand together: that is what makes them small on disk.
    """
    made = {
        "day": 'CAST(l."at" AS DATE)',
        "price_status": "CASE WHEN provider_cost IS NOT NULL THEN 'provider' "
        "WHEN rated_cost IS NOT NULL THEN 'priced' ELSE 'unpriced' END",
        "price_version": "$price_version",
        "cost": "COALESCE(provider_cost, rated_cost)",
    }
    chosen = ", ".join(
        f"{made[name]} AS {name}" if name in made and name != "day" else quoted(name)
        for name in calls().names
    )
    return (
        f'SELECT {chosen} FROM (SELECT l.*, CAST(l."at" AS DATE) AS day, '
        f"CAST({cost} AS {CALL_MONEY}) AS rated_cost FROM {lines} AS l "
        f"LEFT JOIN {RATES} AS r ON l.provider = r.provider AND l.model = r.model "
        f'AND l.tier = r.tier AND CAST(l."at" AS DATE) = r.day)'
    )


def conflicts(told: str) -> str:
    """Give the SELECT of what is told again with other content."""
    return (
        f'SELECT t.call_id, t."at", t.seq FROM {told} AS t JOIN {REPEATS} AS r ON t.n = r.n '
        "WHERE r.conflict"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in names)
