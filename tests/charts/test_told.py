"""What charts tell scripts and readers: values as words, totals, hidden series, days to zoom to."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.charts.pictures import (
    HOSTILE,
    USD,
    bars_in,
    chart,
    charts,
    check,
    everything,
    of_class,
    sane,
    series,
    wild,
)

from costper.charts import legend
from costper.charts.data import Chart, Event, Grain, Pane, Series
from costper.charts.dates import end_day
from costper.charts.panes import draw
from costper.charts.svg import FORBIDDEN
from costper.charts.unit import Unit, short, told


def layers(*values: tuple[int, ...]) -> tuple[Series, ...]:
    return tuple(
        series(tuple(Decimal(it) for it in own), "bars", key)
        for key, own in zip("abc", values, strict=False)
    )


@given(st.lists(wild, max_size=20), st.sampled_from([USD, Unit(), Unit("percent")]))
def test_a_value_is_told_exactly_where_there_is_one(
    values: list[Decimal | None], unit: Unit
) -> None:
    texts = told(values, unit)
    assert [bool(it) for it in texts] == [it is not None and it.is_finite() for it in values]
    assert all("-" not in it and "|" not in it for it in texts)


@given(sane)
def test_a_value_below_ten_thousand_is_told_to_the_digits_of_its_short_form(value: Decimal) -> None:
    if 1000 <= abs(value) < 9999:
        assert told([value], USD) == [short(value, USD)]


def test_a_stack_tells_its_totals_and_a_single_layer_none() -> None:
    two = check(draw(chart(Pane(series=layers((1, 2), (3, -1)), unit=USD), count=2)))
    assert of_class(two, "c-pane")[0].get("data-totals") == "$4.00|$1.00"
    one = check(draw(chart(Pane(series=layers((1, 2))), count=2)))
    assert of_class(one, "c-pane")[0].get("data-totals") is None


def test_a_hidden_layer_leaves_its_stack_and_the_others_close_up() -> None:
    pane = Pane(series=layers((1, 2), (3, 4), (5, 6)))
    shown = legend.hidden_in(chart(pane, count=2), "b")
    first, second, third = of_class(check(draw(shown)), "c-bars")
    assert "c-off" in (second.get("class") or "")
    assert list(second) == []
    ends = [bars_in(next(iter(it)).get("d") or "") for it in (first, third)]
    assert [bar[2] for bar in ends[0]] == [bar[1] for bar in ends[1]]


def test_a_hidden_line_is_drawn_for_a_script_to_show_at_once() -> None:
    drawn = replace(chart(Pane(series=(series((Decimal(1), Decimal(2))),)), count=2), width=640)
    (group,) = of_class(check(draw(legend.hidden_in(drawn, "a"))), "c-series")
    assert "c-off" in (group.get("class") or "")
    assert len(list(group)) == 1


def test_a_chart_with_every_layer_hidden_says_so() -> None:
    drawn = legend.hidden_in(chart(Pane(series=layers((1,), (2,))), count=1), "a,b")
    assert "Hidden" in [it.text for it in everything(check(draw(drawn)), "text")]


@pytest.mark.parametrize(
    ("grain", "last", "after"),
    [
        ("hour", date(2026, 11, 20), "2026-11-21"),
        ("day", date(2026, 2, 28), "2026-03-01"),
        ("week", date(2026, 12, 28), "2027-01-04"),
        ("month", date(2026, 12, 1), "2027-01-01"),
        ("quarter", date(2026, 10, 1), "2027-01-01"),
        ("year", date(2026, 1, 1), "2027-01-01"),
        ("year", date(9999, 1, 1), "None"),
    ],
)
def test_the_day_after_the_last_bucket_is_known(grain: Grain, last: date, after: str) -> None:
    assert str(end_day(last, grain)) == after


@given(charts())
def test_buckets_of_time_are_named_one_by_one(drawn: Chart) -> None:
    root = check(draw(drawn))
    names = root.get("data-told")
    if names is not None:
        assert names.count("|") == (root.get("data-buckets") or "").count("|")


def test_each_event_of_a_line_is_told_with_its_own_day() -> None:
    happened = (Event(bucket=40, name="one\nday"), Event(bucket=41, name="next"))
    drawn = replace(chart(Pane(series=()), count=90), events=happened)
    (group,) = of_class(check(draw(drawn)), "c-events")
    assert (group.get("data-at"), group[0].text) == ("40 41", "one day\nnext")


@given(st.sets(st.text(min_size=1, max_size=6), max_size=4))
def test_keys_of_hidden_series_come_back_from_the_address(keys: set[str]) -> None:
    assert legend.hidden(legend.hiding(keys)) == keys


@pytest.mark.parametrize("name", HOSTILE)
def test_a_legend_is_links_that_hide_or_show(name: str) -> None:
    named = replace(series((Decimal(1),)), name=name)
    drawn = legend.hidden_in(chart(Pane(series=(named, series((), key="b"))), count=1), "b")
    html = legend.listing(drawn, lambda hide: f"/?hide={hide}")
    assert 'id="x-hide-0" class="c-entry" data-hide="a" href="/?hide=a,b"' in html
    assert "<script" not in html
    assert 'class="c-entry c-hidden" data-hide="b" href="/?hide="' in html
    assert html.count(">Hide <") == html.count(">Show <") == 1
    assert len(FORBIDDEN.findall(html)) == 0
