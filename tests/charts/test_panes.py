"""Charts over time: every picture is whole, and says what its numbers say."""

import gzip
import json
import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.charts.pictures import (
    HOSTILE,
    USD,
    bars_in,
    chart,
    charts,
    check,
    days,
    everything,
    of_class,
    sane,
    series,
)

from costper.charts.data import Chart, Event, Pane, Series
from costper.charts.panes import draw
from costper.charts.svg import FORBIDDEN
from costper.charts.unit import Unit

SNAPSHOTS = Path(__file__).parent / "snapshots"
YEAR_KB, QUARTER_KB = 24, 5
values_of_a_week = st.lists(st.one_of(st.none(), sane), min_size=7, max_size=7).map(tuple)


@settings(max_examples=60, deadline=None)
@given(charts())
def test_any_chart_is_xml_with_finite_paths_and_no_style_or_script(drawn: Chart) -> None:
    root = check(draw(drawn))
    assert root.get("role") == "img"
    assert len(list(everything(root, "pattern"))) == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_and_never_obeyed(name: str) -> None:
    one = replace(series((Decimal(1),) * 4, "bars"), name=name)
    drawn = replace(
        chart(Pane(series=(one,)), count=4, title=name, description=name, id=name),
        buckets=(name, name, "|", "b"),
        events=(Event(bucket=1, name=name, href=f"javascript:{name}"),),
        heading=True,
        legend=True,
    )
    root = check(draw(drawn))
    group = of_class(root, "c-series")[0]
    assert group.get("data-name") == FORBIDDEN.sub("\ufffd", name)
    assert of_class(root, "c-events")[0].get("data-href") is None
    assert len((root.get("data-buckets") or "").split("|")) == 4


def test_a_long_name_is_shortened_with_its_whole_in_the_title() -> None:
    name = "Ferrum " * 70
    drawn = replace(
        chart(Pane(series=()), count=9), events=(Event(bucket=4, name=name),), title=name
    )
    root = check(draw(drawn))
    shown = [it.text or "" for it in everything(root, "text")]
    assert max(len(it) for it in shown) < 80
    assert name in [it.text for it in everything(root, "title")]


@given(values_of_a_week)
def test_what_is_not_known_is_not_drawn(values: tuple[Decimal | None, ...]) -> None:
    root = check(draw(chart(Pane(series=(series(values, "bars"),)), count=7)))
    group = of_class(root, "c-bars")[0]
    bars = [bar for path in group for bar in bars_in(path.get("d") or "")]
    assert len(bars) == sum(value is not None for value in values)
    told = (group.get("data-texts") or "").split("|")
    assert [not it for it in told] == [value is None for value in values]


@given(values_of_a_week)
def test_bars_below_zero_hang_from_it(values: tuple[Decimal | None, ...]) -> None:
    root = check(draw(chart(Pane(series=(series(values, "bars"),)), count=7)))
    known = [it for it in values if it is not None]
    bars = [bar for path in of_class(root, "c-bars")[0] for bar in bars_in(path.get("d") or "")]
    for value, (_, begin, end) in zip(known, bars, strict=True):
        assert end <= begin if value >= 0 else end >= begin


def test_a_line_breaks_where_nothing_is_known_and_a_lone_point_is_a_dot() -> None:
    values = (Decimal(1), Decimal(2), None, Decimal(3), None, Decimal(4), Decimal(5))
    root = check(draw(chart(Pane(series=(series(values),)), count=7)))
    firm, dots = list(of_class(root, "c-line")[0])
    assert (firm.get("d") or "").lower().count("m") == 3
    assert (dots.get("class"), (dots.get("d") or "").count("M")) == ("c-dots", 1)


def test_estimated_days_are_hatched_and_a_forecast_is_dashed() -> None:
    line = replace(series(tuple(Decimal(it + 9) for it in range(9))), ahead_from=6, ends=True)
    bars = series(tuple(Decimal(it) for it in range(9)), "bars", "b")
    drawn = replace(chart(Pane(series=(bars, line)), count=9), estimated=frozenset({5}))
    root = check(draw(drawn))
    (over,) = of_class(root, "c-soft")
    assert over.get("stroke") == "url(#x-hatch)"
    assert len(bars_in(over.get("d") or "")) == 1
    assert len(of_class(root, "c-dash")) == 1
    assert root.get("data-estimated") == "5"
    assert [it.text for it in everything(of_class(root, "c-end")[0], "text")] == ["17"]


def test_an_estimated_day_without_a_number_is_hatched_as_a_hole() -> None:
    values = (Decimal(1), Decimal(2), None)
    drawn = replace(chart(Pane(series=(series(values),)), count=3), estimated=frozenset({2}))
    assert len(of_class(check(draw(drawn)), "c-hole")) == 1


def test_a_pane_without_any_number_says_so() -> None:
    root = check(draw(chart(Pane(series=(series((None, None)),)), count=2)))
    assert "No data" in [it.text for it in everything(root, "text")]


