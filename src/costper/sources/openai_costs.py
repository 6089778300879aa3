"""Read what OpenAI bills, from the costs API of an organization: a row a day, project and line.

    openai_bill:
      type: openai_costs
      key: ${OPENAI_ADMIN_KEY}        # an admin key (sk-admin-…), not one of a project

It is the provider's own invoice. Name it under `llm.calls.invoices` as the invoice of `openai`:
its days are then the cost of record, and the calls of those days only divide it.

One row is a day (UTC), project and line item, such as `gpt-5.5-2026-04-14, input`. The line item
is the description; the model before its comma is `sku_id` and the tag `model`, the rest is
`sku_meter`; the project is the sub-account and the tag `project`. Amounts are JSON numbers: they
are read from their text with every digit, never as floats.

Each sync asks again from the first day of the previous month (`months: 2`) and replaces those
months. Today is left out: it is not over. The last three days are marked estimated, since late
usage is still added to them. See docs/manual/sources/openai_costs.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr

from costper.errors import SourceError
from costper.model.delivery import RawBill
from costper.model.outcome import Outcome
from costper.model.period import Period
from costper.sources.admin_api import AdminApi
from costper.sources.admin_bill import Issuer, Line, bills_of, no_days_yet, text_of, whole_months
from costper.sources.base import ReadContext, Source, SourceSettings

BASE_URL = "https://api.openai.com/v1"
BUCKETS = 180
"""Days a page may hold, at most."""


class OpenaiCostsSettings(SourceSettings):
    """Settings of `type: openai_costs`; only the key has to be there."""

    key: SecretStr
    """An admin key of the organization, from the environment: ${OPENAI_ADMIN_KEY}."""
    account: Annotated[str, Field(min_length=1)] = "openai"
    """The organization the bill is of, as it is to be called here."""
    base_url: str = BASE_URL
    """Another address to ask, such as a gateway."""
    months: Annotated[int, Field(ge=1, le=36)] = 2
    """How many calendar months a sync replaces, the current one included."""
    cost_of_record: Literal["effective_cost", "billed_cost"] | None = None
    """Which cost this source's answers are made of; both are the same here."""


def read(settings: OpenaiCostsSettings, context: ReadContext) -> Outcome[RawBill]:
    """Ask for the window and give each of its months; SourceError when OpenAI refuses."""
    window = whole_months(context.now.date(), settings.months, context.window)
    if not window.days:
        return Outcome((), (no_days_yet(window, context),))
    api = AdminApi(
        url=f"{settings.base_url.rstrip('/')}/organization/costs",
        headers={"Authorization": f"Bearer {settings.key.get_secret_value()}"},
        where=context.where,
        key_hint="an admin key of the organization (sk-admin-…), with `api.usage.read`",
        progress=context.progress,
    )
    lines = [line for page in api.pages(_asked(window)) for line in _lines(page, context)]
    return Outcome(bills_of(lines, window, Issuer("OpenAI", settings.account), context))


def _asked(window: Period) -> list[tuple[str, str]]:
    return [
        ("start_time", str(_seconds(window.start))),
        ("end_time", str(_seconds(window.end))),
        ("bucket_width", "1d"),
        ("group_by[]", "project_id"),
        ("group_by[]", "line_item"),
        ("limit", str(BUCKETS)),
    ]


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _lines(page: Mapping[str, Any], context: ReadContext) -> Iterator[Line]:
    try:
        for bucket in page["data"]:
            day = datetime.fromtimestamp(int(bucket["start_time"]), UTC).date()
            for result in bucket["results"]:
                yield _line(day, result)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise SourceError(
            f"OpenAI answered what cannot be read: {error!r}",
            where=context.where,
            hint="check base_url; if it is OpenAI itself, please report it",
        ) from error


def _line(day: date, result: Mapping[str, Any]) -> Line:
    item = text_of(result.get("line_item"))
    model, comma, meter = item.rpartition(", ")
    amount = result["amount"]
    counted = result.get("quantity")
    return Line(
        day=day,
        description=item,
        amount=Decimal(str(amount["value"])),
        currency=str(amount["currency"]).upper(),
        project=text_of(result.get("project_id")),
        model=model if comma else "",
        meter=meter,
        quantity=None if counted is None else Decimal(str(counted)),
        unit=text_of(result.get("quantity_unit")),
    )


SOURCE = Source(name="openai_costs", kind="bill", settings=OpenaiCostsSettings, read=read)
