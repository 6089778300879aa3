"""Read what Anthropic bills, from the cost report of an organization: a row a day and line.

    anthropic_bill:
      type: anthropic_costs
      key: ${ANTHROPIC_ADMIN_KEY}     # an admin key (sk-ant-admin…), not one of a workspace

It is the provider's own bill. Name it under `llm.calls.invoices` as the invoice of `anthropic`:
its days are then the cost of record, and the calls of those days only divide it.

One row is a day (UTC), workspace and description. Amounts are decimal text in **cents**
(`"123.45"` is $1.2345); they are divided by 100 exactly. The model is `sku_id` and the tag
`model`, the kind of token is `sku_meter`, the workspace is the sub-account and the tag `project`;
service tier, context window and place of inference are kept in `extras`. What is bought with
Priority Tier is not in this report: read the invoice of that with `focus_file`.

Each sync asks again from the first day of the previous month (`months: 2`) and replaces those
months. Today is left out: it is not over. The last three days are marked estimated, since late
usage is still added to them. See docs/manual/sources/anthropic_costs.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr

from costper.errors import SourceError
from costper.model.delivery import RawBill
from costper.model.money import EXACT
from costper.model.outcome import Outcome
from costper.model.period import Period
from costper.sources.admin_api import AdminApi
from costper.sources.admin_bill import Issuer, Line, bills_of, no_days_yet, text_of, whole_months
from costper.sources.base import ReadContext, Source, SourceSettings

BASE_URL = "https://api.anthropic.com/v1"
VERSION = "2023-06-01"
BUCKETS = 31
"""Days a page may hold, at most."""

CENTS = -2
KEPT = ("cost_type", "service_tier", "context_window", "inference_geo", "speed")


class AnthropicCostsSettings(SourceSettings):
    """Settings of `type: anthropic_costs`; only the key has to be there."""

    key: SecretStr
    """An admin key of the organization, from the environment: ${ANTHROPIC_ADMIN_KEY}."""
    account: Annotated[str, Field(min_length=1)] = "anthropic"
    """The organization the bill is of, as it is to be called here."""
    base_url: str = BASE_URL
    """Another address to ask, such as a gateway."""
    months: Annotated[int, Field(ge=1, le=36)] = 2
    """How many calendar months a sync replaces, the current one included."""
    cost_of_record: Literal["effective_cost", "billed_cost"] | None = None
    """Which cost this source's answers are made of; both are the same here."""


def read(settings: AnthropicCostsSettings, context: ReadContext) -> Outcome[RawBill]:
    """Ask for the window and give each of its months; SourceError when Anthropic refuses."""
    window = whole_months(context.now.date(), settings.months, context.window)
    if not window.days:
        return Outcome((), (no_days_yet(window, context),))
    key = settings.key.get_secret_value()
    api = AdminApi(
        url=f"{settings.base_url.rstrip('/')}/organizations/cost_report",
        headers={"x-api-key": key, "anthropic-version": VERSION},
        where=context.where,
        key_hint="an admin key of the organization (sk-ant-admin…)",
        progress=context.progress,
    )
    lines = [line for page in api.pages(_asked(window)) for line in _lines(page, context)]
    return Outcome(bills_of(lines, window, Issuer("Anthropic", settings.account), context))


def _asked(window: Period) -> list[tuple[str, str]]:
    return [
        ("starting_at", f"{window.start}T00:00:00Z"),
        ("ending_at", f"{window.end}T00:00:00Z"),
        ("bucket_width", "1d"),
        ("group_by[]", "workspace_id"),
        ("group_by[]", "description"),
        ("limit", str(BUCKETS)),
    ]


def _lines(page: Mapping[str, Any], context: ReadContext) -> Iterator[Line]:
    try:
        for bucket in page["data"]:
            day = datetime.fromisoformat(str(bucket["starting_at"])).date()
            for result in bucket["results"]:
                yield _line(day, result)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise SourceError(
            f"Anthropic answered what cannot be read: {error!r}",
            where=context.where,
            hint="check base_url; if it is Anthropic itself, please report it",
        ) from error


def _line(day: date, result: Mapping[str, Any]) -> Line:
    kind = text_of(result.get("token_type")) or text_of(result.get("cost_type"))
    extras = ((name, text_of(result.get(name))) for name in KEPT)
    return Line(
        day=day,
        description=text_of(result.get("description")),
        amount=EXACT.scaleb(Decimal(str(result["amount"])), CENTS),
        currency=str(result["currency"]).upper(),
        project=text_of(result.get("workspace_id")),
        model=text_of(result.get("model")),
        meter=kind,
        extras=tuple((name, said) for name, said in extras if said),
    )


SOURCE = Source(name="anthropic_costs", kind="bill", settings=AnthropicCostsSettings, read=read)