def test_two_panes_share_the_dates_which_are_written_once() -> None:
    week = tuple(Decimal(it + 1) for it in range(7))
    one, other = Pane(series=(series(week, "bars"),)), Pane(series=(series(week, key="b"),))
    root = check(draw(chart(one, other, count=7)))
    texts = [it.text for it in everything(root, "text")]
    assert texts.count("24 Aug") == 1
    first, second = of_class(root, "c-pane")
    assert Decimal(first.get("data-bottom") or 0) < Decimal(second.get("data-top") or 0)


def test_events_close_to_each_other_share_a_line() -> None:
    happened = (
        *(Event(bucket=it, name=f"deploy {it}") for it in (40, 41)),
        Event(bucket=2, name="a"),
    )
    drawn = replace(chart(Pane(series=()), count=90), events=happened)
    found = of_class(check(draw(drawn)), "c-events")
    assert [it.get("data-bucket") for it in found] == ["2", "40"]
    assert found[1][0].text == "deploy 40\ndeploy 41"


def test_only_addresses_of_pages_are_kept() -> None:
    for href, kept in (
        ("/events/1", True),
        ("https://ci/7", True),
        ("//evil", False),
        ("data:x", False),
    ):
        drawn = replace(
            chart(Pane(series=()), count=9), events=(Event(bucket=2, name="a", href=href),)
        )
        found = of_class(check(draw(drawn)), "c-events")[0].get("data-href")
        assert found == (href if kept else None)


def of_a_year() -> Chart:
    groups = tuple(
        Series(
            key=str(group),
            name=f"service {group}",
            tone="1",
            mark="bars",
            values=tuple(
                Decimal(900 * group + (day * 7919 * (group + 3)) % 997) for day in range(365)
            ),
        )
        for group in range(8)
    )
    return replace(chart(Pane(series=groups, unit=USD), count=365), width=1030)


def test_a_year_of_eight_groups_by_day_is_small() -> None:
    svg = draw(of_a_year())
    root = check(svg)
    assert len(list(everything(root, "path"))) < 20
    assert len(gzip.compress(svg.encode(), 6, mtime=0)) < YEAR_KB * 1024


def of_a_quarter() -> Chart:
    cost = tuple(Decimal(9000 + (day * 37) % 1900) if day != 30 else None for day in range(90))
    users = tuple(Decimal(38000 - (day * 611) % 9000) for day in range(90))
    per = tuple(None if a is None else a / b * 1000 for a, b in zip(cost, users, strict=True))
    return Chart(
        id="explorer",
        title="Cost per 1k active users",
        description="Cost, active users, and one by the other, by day",
        buckets=days(90),
        panes=(
            Pane(
                series=(
                    Series(key="b", name="Cost", values=cost, tone="quiet", mark="bars"),
                    Series(key="a", name="Users", values=users, tone="second", side="right"),
                ),
                unit=USD,
            ),
            Pane(
                series=(Series(key="f", name="b / a", values=per, tone="accent", ends=True),),
                unit=Unit("rate", "USD"),
                height=120,
            ),
        ),
        events=(Event(bucket=12, name="v4.2", kind="deploy"),),
        estimated=frozenset({88, 89}),
    )


def test_ninety_days_in_two_panes_are_small() -> None:
    assert len(gzip.compress(draw(of_a_quarter()).encode(), 6, mtime=0)) < QUARTER_KB * 1024


def small() -> Chart:
    drawn = of_a_quarter()
    return replace(drawn, buckets=drawn.buckets[:9], estimated=frozenset({8}), events=())


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("two-panes", small()),
        ("one-point", chart(Pane(series=(series((Decimal(12),)),), unit=USD), count=1)),
        (
            "all-negative",
            chart(Pane(series=(series((Decimal(-60), None, Decimal(-75)), "bars"),)), count=3),
        ),
        (
            "months",
            replace(
                chart(Pane(series=(series((Decimal(1), Decimal(2)), "area"),)), count=0),
                buckets=(date(2026, 12, 1), date(2027, 1, 1)),
                grain="month",
            ),
        ),
    ],
)
def test_pictures_stay_as_they_are(name: str, drawn: Chart) -> None:
    path = SNAPSHOTS / f"{name}.svg"
    svg = draw(drawn).replace("><", ">\n<") + "\n"
    if os.environ.get("COSTPER_SNAPSHOTS"):
        path.write_text(svg, encoding="utf-8")
    assert svg == path.read_text(encoding="utf-8"), "COSTPER_SNAPSHOTS=1 writes it anew; look at it"


def test_facts_of_the_page_become_data_attributes() -> None:
    drawn = replace(chart(Pane(series=()), count=1), facts={"view": json.dumps({"a": "<"})})
    assert check(draw(drawn)).get("data-view") == '{"a": "<"}'
