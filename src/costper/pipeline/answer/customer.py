"""What does one customer cost, what of, and what is left?"""

from __future__ import annotations

from costper.economics.margin import margin
from costper.errors import UnknownNameError
from costper.model.answer import Answer, Cell
from costper.pipeline.answer.beside import beside
from costper.pipeline.answer.costs import Costs
from costper.pipeline.answer.customers import daily_average, margin_cells
from costper.pipeline.answer.depth import Slice, breakdown, day_rows, movers, read
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.payers import UNKNOWN, Payers, payers
from costper.pipeline.answer.select import Bound, Select, spoken
from costper.pipeline.answer.units import amount_cells, request_gaps, units_of
from costper.pipeline.answer.unpriced import priced, unpriced_days_of, unpriced_issues
from costper.pipeline.answer.unsaid import plan_word
from costper.store.engine import Engine


def customer(frame: Frame, name: str) -> Answer:
    """Answer for one customer; UnknownNameError when the books never heard of it.

    A name the books do not know is tried again as they would write it: `ACME ` as `acme`.
    """
    with beside(units_of, frame, "customer", name) as using:
        found = read(frame, Slice("legs", "dim_customer", name), "dim_service")
        lacking = unpriced_days_of(frame, name)
        paying, used = payers(frame, name), using.result()
    stranger = not (found.parts or lacking or name in paying.known)
    if stranger and not _ever(frame, name):
        written = spoken("customer", name, frame.books.settings.dimensions)
        if written != name:
            return customer(frame, written)
        raise UnknownNameError("customer", name, _known(frame))
    whole = priced(found.whole, sum(lacking.values()))
    row = {
        **_summary(frame, name, whole, paying),
        **amount_cells(frame.held(whole.cost), used),
        "drivers": movers(frame, "service", found.parts),
        "services": breakdown(frame, "service", found.parts, whole),
        "daily": day_rows(frame, found.days, lacking),
    }
    total = {key: row[key] for key in ("cost", "effective_cost", "billed_cost", "previous_cost")}
    question: dict[str, Cell] = {"noun": "customer", "customer": name}
    told = unpriced_issues({name: sum(lacking.values())})
    return frame.answer(question, (row,), total, (*paying.issues(), *told, *request_gaps(frame)))


def _summary(frame: Frame, name: str, whole: Costs, paying: Payers) -> dict[str, Cell]:
    payer = paying.known.get(name, UNKNOWN)
    revenue = paying.revenue(name)
    return {
        "customer": name,
        "name": payer.name,
        "plan": plan_word(frame, payer.plan),
        "status": payer.status,
        **whole.cells(frame),
        **margin_cells(revenue, margin(revenue, whole.cost)),
        "previous_margin": margin(paying.revenue_before(name), frame.before(whole.previous)).amount,
        "daily_average": daily_average(frame, whole),
    }


def _ever(frame: Frame, name: str) -> bool:
    return known_customer(frame.books.marts, name)


def known_customer(marts: Engine, name: str) -> bool:
    """Say whether the books ever heard of a customer: from a cost, or from the customers' list."""
    return any(_holds(marts, table, name) for table in ("customer_daily", "customers"))


def has_cost_or_calls(marts: Engine, name: str) -> bool:
    """Say whether a customer ever cost anything, or caused a call of an LLM."""
    return any(_holds(marts, table, name) for table in ("customer_daily", "call_hourly"))


def _holds(marts: Engine, table: str, name: str) -> bool:
    bound = Bound()
    select = Select(
        columns={"customer": "customer"},
        table=table,
        where=(f"customer = {bound.bind(name)}",),
        group=("customer",),
    )
    return marts.query(select.text(), bound.values).num_rows > 0


def _known(frame: Frame) -> list[str]:
    select = Select(columns={"customer": "customer"}, table="customer_daily", group=("customer",))
    rows = frame.books.marts.query(select.text())
    return [str(one) for one in rows.column("customer").to_pylist()]
