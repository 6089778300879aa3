"""One customer: revenue against cost, what it costs by service and LLM feature, and the proof."""

from __future__ import annotations

from collections.abc import Mapping

from costper.charts.data import Chart, Pane, Series
from costper.web.figures import column, days_of, estimated_days, money, picture
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days
from costper.web.told import Told, rows, text
from costper.web.url import Url, segment

PATH = "/api/v1/costs/customers"


def asks(seen: Seen) -> Asks:
    """Ask for the customer, and for what its LLM features cost."""
    name, days = seen.path["id"], asked_days(seen.url)
    return {
        "customer": Ask(path=f"{PATH}/{segment(name)}", params=days),
        "features": Ask(
            path="/api/v1/llm/features", params={**days, "customer": name, "limit": "8"}
        ),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw the cost day by day."""
    answer = told["customer"]
    row = answer.first
    explain = Url("/explain").having(
        customer=seen.path["id"],
        from_=text(answer.question, "from"),
        to=text(answer.question, "to"),
    )
    return {"row": row, "chart": _chart(answer, seen.width), "explain": explain}


def _chart(answer: Told, width: int) -> object:
    daily = rows(answer.first, "daily")
    days = days_of(daily)
    cost = Series(
        key="cost", name="Cost", values=column(daily, days, "cost"), tone="quiet", mark="bars"
    )
    return picture(
        Chart(
            id="daily",
            title="Cost by day",
            description=f"What {text(answer.first, 'customer')} cost each day",
            buckets=days,
            panes=(Pane(series=(cost,), unit=money(answer.currency)),),
            estimated=estimated_days(days, text(answer.body, "settled_through")),
            width=width,
        )
    )


CUSTOMER = Page(
    name="customer",
    path="/customers/{id}",
    title="Customer",
    template="customer.html",
    asks=asks,
    show=show,
    needs=("customer",),
    section="customers",
)
