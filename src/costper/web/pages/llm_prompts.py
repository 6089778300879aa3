"""Prompt versions side by side: which one made calls dearer, since which day, and by what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from markupsafe import Markup

from costper.charts.data import Chart, Pane, Series
from costper.charts.theme import Tone
from costper.charts.unit import NUMBER, Unit
from costper.web import called, figures
from costper.web.called import asking, narrowed, narrowing
from costper.web.called_figures import deploys
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.table import priced
from costper.web.told import NO_ROW, Row, Told, text

BESIDE = 6
"""Versions shown as columns; of more, the newest."""


def asks(seen: Seen) -> Asks:
    """Ask for the versions of all features, so that each can be chosen, and for steps."""
    which = narrowed(seen.url, but="feature")
    return {"versions": asking("prompt-versions", **which), "drift": asking("drift", **which)}


def then(seen: Seen, told: Answers) -> Asks:
    """Ask for the days of the feature that is looked at."""
    versions = told["versions"]
    days, feature = called.days_of(versions), looked_at(seen, versions.rows)
    which = narrowing(seen.url, but="feature")
    daily = asking("daily", **which, **days, feature=feature, of="prompt_version")
    events = Ask(path="/api/v1/annotations", params=days)
    return {"daily": daily, "annotations": events} if feature else {}


def looked_at(seen: Seen, versions: Sequence[Row]) -> str:
    """Give the feature asked for; else the one a version made dearest, else one with several."""
    feature = seen.url.get("feature")
    if feature:
        return feature
    several = (it for it in versions if text(it, "previous"))
    first = next(iter(called.dearer(versions)), None) or next(several, None)
    return text(first or next(iter(versions), NO_ROW), "feature")


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw before and after, and put the versions of one feature beside each other."""
    versions = told["versions"]
    feature = looked_at(seen, versions.rows)
    own = [it for it in versions.rows if text(it, "feature") == feature]
    drift = told["drift"]
    return {
        "feature": feature,
        "features": _choices(seen, versions.rows, feature),
        "beside": own[-BESIDE:],
        "finding": next(iter(called.dearer(own)), NO_ROW),
        "others": [it for it in called.dearer(versions.rows) if text(it, "feature") != feature],
        "steps": [it for it in drift.rows if text(it, "feature") == feature] if drift.ok else [],
        "drawn": _drawn(seen, told, own),
        "filters": called.filters(seen.url, but="feature"),
        "elsewhere": called.other_days(seen.url, versions),
        "days": called.days_of(versions),
    }


def table(seen: Seen, told: Answers) -> Sequence[Row]:
    """Give the versions of the feature that is looked at."""
    versions = told["versions"].rows
    feature = looked_at(seen, versions)
    own = (it for it in versions if text(it, "feature") == feature)
    return tuple(priced(own, told["versions"].currency))


def _choices(seen: Seen, versions: Iterable[Row], feature: str) -> list[Mapping[str, object]]:
    names = dict.fromkeys(text(it, "feature") for it in versions)
    return [
        {"name": name, "href": str(seen.url.having(feature=name)), "chosen": name == feature}
        for name in names
    ]


def _drawn(seen: Seen, told: Answers, own: Sequence[Row]) -> Markup | None:
    daily = told.get("daily")
    if daily is None or not daily.ok or not daily.rows:
        return None
    days = figures.days_of(daily.rows)
    which = {**narrowing(seen.url), "feature": looked_at(seen, told["versions"].rows)}
    rate = Unit("rate", daily.currency)
    chart = Chart(
        id="versions",
        title="Cost of a call by price, by day and prompt version, and its tokens",
        description="The mean cost of a call of each version above, its mean tokens below",
        buckets=days,
        panes=(
            Pane(series=_lines(daily, own, days, "call_cost_per_call"), unit=rate),
            Pane(series=_lines(daily, own, days, "tokens_per_call"), unit=NUMBER, height=110),
        ),
        events=(
            *deploys(own, days),
            *figures.marked(called.happened(told["annotations"], which), days),
        ),
        estimated=figures.estimated_days(days, text(daily.body, "settled_through"), daily.rows),
        width=seen.width,
    )
    return figures.keyed(chart, seen.url)


def _lines(daily: Told, own: Sequence[Row], days: Sequence[date], of: str) -> tuple[Series, ...]:
    """Give a line a version, all versions in the order they were first called."""
    tones: tuple[Tone, ...] = ("1", "accent", "2", "4", "5", "6", "7", "other")
    names = [text(it, "prompt_version") for it in own][-len(tones) :]
    return tuple(
        figures.line(
            name,
            name,
            figures.column(
                (it for it in daily.rows if text(it, "prompt_version") == name), days, of
            ),
            tones[place] if len(names) > 1 else "accent",
            ends=True,
        )
        for place, name in enumerate(names)
    )


LLM_PROMPTS = Page(
    name="llm-prompts",
    path="/llm/prompt-versions",
    title="Prompt versions",
    template="llm_prompts.html",
    asks=asks,
    show=show,
    then=then,
    needs=("versions",),
    section="llm-prompts",
    csv="versions",
    once=called.SEND,
    table=table,
)
