"""A metric's settings say one thing: what contradicts itself is told with its line."""

from pathlib import Path

import pytest
from tests.config.world import good, read, texts

SOURCES = "currency: USD\nsources: {users: {type: csv, path: u.csv}}\nmetrics:\n  users:\n"
REFUSED = {
    "    kind: active_users\n    aggregation: sum": (
        "costper.yaml:6: metrics.users: active_users cannot be a sum: a user of several days would "
        "count on each; the sum of daily users is no users\n"
        "  hint: leave it out for average, or say kind: count"
    ),
    "    kind: balance\n    aggregation: sum": (
        "costper.yaml:6: metrics.users: balance cannot be a sum: what is there on two days would "
        "count twice\n  hint: leave it out for last, or say kind: count"
    ),
    "    aggregation: distinct\n    kind: ratio": (
        "costper.yaml:5: metrics.users: ratio cannot be a distinct: a ratio counts nothing that "
        "could be distinct\n  hint: leave it out for average"
    ),
    "    kind: active_users\n    aggregation: distinct\n    gaps: linear": (
        "costper.yaml:7: metrics.users: gaps 'linear' cannot fill a distinct count: nobody was "
        "seen\n  hint: leave gaps out"
    ),
    "    grain: month\n    gaps: zero": (
        "costper.yaml:6: metrics.users: gaps fill days, and each value is of a month\n"
        "  hint: leave gaps out"
    ),
    "    gap_days_max: 3\n    gaps: zero": (
        "costper.yaml:5: metrics.users: gap_days_max means nothing with gaps 'zero'\n"
        "  hint: say gaps: previous or gaps: linear"
    ),
    "    knd: count": "costper.yaml:5: unknown key 'knd'\n  hint: did you mean 'kind'?",
    "    kind: active_user": (
        "costper.yaml:5: metrics.users.kind: unknown value 'active_user'\n"
        "  hint: did you mean 'active_users'?"
    ),
    "    grain: moth": (
        "costper.yaml:5: metrics.users.grain: unknown value 'moth'\n  hint: did you mean 'month'?"
    ),
    "    settle_days: -1": (
        "costper.yaml:5: metrics.users.settle_days: must be greater than or equal to 0, not '-1'\n"
        "  hint: Days until a day's value is final; the top-level settle_days when left out"
    ),
    "    kind: [count]": "costper.yaml:5: metrics.users.kind: unknown value a list",
}


@pytest.mark.parametrize(("said", "told"), REFUSED.items())
def test_what_cannot_be_meant_is_refused_where_it_stands(
    tmp_path: Path, said: str, told: str
) -> None:
    found = texts(read(tmp_path, f"{SOURCES}{said}\n"))
    assert len(found) == 1
    assert found[0].startswith(told)


@pytest.mark.parametrize(
    ("kind", "usual"),
    [
        ("count", "sum"),
        ("active_users", "average"),
        ("balance", "last"),
        ("peak", "max"),
        ("ratio", "average"),
    ],
)
def test_a_kind_says_how_days_add_up_unless_told_otherwise(
    tmp_path: Path, kind: str, usual: str
) -> None:
    (metric,) = good(tmp_path, f"{SOURCES}    kind: {kind}\n").metrics
    assert (metric.kind, metric.aggregation) == (kind, usual)
    (told,) = good(tmp_path, f"{SOURCES}    kind: {kind}\n    aggregation: min\n").metrics
    assert told.aggregation == "min"


def test_everything_else_has_a_default(tmp_path: Path) -> None:
    (metric,) = good(tmp_path, "currency: USD\nsources: {users: {type: csv, path: u.csv}}").metrics
    assert (metric.kind, metric.aggregation, metric.grain, metric.gaps) == (
        "count",
        "sum",
        "day",
        "none",
    )
    assert (metric.gap_days_max, metric.settle_days, metric.owner) == (7, None, "")
