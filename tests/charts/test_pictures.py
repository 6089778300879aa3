"""Heatmaps, Lorenz curves, waterfalls, sparklines, legends, themes and PNGs."""

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.charts.pictures import (
    COLOURED,
    HOSTILE,
    USD,
    chart,
    check,
    everything,
    names,
    of_class,
    sane,
    series,
    wild,
)

from costper.charts import heatmap, legend, lorenz, waterfall
from costper.charts.data import Band, Pane
from costper.charts.panes import draw
from costper.charts.png import png
from costper.charts.sparkline import bar_cell, sparkline
from costper.charts.text import shorten, width
from costper.charts.theme import (
    DARK,
    GROUP_TONES,
    LEVELS,
    LIGHT,
    Theme,
    Tone,
    literal_stylesheet,
    stylesheet,
)

rows = st.lists(st.lists(wild, min_size=3, max_size=3).map(tuple), max_size=4).map(tuple)


@settings(max_examples=40, deadline=None)
@given(rows, names)
def test_any_heatmap_is_whole(values: tuple[tuple[Decimal | None, ...], ...], name: str) -> None:
    drawn = heatmap.Heatmap(
        id=name,
        title=name,
        description="",
        rows=(name,) * len(values),
        columns=(name, "b", "c"),
        values=values,
        outlines=(heatmap.Outline((0, len(values)), (0, 2), name),),
    )
    check(heatmap.draw(drawn))


@given(sane, sane, sane, sane)
def test_a_larger_value_is_never_paler(a: Decimal, b: Decimal, c: Decimal, d: Decimal) -> None:
    low, one, other, high = sorted((a, b, c, d))
    assert 0 <= heatmap.level(one, low, high) <= heatmap.level(other, low, high) <= LEVELS


def test_a_cell_without_a_number_is_hatched_and_not_zero() -> None:
    drawn = heatmap.Heatmap(
        id="h",
        title="t",
        description="d",
        rows=("Mon",),
        columns=("0", "1"),
        values=((None, Decimal(0)),),
    )
    root = check(heatmap.draw(drawn))
    assert [it.get("fill") for it in of_class(root, "c-hole")] == ["url(#h-hole)"]
    assert root.get("data-texts") == "|0"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.decimals(), st.decimals()), max_size=9).map(tuple), names)
def test_any_lorenz_curve_is_whole(points: tuple[tuple[Decimal, Decimal], ...], name: str) -> None:
    note = lorenz.Note(Decimal("0.9"), name)
    curve = lorenz.Lorenz(id="l", title=name, description="", points=points, notes=(note,))
    root = check(lorenz.draw(curve))
    heights = [Decimal(it) for it in (root.get("data-values") or "").split(",")]
    assert len(heights) == 101
    assert heights[-1] == 100
    assert all(0 <= it <= 100 for it in heights)
    assert len((root.get("data-texts") or "").split("|")) == 101


@settings(max_examples=40, deadline=None)
@given(sane, st.lists(sane, max_size=6), names, st.booleans())
def test_a_waterfall_ends_where_its_steps_lead(
    start: Decimal,
    amounts: list[Decimal],
    name: str,
    judged: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    drawn = waterfall.Waterfall(
        id="w",
        title=name,
        description="",
        start=waterfall.Step(name, start),
        steps=(*(waterfall.Step(name, it) for it in amounts), waterfall.Step("?", None)),
        end_name=name,
        unit=USD,
        judged=judged,
    )
    bars = waterfall.bars_of(drawn)
    assert bars[-1].end == start + sum(amounts)
    assert all(one.end == other.begin for one, other in pairwise(bars[:-1]))
    assert len(of_class(check(waterfall.draw(drawn)), "c-step")) == len(amounts) + 3


@given(st.lists(wild, max_size=30).map(tuple), wild, names)
def test_any_cell_of_a_table_is_whole(
    values: tuple[Decimal | None, ...], value: Decimal | None, name: str
) -> None:
    check(sparkline(values, title=name))
    check(bar_cell(value, (Decimal(-5), Decimal(20))))


def test_a_sparkline_of_one_value_is_a_dot() -> None:
    assert len(of_class(check(sparkline((Decimal(3),))), "c-dots")) == 1


def test_a_sparkline_stands_on_zero() -> None:
    drawn = check(sparkline((Decimal(99), Decimal(100), Decimal(99))))
    places = re.findall(r"[ML ](\d+\.?\d*) (\d+\.?\d*)", of_class(drawn, "c-line")[0].get("d", ""))
    assert max(float(y) for _, y in places) < 5


def test_a_narrow_heatmap_says_in_full_what_is_outlined() -> None:
    whole = heatmap.Heatmap(
        id="week",
        title="",
        description="",
        rows=("Mon",),
        columns=("a", "b"),
        values=((Decimal(1), Decimal(2)),),
        outlines=(heatmap.Outline((0, 1), (0, 1), "working hours, 08:00 to 19:00"),),
        width=300,
    )
    assert "Outlined: working hours, 08:00 to 19:00" in heatmap.draw(whole)


@given(names, st.integers(200, 3000))
def test_shortened_text_has_room(name: str, room: int) -> None:
    assert width(shorten(name, room)) <= room


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda it: it.name)
def test_words_stand_out_from_the_surface(theme: Theme) -> None:
    words: tuple[Tone, ...] = ("ink", "muted", "accent", "second", "good", "bad")
    assert min(contrast(theme.tones[it], theme.surface) for it in words) >= 4.5
    assert min(contrast(theme.tones[it], theme.surface) for it in GROUP_TONES) >= 2.7


