"""Calls of one month added up by all that a charge says of them, and how those rows read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from costper.config.settings import Settings
from costper.model.call import CALLS
from costper.model.dimension import normal
from costper.model.names import literal, quoted
from costper.model.period import Period
from costper.pipeline.words import handed_over, text_schema
from costper.store.books import Books
from costper.store.engine import Parameter

ROWS = "call_rows"
"""Scratch: calls by day, provider, words, service account and whether an invoice pays for them."""

COVERED = "call_covered"
ACCOUNTS = "call_accounts"
INTERNAL = "call_internal"
PLANS = "call_free_plans"
SCRATCH = (ROWS, COVERED, ACCOUNTS, INTERNAL, PLANS)

CATEGORY = "AI and Machine Learning"
SUBCATEGORY = "Generative AI"
NAMES: Mapping[str, tuple[str, str]] = {
    "anthropic": ("Anthropic", "Anthropic"),
    "aws": ("AWS", "Amazon Bedrock"),
    "azure": ("Microsoft", "Azure OpenAI"),
    "google": ("Google Cloud", "Vertex AI"),
    "openai": ("OpenAI", "OpenAI"),
}
"""Provider → what FOCUS calls its company and its service; any other is called by its own name."""

WORDS = ("model", "feature", "tenant", "customer", "team", "environment")
EXTRA = ("prompt_version", "tier", "user_kind", "outcome")
"""What calls are told apart by only where a dimension or a rule reads it."""

SUMS = ("calls", "unpriced_calls", "input_tokens", "output_tokens")
MORE = ("service_account", "segment")


@dataclass(frozen=True, slots=True)
class Shape:
    """Which words rows of calls have, and under which tags they stand.

    `tags` maps each word to its keys: its own name, and the tag its dimension is read from.
    """

    words: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]]


def shape_of(settings: Settings) -> Shape:
    """Say by what these books tell calls apart."""
    read = {field for one in settings.dimensions for field in one.fields}
    read |= {key for one in settings.dimensions for line in one.rules for key in line.match}
    read |= {match.key for rule in settings.allocation for match in (*rule.match, *rule.base)}
    asked = {normal(key.removeprefix("tags.")) for key in read if key.startswith("tags.")}
    words = (*WORDS, *(name for name in EXTRA if name in asked))
    fields = {one.name: one.fields for one in settings.dimensions}
    tagged = ("provider", *words, *MORE)
    return Shape(words=words, tags={word: _keys(word, fields.get(word, ())) for word in tagged})


def _keys(word: str, fields: Sequence[str]) -> tuple[str, ...]:
    """Name the tags a word stands under, so that the dimension of its name finds it."""
    tags = [field.removeprefix("tags.") for field in fields if field.startswith("tags.")]
    own = [word] if word in {normal(tag) for tag in tags} or not tags else [word, tags[0]]
    return tuple(own)


def add_up(books: Books, shape: Shape, month: Period, covered: Sequence[tuple[str, date]]) -> None:
    """Put the priced calls of real use in a month aside as ROWS; `covered` are paid by invoices."""
    _hand_over(books, covered)
    words = ", ".join(quoted(name) for name in shape.words)
    sums = ", ".join(f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in SUMS)
    by = f"day, provider, {words}, service_account"
    money = ", ".join(
        f"CAST(COALESCE(SUM({name}), 0) AS DECIMAL(38,18)) AS {own}"
        for name, own in (("call_cost", "cost"), ("trued_cost", "trued_cost"))
    )
    calls = (
        f"SELECT {by}, {money}, {sums} "
        f"FROM ({_of_people(shape)} UNION ALL {_of_accounts(shape)}) AS u GROUP BY {by}"
    )
    select = (
        f"SELECT {by}, cost, trued_cost, {', '.join(SUMS)}, {_segment(books.settings)} AS segment, "
        f"EXISTS (SELECT 1 FROM {COVERED} AS i WHERE i.provider = c.provider AND i.day = c.day) "
        f"AS covered FROM ({calls}) AS c"
    )
    params: dict[str, Parameter] = {"start": month.start, "until": month.end}
    books.marts.keep(ROWS, select, params)


def _of_people(shape: Shape) -> str:
    words = ", ".join(quoted(name) for name in shape.words)
    return (
        f"SELECT day, provider, {words}, '' AS service_account, call_cost, cost AS trued_cost, "
        f"{', '.join(SUMS)} FROM call_hourly AS h "
        f"WHERE h.user_kind <> 'service_account' AND {_real('h')}"
    )


def _of_accounts(shape: Shape) -> str:
    """Select the calls of service accounts: only the roll-up by user knows which one it was."""
    own = {
        "team": "COALESCE(a.team, '')",
        "customer": "COALESCE(NULLIF(d.customer, ''), a.customer, '')",
        "prompt_version": "''",
        "outcome": "''",
    }
    words = ", ".join(f"{own.get(name, f'd.{name}')} AS {quoted(name)}" for name in shape.words)
    return (
        f"SELECT d.day, d.provider, {words}, d.user_id AS service_account, d.call_cost, "
        f"d.cost AS trued_cost, {', '.join(f'd.{name}' for name in SUMS)} FROM user_daily AS d "
        f"LEFT JOIN {ACCOUNTS} AS a ON a.account = d.user_id "
        f"WHERE d.user_kind = 'service_account' AND {_real('d')}"
    )


def _real(table: str) -> str:
    return f"{table}.data_mode = 'real' AND {table}.day >= $start AND {table}.day < $until"


def _segment(settings: Settings) -> str:
    """Tell the use of our own tenants and of plans that pay nothing from that which is paid."""
    cases: list[str] = []
    if settings.llm.internal_tenants:
        cases.append(f"WHEN c.tenant IN (SELECT word FROM {INTERNAL}) THEN 'internal'")
    if settings.llm.free_plans:
        cases.append(
            "WHEN EXISTS (SELECT 1 FROM customers AS f WHERE f.customer = c.customer "
            f"AND LOWER(TRIM(f.plan)) IN (SELECT word FROM {PLANS}) AND f.valid_from <= c.day "
            "AND (f.valid_to IS NULL OR c.day < f.valid_to)) THEN 'free'"
        )
    return f"CASE {' '.join(cases)} ELSE '' END" if cases else "''"


def _hand_over(books: Books, covered: Sequence[tuple[str, date]]) -> None:
    llm = books.settings.llm
    handed_over(
        books.marts,
        COVERED,
        {"provider": [name for name, _ in covered], "day": [on for _, on in covered]},
        text_schema(("provider",), day=pa.date32()),
    )
    accounts = llm.service_accounts
    handed_over(
        books.marts,
        ACCOUNTS,
        {
            "account": [normal(name) for name in accounts],
            "team": [one.team for one in accounts.values()],
            "customer": [normal(one.customer) for one in accounts.values()],
        },
        text_schema(("account", "team", "customer")),
    )
    word = text_schema(("word",))
    for name, said in ((INTERNAL, llm.internal_tenants), (PLANS, llm.free_plans)):
        handed_over(books.marts, name, {"word": [normal(one) for one in said]}, word)


def tags_sql(shape: Shape) -> str:
    """Write a row's tags as the JSON text of an object, keys in order, empty ones left out."""
    pairs = sorted((key, word) for word, keys in shape.tags.items() for key in keys)
    members = ", ".join(
        f"CASE WHEN {quoted(word)} <> '' THEN {literal(_quoted_json(key))} || ':' || "
        f"CAST(to_json({quoted(word)}) AS VARCHAR) END"
        for key, word in pairs
    )
    return f"'{{' || concat_ws(',', {members}) || '}}'"


def _quoted_json(key: str) -> str:
    return f'"{key}"'


def named_sql(which: int) -> str:
    """Write a provider's company (0) or service (1)."""
    cases = " ".join(
        f"WHEN {literal(provider)} THEN {literal(names[which])}"
        for provider, names in NAMES.items()
    )
    return f"CASE provider {cases} ELSE provider END"


def attributes_sql(shape: Shape) -> Mapping[str, str]:
    """Give the charge columns that dimensions and rules may read, each with its SQL over ROWS."""
    return {
        "service_provider_name": named_sql(0),
        "service_name": named_sql(1),
        "service_category": literal(CATEGORY),
        "billing_account_id": "provider",
        "sku_id": "model",
        "charge_category": "'Usage'",
        "charge_description": "model",
        "source": literal(CALLS),
        "tags": tags_sql(shape),
    }
