"""All who pay, taken together, are each of them looked at alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger import NOW, Ledger

from costper.model.answer import Absent
from costper.model.period import Period
from costper.pipeline.answer.frame import Asked, Frame
from costper.pipeline.answer.ground import Fact, steady_of
from costper.pipeline.answer.payers import payers
from costper.pipeline.answer.state import States

FIRST = date(2026, 8, 1)
DAYS = st.integers(0, 100).map(lambda days: FIRST + timedelta(days=days))
MRR = st.sampled_from([None, 0, 31 * 10**21, 99 * 10**21 + 7])


@st.composite
def facts_of(draw: st.DrawFn, customer: str) -> tuple[Fact, ...]:
    days = sorted(draw(st.lists(DAYS, min_size=1, max_size=3, unique=True)))
    last = draw(st.sampled_from([None, days[-1] + timedelta(days=20)]))
    return tuple(
        Fact(
            customer,
            customer.title(),
            "active",
            draw(st.sampled_from(["pro", "free"])),
            draw(st.booleans()),
            draw(MRR),
            draw(st.sampled_from(["USD", "USD", "EUR"])),
            since,
            until,
        )
        for since, until in zip(days, [*days[1:], last], strict=True)
    )


@pytest.fixture
def frame(tmp_path: Path) -> Iterator[Frame]:
    books = Ledger.at(tmp_path).every_day(date(2026, 10, 5), 16, "7").keep().books()
    asked = Asked(since=date(2026, 10, 1), until=date(2026, 11, 1))
    yield States(books).newest().frame(asked, NOW)
    books.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), names=st.sets(st.sampled_from("abcdefgh")))
def test_together_is_one_by_one(frame: Frame, data: st.DataObject, names: set[str]) -> None:
    facts = {name: data.draw(facts_of(name)) for name in sorted(names)}
    asked = replace(frame, ground=replace(frame.ground, facts=facts, steady=steady_of(facts)))
    together, alone = payers(asked), {name: payers(asked, name) for name in facts}
    assert together.known == {k: v for one in alone.values() for k, v in one.known.items()}
    assert together.whole == {k: v for one in alone.values() for k, v in one.whole.items()}
    wanted = ["nobody", *facts]
    assert together.whole_revenues(wanted) == [together.whole_revenue(name) for name in wanted]
    lost = [one for _, one in sorted(together.whole.items()) if isinstance(one, Absent)]
    if together.known and lost:
        assert together.all_revenue() == lost[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=facts_of("a"), before=st.integers(0, 40), after=st.integers(0, 40))
def test_days_the_books_do_not_hold_bring_no_revenue(
    frame: Frame, facts: tuple[Fact, ...], before: int, after: int
) -> None:
    ground = replace(frame.ground, facts={"a": facts}, steady=steady_of({"a": facts}))
    held = Period(date(2026, 10, 5), date(2026, 10, 21))
    wider = Period(held.start - timedelta(days=before), held.end + timedelta(days=after))
    asked = replace(frame, ground=ground, period=wider, previous=wider.previous())
    exact = replace(frame, ground=ground, period=held, previous=held.previous())
    if "a" in payers(exact).known:
        assert payers(asked).revenue("a") == payers(exact).revenue("a")
    assert all(one.code == "days_left_out" for one in payers(asked).left_out)
    assert bool(payers(asked).left_out) == (wider != held)


def test_a_missing_rate_of_revenue_names_its_currencies(ledger: Ledger) -> None:
    day = date(2026, 10, 1)
    ledger.leg(day, "5").payer("acme", "10", currency="GBP").payer("beta", "10", currency="EUR")
    frame = ledger.payer("home", "10").frame(since=day, until=date(2026, 11, 1))
    (told,) = payers(frame).issues()[-1:]
    assert told.message == "no rate says what EUR, GBP is worth"
