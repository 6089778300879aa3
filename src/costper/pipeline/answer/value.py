"""What does one team, service, environment or other value cost, and what moved it?"""

from __future__ import annotations

from decimal import Decimal

from costper.economics.trend import ratio
from costper.errors import UnknownNameError
from costper.model.answer import Answer, Cell
from costper.model.names import quoted
from costper.pipeline.answer.costs import Costs, Key, added
from costper.pipeline.answer.customers import daily_average
from costper.pipeline.answer.depth import Slice, breakdown, day_rows, movers, parts_of, read
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.payers import Payers, payers
from costper.pipeline.answer.select import Select, spoken
from costper.pipeline.answer.units import amount_cells, is_payer, request_gaps_by, units_of
from costper.pipeline.answer.unpriced import priced, unpriced_issues, unpriced_of
from costper.pipeline.answer.values import MART, cost_of_revenue, mart_column

TOP_CUSTOMERS = 10
BROKEN_DOWN_BY = ("team", "environment")


def value(frame: Frame, noun: str, name: str) -> Answer:
    """Answer for one value of a dimension; UnknownNameError when no charge ever had it."""
    column = mart_column(frame, noun)
    part = Slice(MART, column, name)
    found = read(frame, part, "dim_service")
    if not found.parts and not _known(frame, noun, column, name):
        return value(frame, noun, spoken(noun, name, frame.books.settings.dimensions))
    others = {by: parts_of(frame, part, f"dim_{by}") for by in BROKEN_DOWN_BY if by != noun}
    served = parts_of(frame, Slice("legs", column, name), "dim_customer")
    lacking = unpriced_of(frame, noun, name)
    whole = priced(found.whole, sum(lacking.values()))
    paying = payers(frame)
    moved = ("customer", served) if noun == "service" else ("service", found.parts)
    row = {
        **_summary(frame, noun, name, (whole, served), paying),
        "drivers": movers(frame, *moved),
        "services": breakdown(frame, "service", found.parts, whole),
        **{f"{by}s": breakdown(frame, by, parts, whole) for by, parts in others.items()},
        "customers": breakdown(frame, "customer", served, whole)[:TOP_CUSTOMERS],
        "daily": day_rows(frame, found.days),
    }
    total = {key: row[key] for key in ("cost", "effective_cost", "billed_cost", "previous_cost")}
    question: dict[str, Cell] = {"noun": noun, noun: name}
    told = unpriced_issues(lacking)
    issues = (*paying.issues(), *told, *request_gaps_by(frame, noun))
    return frame.answer(question, (row,), total, issues)


def _summary(
    frame: Frame, noun: str, name: str, parts: tuple[Costs, dict[Key, Costs]], paying: Payers
) -> dict[str, Cell]:
    whole, served = parts
    theirs = [costs for (customer,), costs in served.items() if is_payer(customer) and costs.cost]
    count = Decimal(len(theirs))
    return {
        noun: name,
        **whole.cells(frame),
        "daily_average": daily_average(frame, whole),
        **amount_cells(frame.held(whole.cost), units_of(frame, noun, name)),
        "customers_served": len(theirs),
        "cost_per_customer": ratio(added(theirs).cost, count),
        "cost_of_revenue_percent": cost_of_revenue(whole.cost, paying.all_revenue()),
    }


def _known(frame: Frame, noun: str, column: str, name: str) -> bool:
    """Say whether any charge ever had the value; raise when not even as the books write it."""
    select = Select(columns={"name": quoted(column)}, table=MART, group=("name",), order=("name",))
    rows = frame.books.marts.query(select.text())
    known = [str(one) for one in rows.column("name").to_pylist()]
    written = spoken(noun, name, frame.books.settings.dimensions)
    if name not in known and written not in known:
        raise UnknownNameError(noun, name, known)
    return name in known
