"""Incidents over books: joined, folded, remembered."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

import pytest
from tests.ledger import NOW, Ledger, amount, dimensions

from costper.errors import UnknownNameError
from costper.model.answer import Row
from costper.model.dimension import Dimension
from costper.pipeline.answer.anomalies import anomalies
from costper.pipeline.answer.incident import incident, judge_incident
from costper.pipeline.answer.incidents import incident_list
from costper.pipeline.answer.watched import Watch, watchable
from costper.store import tables
from costper.store.books import Books
from costper.store.feedback import Remark, Verdict, all_feedback

START = date(2026, 6, 1)
DAYS = (date(2026, 11, 19) - START).days
SPIKE = date(2026, 11, 10)
SERVICES = Watch(scopes=("service",))


@pytest.fixture
def books(ledger: Ledger) -> Iterator[Books]:
    made = ledger.every_day(START, DAYS, "100", service="db", team="data").books()
    yield made
    made.control.close()


def listed(
    ledger: Ledger,
    books: Books | None = None,
    *,
    since: date | None = None,
    until: date | None = None,
) -> Sequence[Row]:
    feedback = () if books is None else all_feedback(books.control)
    watch = Watch(scopes=("service",), feedback=feedback)
    return incident_list(ledger.frame(since=since, until=until), watch).rows


def parts_of(row: Row, name: str = "contributors") -> Sequence[Row]:
    return cast("Sequence[Row]", row[name])


def say(ledger: Ledger, books: Books, name: object, verdict: Verdict, note: str = "") -> None:
    remark = Remark(verdict=verdict, note=note, actor="ann")
    judge_incident(books, ledger.frame(), str(name), remark, now=NOW)


def test_days_in_a_row_are_one_incident_and_its_impact_is_what_they_differ(
    ledger: Ledger, books: Books
) -> None:
    assert books.control
    ledger.every_day(SPIKE, 3, "4000", service="db", team="data")
    (row,) = listed(ledger)
    assert (row["start"], row["end"], row["days"]) == (SPIKE, SPIKE + timedelta(days=2), 3)
    assert row["cost"] == 12300
    assert 10000 < amount(row, "impact") <= 12000
    one = incident(ledger.frame(), str(row["incident"]), SERVICES)
    assert [day["day"] for day in one.rows] == [SPIKE + timedelta(days=n) for n in range(3)]
    assert sum(amount(day, "deviation") for day in one.rows) == amount(row, "impact")
    assert one.total["incident"] == row["incident"]


def test_an_incident_goes_on_until_a_usual_day_is_settled(ledger: Ledger, books: Books) -> None:
    assert books.control
    ledger.leg(date(2026, 11, 18), "4000", service="db", team="data")
    (row,) = listed(ledger)
    assert row["end"] is None
    name = row["incident"]
    frame = ledger.frame(since=date(2026, 11, 1), until=date(2026, 11, 21))
    assert [row["end"] for row in incident_list(frame, SERVICES).rows] == [None]
    (row,) = listed(ledger, since=date(2026, 11, 18), until=date(2026, 11, 19))
    assert row["incident"] == name


def test_its_name_does_not_depend_on_the_days_asked_for(ledger: Ledger, books: Books) -> None:
    assert books.control
    ledger.every_day(SPIKE, 3, "4000", service="db", team="data")
    later = SPIKE + timedelta(days=2)
    names = {
        row["incident"]
        for since in (date(2026, 11, 1), SPIKE, later)
        for row in listed(ledger, since=since, until=date(2026, 11, 15))
    }
    assert len(names) == 1


def test_echoes_are_folded_into_the_service_that_explains_them(
    ledger: Ledger, books: Books
) -> None:
    assert books.control
    ledger.every_day(START, DAYS, "40", service="api", team="web", customer="beta")
    ledger.leg(SPIKE, "4000", service="db", team="data", customer="beta")
    answer = incident_list(ledger.frame())
    (row,) = answer.rows
    assert (row["scope"], row["name"]) == ("service", "db")
    assert row["echoes"] == ("customer beta", "team data")
    assert (answer.total["incidents"], answer.total["echoes"]) == (1, 2)


def test_what_was_expected_is_hidden_with_its_echoes_and_shown_on_request(
    ledger: Ledger, books: Books
) -> None:
    ledger.leg(SPIKE, "4000", service="db", team="data")
    frame = ledger.frame()
    (row,) = incident_list(frame).rows
    say(ledger, books, row["incident"], "expected", "load test")
    watch = Watch(feedback=all_feedback(books.control))
    assert incident_list(frame, watch).rows == ()
    assert anomalies(frame, watch).rows == ()
    (shown,) = incident_list(frame, watch, everything=True).rows
    assert (shown["verdict"], shown["note"], shown["by"]) == ("expected", "load test", "ann")
    assert len(anomalies(frame, watch, everything=True).rows) == 3


def test_a_real_one_stays_and_a_second_verdict_replaces_the_first(
    ledger: Ledger, books: Books
) -> None:
    ledger.leg(SPIKE, "4000", service="db", team="data")
    (row,) = listed(ledger)
    say(ledger, books, row["incident"], "expected", "a sale")
    say(ledger, books, row["incident"], "real", "a loop")
    (row,) = listed(ledger, books)
    assert (row["verdict"], row["note"]) == ("real", "a loop")


def test_nothing_is_learnt_from_what_was_explained_and_it_is_brought_to_mind(
    ledger: Ledger, books: Books
) -> None:
    for offset in range(DAYS):
        ledger.leg(START + timedelta(days=offset), str(offset * 7919 % 11), service="db")
    earlier = date(2026, 10, 27)
    ledger.leg(earlier, "4000", service="db", team="data")
    ledger.leg(SPIKE, "60", service="db", team="data")
    before = {row["start"]: row for row in listed(ledger)}
    assert SPIKE in before
    day = incident(ledger.frame(), str(before[SPIKE]["incident"]), SERVICES).rows[0]
    say(ledger, books, before[earlier]["incident"], "expected", "quarter's end")
    (row,) = listed(ledger, books)
    assert row["said_before"] == "expected: quarter's end (2026-10-27)"
    watch = Watch(scopes=("service",), feedback=all_feedback(books.control))
    clean = incident(ledger.frame(), str(row["incident"]), watch).rows[0]
    assert amount(day, "z") < 1 < amount(clean, "z")


def test_what_has_too_few_days_is_counted_as_not_judged_yet(ledger: Ledger, books: Books) -> None:
    assert books.control
    ledger.every_day(date(2026, 11, 5), 13, "80", service="new", team="data")
    ledger.every_day(START, DAYS, "1", service="old", team="data").leg(SPIKE, "90", service="old")
    total = incident_list(ledger.frame(), SERVICES).total
    told = {name: total[name] for name in ("judged_names", "not_judged_yet", "days_known")}
    assert told == {"judged_names": 2, "not_judged_yet": 1, "days_known": 30}


def test_young_books_are_not_called_calm(ledger: Ledger) -> None:
    ledger.every_day(date(2026, 10, 31), 19, "10", service="db", team="data")
    ledger.leg(date(2026, 11, 14), "900", service="db", team="data")
    books = ledger.books()
    total = incident_list(ledger.frame(), SERVICES).total
    books.control.close()
    assert (total["incidents"], total["judged_names"], total["not_judged_yet"]) == (0, 0, 1)
    assert (total["days_known"], total["days_needed"]) == (19, 30)


def test_the_numbers_of_a_drift_add_up(ledger: Ledger, books: Books) -> None:
    assert books.control
    for offset in range(DAYS):
        noise = Decimal(offset**2 * 1299709 % 41)
        ledger.leg(START + timedelta(days=offset), noise, service="db", team="data")
    for offset in range(30):
        day = date(2026, 10, 20) + timedelta(days=offset)
        ledger.leg(day, Decimal(2 * offset), service="db", team="data")
    watch = Watch(scopes=("service",), minimum=Decimal(20))
    (row,) = incident_list(ledger.frame(), watch).rows
    told = incident(ledger.frame(), str(row["incident"]), watch)
    for it in told.rows:
        assert amount(it, "deviation") == amount(it, "judged") - amount(it, "expected")
        assert amount(it, "judged") != amount(it, "cost")
        (part,) = [one for one in parts_of(it) if one["team"] == "data"]
        assert abs(amount(part, "deviation") - amount(it, "deviation")) <= Decimal("0.01")
    for name in ("judged", "expected"):
        assert amount(row, name) == sum(amount(day, name) for day in told.rows)
    assert amount(row, "impact") == amount(row, "judged") - amount(row, "expected")
    near = {it["day"]: it for it in parts_of(told.total, "around")}
    drawn = [{**near[day["day"]], "day": day["day"]} for day in told.rows]
    for name in ("judged", "expected", "expected_low", "expected_high"):
        assert [it[name] for it in drawn] == [it[name] for it in told.rows]


def test_a_slow_drift_is_one_line_on_its_first_day(ledger: Ledger, books: Books) -> None:
    assert books.control
    for offset in range(DAYS):
        noise = Decimal(offset**2 * 1299709 % 41)
        ledger.leg(START + timedelta(days=offset), noise, service="db", team="data")
    for offset in range(30):
        day = date(2026, 10, 20) + timedelta(days=offset)
        ledger.leg(day, Decimal(2 * offset), service="db", team="data")
    watch = Watch(scopes=("service",), minimum=Decimal(20))
    (row,) = incident_list(ledger.frame(), watch).rows
    assert (row["kind"], row["severity"], row["direction"]) == ("drift", "warning", "up")
    assert row["end"] is None
    (line,) = anomalies(ledger.frame(), watch).rows
    assert (line["day"], line["kind"], line["incident"]) == (row["start"], "drift", row["incident"])


def test_other_names_change_nothing(ledger: Ledger, books: Books) -> None:
    assert books.control
    ledger.leg(SPIKE, "4000", service="db", team="data")
    (alone,) = listed(ledger)
    ledger.every_day(START, DAYS, "77", service="aaa").leg(SPIKE, "-900", service="zzz")
    among = {row["name"]: row for row in listed(ledger)}
    assert among["db"] == alone


def test_an_unknown_incident_is_told(ledger: Ledger, books: Books) -> None:
    assert books.control
    for name in ("20261110-0000000000", "20991110-0000000000", "18991110-0000000000", "x"):
        with pytest.raises(UnknownNameError, match="unknown incident"):
            incident(ledger.frame(), name)


def test_every_declared_dimension_is_watched_but_not_environments(ledger: Ledger) -> None:
    feature = Dimension(name="feature", fields=("tags.feature",))
    ledger.settings = replace(ledger.settings, dimensions=(*dimensions(), feature))
    ledger.marts.define(tables.dimension_daily(ledger.settings.dimension_names))
    assert watchable(ledger.frame()) == ("service", "team", "customer", "feature")
    with pytest.raises(UnknownNameError, match="unknown scope 'servce'"):
        anomalies(ledger.frame(), Watch(scopes=("servce",)))