def contrast(one: str, other: str) -> float:
    lights = sorted((luminance(one), luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[it : it + 2], 16) / 255 for it in (1, 3, 5)]
    red, green, blue = (
        it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_variable_a_rule_names_has_a_value_in_both_themes() -> None:
    sheet = stylesheet()
    named = set(re.findall(r"var\((--[a-z0-9-]+)\)", sheet))
    for block in re.findall(r"(?:root|dark\]|light\]\))\{(--[^}]*)\}", sheet):
        assert {it.split(":")[0] for it in block.split(";")} == named
    assert "var(" not in literal_stylesheet(LIGHT)


def test_every_colour_class_of_a_picture_has_a_rule() -> None:
    svg = draw(chart(Pane(series=(series((Decimal(1), Decimal(-1)), "bars"),)), count=2))
    for name in COLOURED.findall(" ".join(re.findall(r'class="([^"]*)"', svg))):
        if name.startswith(("c-s-", "c-f-")):
            assert f".{name}{{" in stylesheet()


def test_a_legend_names_every_series_once() -> None:
    drawn = chart(Pane(series=(series((), "bars"), series((), key="b"))), count=1)
    found = legend.entries(drawn)
    assert [(it.key, it.mark) for it in found] == [("a", "bars"), ("b", "line")]
    assert all(check(legend.swatch(it)).get("aria-hidden") == "true" for it in found)


def test_a_legend_names_a_range_no_series_stands_for() -> None:
    shade = Band(name="Forecast", low=(Decimal(1),), high=(Decimal(2),), tone="4")
    drawn = chart(Pane(series=(series((), "bars"),), bands=(shade,)), count=1)
    assert [it.name for it in legend.bands(drawn)] == ["Forecast"]
    assert "Forecast" in legend.listing(drawn, str)
    named = replace(shade, name=drawn.panes[0].series[0].name)
    assert legend.bands(chart(Pane(series=drawn.panes[0].series, bands=(named,)), count=1)) == ()


def size_of(image: bytes) -> tuple[int, int]:
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(image[16:20], "big"), int.from_bytes(image[20:24], "big")


def test_a_png_is_as_large_as_asked_and_holds_the_words() -> None:
    svg = draw(chart(Pane(series=(series((Decimal(1), Decimal(2))),)), count=2))
    wide, high = size_of(png(svg, zoom=1))
    assert size_of(png(svg)) == (2 * wide, 2 * high)
    without = re.sub(r"<text.*?</text>", "", svg)
    assert len(list(everything(check(without), "text"))) == 0
    assert png(svg, zoom=1) != png(without, zoom=1)
    assert png(svg, LIGHT, zoom=1) != png(svg, DARK, zoom=1)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_png_is_made_of_any_name(name: str) -> None:
    drawn = chart(Pane(series=(series((Decimal(1),)),)), count=1, title=name, description=name)
    assert size_of(png(draw(drawn), zoom=1))[0] == 640
