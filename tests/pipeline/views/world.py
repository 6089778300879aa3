"""Books for views: a month of cost and users, and costper.yaml with views of its own."""

from __future__ import annotations

from pathlib import Path

from tests.pipeline.query.world import DAU, FIRST, METRICS, Lettered, lettered

from costper.config.load import read_settings
from costper.config.settings import DeclaredView
from costper.model.view import View
from costper.pipeline.views.written import view_from_json

PER_USER: dict[str, object] = {
    "title": "Cost per thousand daily users",
    "owner": "platform",
    "letters": {"a": f"metric {DAU}", "b": "cost where team = search"},
    "formulas": {"per_thousand": "b / (a / 1000)"},
    "grain": "week",
    "by": ["team"],
    "range": "last month",
    "compare": "previous",
}
AS_YAML = f"""\
currency: USD
views:
  per_user:
    title: Cost per thousand daily users
    owner: platform
    letters: {{a: metric {DAU}, b: cost where team = search}}
    formulas: {{per_thousand: b / (a / 1000)}}
    grain: week
    by: team
    range: last month
    compare: previous
"""


def view_books(root: Path, views: tuple[DeclaredView, ...] = ()) -> Lettered:
    """Make books that PER_USER has an answer in."""
    made = lettered(root, views=views, metrics=METRICS)
    made.every_day(FIRST, 31, "300", team="search")
    made.every_day(FIRST, 31, "10", team="data")
    made.metric_days(DAU, FIRST, 31, 10_000, team="search")
    made.keep()
    return made


def declared(root: Path, text: str) -> tuple[DeclaredView, ...]:
    """Read the views of a costper.yaml."""
    path = root / "costper.yaml"
    path.write_text(text, encoding="utf-8")
    outcome = read_settings(path, catalogue=(), drivers=(), environment={})
    assert outcome.issues == ()
    return outcome.items[0].views


def view(name: str = "per_user", /, **changes: object) -> View:
    """Give PER_USER, changed."""
    return view_from_json(name, {**PER_USER, **changes})
