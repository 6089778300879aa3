"""The colours of charts, as CSS variables for pages, and as themselves for pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from costper.charts.text import SIZE

Tone = Literal[
    "1", "2", "3", "4", "5", "6", "7", "8",
    "other", "quiet", "accent", "second", "good", "bad", "ink", "muted",
]  # fmt: skip
"""What a mark's colour says: one of eight groups, the rest of them, or its part in the story."""

GROUP_TONES: tuple[Tone, ...] = ("1", "2", "3", "4", "5", "6", "7", "8")
SYSTEM_DARK = "@media screen and (prefers-color-scheme:dark)"
LEVELS = 8
"""Steps of colour a heatmap tells apart."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme: each tone's, and those of what stands around the marks."""

    name: str
    surface: str
    grid: str
    tones: Mapping[Tone, str]


LIGHT = Theme(
    "light",
    surface="#ffffff",
    grid="#e4e4e1",
    tones=MappingProxyType(
        {
            "1": "#4f5d9e",
            "2": "#0f8a7d",
            "3": "#d97a1f",
            "4": "#b04a72",
            "5": "#4a93c4",
            "6": "#8b9a2f",
            "7": "#8663a8",
            "8": "#a8512a",
            "other": "#a3a29d",
            "quiet": "#c7cbe0",
            "accent": "#c2410c",
            "second": "#0f766e",
            "good": "#15803d",
            "bad": "#b91c1c",
            "ink": "#1c1a17",
            "muted": "#65635e",
        }
    ),
)
DARK = Theme(
    "dark",
    surface="#1c1b1a",
    grid="#333230",
    tones=MappingProxyType(
        {
            "1": "#8c9ae0",
            "2": "#3dbfae",
            "3": "#f2a04e",
            "4": "#e07fa6",
            "5": "#74b9e6",
            "6": "#b8c75c",
            "7": "#b394d6",
            "8": "#d98a63",
            "other": "#7d7b76",
            "quiet": "#454c74",
            "accent": "#fb923c",
            "second": "#5eead4",
            "good": "#4ade80",
            "bad": "#f87171",
            "ink": "#f5f4f1",
            "muted": "#a5a39d",
        }
    ),
)

RULES = (
    ".c-chart{display:block;max-width:100%;height:auto;overflow:visible}",
    f".c-chart text{{font-size:{SIZE}px;font-variant-numeric:tabular-nums}}",
    ".c-chart .c-title{font-size:16px;font-weight:600}",
    ".c-chart .c-subtitle{font-size:12px}",
    ".c-strong{font-weight:600}",
    ".c-line,.c-bars,.c-rule{fill:none}",
    ".c-line{stroke-width:2;stroke-linecap:round;stroke-linejoin:round}",
    ".c-dots{fill:none;stroke-width:5;stroke-linecap:round}",
    ".c-thin{stroke-width:1.4}",
    ".c-dash{stroke-dasharray:1 4}",
    ".c-before{stroke-dasharray:5 4;stroke-width:1.5}",
    ".c-band{fill-opacity:.16}",
    ".c-ahead{stroke-opacity:.45}",
    ".c-area{fill-opacity:.12}",
    ".c-event{stroke-dasharray:2 4}",
    *(f".c-h{it}{{fill-opacity:{(it + 1) / (LEVELS + 1):.2f}}}" for it in range(LEVELS + 1)),
    ".c-off{display:none}",
)


def stylesheet() -> str:
    """Give what a page needs once: the variables of both themes, and the rules that use them.

    Dark is chosen by the reader's system, or by `data-theme` on the root element.
    """
    dark = _variables(DARK)
    return "\n".join(
        (
            f":root{{{_variables(LIGHT)}}}",
            f"{SYSTEM_DARK}{{:root:not([data-theme=light]){{{dark}}}}}",
            f"@media screen{{:root[data-theme=dark]{{{dark}}}}}",
            *_rules(lambda name: f"var(--chart-{name})"),
            "@media print{.c-chart{break-inside:avoid}}",
            "",
        )
    )


def literal_stylesheet(theme: Theme) -> str:
    """Give the same rules with one theme's colours in them, for what knows no variables."""
    colours = dict(_colours(theme))
    return "\n".join(_rules(lambda name: colours[name]))


def _rules(colour: Callable[[str], str]) -> Iterator[str]:
    yield from RULES
    for name, _ in _colours(LIGHT):
        yield f".c-f-{name}{{fill:{colour(name)}}}.c-s-{name}{{stroke:{colour(name)}}}"


def _colours(theme: Theme) -> Iterator[tuple[str, str]]:
    yield "surface", theme.surface
    yield "grid", theme.grid
    yield from theme.tones.items()


def _variables(theme: Theme) -> str:
    return ";".join(f"--chart-{name}:{colour}" for name, colour in _colours(theme))
