"""The SQL that turns told events into lines of calls: read, compared, priced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from costper.model.call import COUNTS
from costper.model.names import literal, quoted
from costper.store.call_tables import CALL_MONEY, calls

NUMBERS_BITS = 20

WORDS: Mapping[str, str] = {
    "call_id": "externalRequestId",
    "provider": "provider",
    "model": "model",
    "tenant": "tenantId",
    "customer": "customerId",
    "feature": "endpointTag",
    "prompt_version": "promptVersion",
    "team": "team",
    "environment": "environment",
    "data_mode": "dataMode",
    "session_id": "sessionId",
    "operation_id": "operationId",
    "status": "status",
    "outcome": "outcome",
}
"""Column of `calls` → field of the event, where it is the same word."""

JSON_COUNTS: Mapping[str, str] = {
    name: "".join(
        (part.capitalize() if number else part) for number, part in enumerate(name.split("_"))
    )
    for name in COUNTS
}
IDENTIFYING = ("userId", "anonId", "ipHash", "serviceAccount")

LINE_TYPE = ", ".join(
    (
        '"model" VARCHAR',
        '"serviceTier" VARCHAR',
        *(f'"{name}" BIGINT' for name in JSON_COUNTS.values()),
        '"contextTokens" BIGINT',
        '"providerCost" VARCHAR',
        '"part" VARCHAR',
        '"estimated" BOOLEAN',
    )
)
EVENT_TYPE = ", ".join(
    (
        *(f'"{name}" VARCHAR' for name in (*WORDS.values(), *IDENTIFYING)),
        '"serviceTier" VARCHAR',
        '"timestamp" BIGINT',
        '"latencyMs" DOUBLE',
        '"attempt" INTEGER',
        *(f'"{name}" BIGINT' for name in JSON_COUNTS.values()),
        '"providerCost" VARCHAR',
        '"estimated" BOOLEAN',
        f'"lines" STRUCT({LINE_TYPE})[]',
    )
)

USER_ID = 'COALESCE(e."serviceAccount", e."userId", \'\')'
USER_KIND = (
    "CASE WHEN e.\"serviceAccount\" <> '' THEN 'service_account' "
    "WHEN e.\"anonId\" <> '' OR e.\"ipHash\" <> '' THEN 'anonymous' "
    "WHEN e.\"userId\" <> '' THEN 'user' ELSE 'unknown' END"
)

TOLD = "call_told"
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


def told(file: str) -> str:
    """Give the SELECT of a file of lines: one row an event, in the columns of `calls`."""
    words = ", ".join(f"COALESCE(e.\"{said}\", '') AS {name}" for name, said in WORDS.items())
    counts = ", ".join(f'COALESCE(e."{said}", 0) AS {name}' for name, said in JSON_COUNTS.items())
    columns = f"{{n: 'BIGINT', e: {literal(f'STRUCT({EVENT_TYPE})')}}}"
    return (
        f'SELECT n, n >> {NUMBERS_BITS} AS seq, hash(e."externalRequestId") AS call_key, '
        f'0 AS line_no, make_timestamp(e."timestamp") AS "at", {words}, '
        f"COALESCE(e.\"serviceTier\", 'standard') AS tier, "
        f"{USER_ID} AS user_id, {USER_KIND} AS user_kind, COALESCE(e.attempt, 1) AS attempt, "
        f'CAST(round(e."latencyMs") AS BIGINT) AS latency_ms, {counts}, '
        f"CAST(NULL AS BIGINT) AS context_tokens, '' AS part, "
        f"COALESCE(e.estimated, FALSE) AS estimated, "
        f'TRY_CAST(e."providerCost" AS {CALL_MONEY}) AS provider_cost, e.lines AS lines '
        f"FROM read_json([{literal(file)}], format = 'newline_delimited', columns = {columns})"
    )


COUNTED = (
    "SELECT COUNT(*) AS events, COUNT(DISTINCT call_key) AS ids, "
    f"COUNT(*) FILTER (WHERE len(lines) > 0) AS several, "
    f"{', '.join(f'MAX({name}) AS {name}' for name in COUNTS)} FROM {TOLD}"
)


def lines_of_several() -> str:
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
        f"SELECT {_listed((*same, *own))} FROM {TOLD} WHERE COALESCE(len(lines), 0) = 0 "
        f"UNION ALL SELECT {_listed(same)}, line_no, "
        f"COALESCE(NULLIF(l.model, ''), model), COALESCE(NULLIF(l.\"serviceTier\", ''), tier), "
        f"{counts}, l.\"contextTokens\", COALESCE(l.part, ''), COALESCE(l.estimated, estimated), "
        f'COALESCE(TRY_CAST(l."providerCost" AS {CALL_MONEY}), {whole}) FROM ('
        f"SELECT * EXCLUDE (line_no), UNNEST(lines) AS l, "
        f"CAST(UNNEST(range(len(lines))) AS INTEGER) AS line_no FROM {TOLD} WHERE len(lines) > 0)"
    )


KNOWN_LINES = f"SELECT * FROM calls WHERE call_key IN (SELECT call_key FROM {TOLD})"


def repeats(lines: str) -> str:
    """Give the SELECT of the events that are there already, or twice: `n`, and `conflict`.

    An event is compared with the first of its id, in the books or else told: as a whole, by a sum
    of its lines.
    """
    said = f"bit_xor(hash({', '.join(SAID)}))"
    return (
        f"WITH doubtful AS (SELECT call_key FROM {KNOWN} UNION "
        f"SELECT call_key FROM {TOLD} GROUP BY call_key HAVING COUNT(*) > 1), "
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


CONFLICTS = (
    f'SELECT t.call_id, t."at", t.seq FROM {TOLD} AS t JOIN {REPEATS} AS r ON t.n = r.n '
    "WHERE r.conflict"
)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in names)
