"""Marks what happened when: a line through all panes with its name on top."""

from __future__ import annotations

from collections.abc import Sequence

from costper.charts.data import Event
from costper.charts.scale import TENTHS, Steps
from costper.charts.svg import address, label, tag, tenths, text
from costper.charts.text import shorten, width

LANE = 18 * TENTHS
"""Height of the row in which names are written."""

TOGETHER = 14 * TENTHS
"""Events nearer to each other than this share a line."""

LEAST = 44 * TENTHS
"""Least room a name is written in."""

PAD = 5 * TENTHS


def drawn(events: Sequence[Event], steps: Steps, top: int, bottom: int) -> str:
    """Draw all events; those too near to each other are one line with their number."""
    groups = _grouped(
        sorted((it for it in events if 0 <= it.bucket < steps.count), key=lambda it: it.bucket),
        steps,
    )
    places = [steps.middle(group[0].bucket) for group in groups]
    parts: list[str] = []
    taken = steps.start
    for index, group in enumerate(groups):
        x = places[index]
        after = places[index + 1] if index + 1 < len(places) else steps.end
        written, taken = _name(_told(group), x, (taken, after), top)
        parts.append(_event(group, x, written, top, bottom))
    return "".join(parts)


def _told(group: list[Event]) -> str:
    return group[0].name if len(group) == 1 else f"{len(group)} events"


def _event(group: list[Event], x: int, written: str, top: int, bottom: int) -> str:
    first = group[0]
    return tag(
        "g",
        tag("title", text("\n".join(" ".join(it.name.split()) for it in group))),
        tag(
            "path",
            class_="c-rule c-event c-s-muted",
            d=f"M{tenths(x)} {tenths(top)}V{tenths(bottom)}",
        ),
        written,
        class_="c-events",
        data_bucket=first.bucket,
        data_at=" ".join(str(it.bucket) for it in group),
        data_kind=first.kind or None,
        data_href=address(first.href) if len(group) == 1 else None,
    )


def _name(name: str, x: int, free: tuple[int, int], top: int) -> tuple[str, int]:
    """Write to the right of the line, or to its left, or as a dot; gives where that ends."""
    foot = top + 90
    right, left = free[1] - x - 2 * PAD, x - free[0] - 2 * PAD
    least = min(LEAST, width(name))
    if right >= least:
        shown = shorten(name, right)
        return label(shown, x + PAD, foot, "c-f-muted"), x + PAD + width(shown)
    if left >= least:
        return label(shorten(name, left), x - PAD, foot, "c-f-muted", "end"), x
    return tag("circle", class_="c-f-muted", cx=tenths(x), cy=tenths(top), r=3), x + PAD


def _grouped(events: Sequence[Event], steps: Steps) -> list[list[Event]]:
    groups: list[list[Event]] = []
    for event in events:
        place = steps.middle(event.bucket)
        if groups and place - steps.middle(groups[-1][0].bucket) < TOGETHER:
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups
