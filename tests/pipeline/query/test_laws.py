"""Laws of questions in letters, on small random books, against plain Python."""

import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pipeline.query.oracle import Plain
from tests.pipeline.query.world import Zoned, lettered

from costper.config.settings import Declared, MetricSetting
from costper.model.answer import Absent
from costper.pipeline.query.ask import ask
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.written import question_from_json

START = date(2026, 1, 20)
DAYS = 50
LATER = datetime(2026, 6, 1, tzinfo=UTC)
TEAMS, SERVICES = ("a", "b"), ("x", "y")
HOWS = ("sum", "average", "last", "max", "min")
SPAN = {"from": "2026-01-25", "to": "2026-03-05"}
INSIDE = [date(2026, 1, 25) + timedelta(days=at) for at in range(39)]
NOT_THERE = (Absent("no_cost"), Absent("no_units"))
GRAINS = ("", "day", "week", "month", "quarter")

amounts = st.integers(-3000, 9000).map(lambda cents: Decimal(cents) / 100)
counts = st.integers(0, 500).map(Decimal)
places = st.tuples(st.integers(0, DAYS - 1), st.sampled_from(TEAMS), st.sampled_from(SERVICES))


@dataclass(frozen=True)
class Small:
    """Random books: cost and one metric of each aggregation, by team and service."""

    costs: Sequence[tuple[tuple[int, str, str], Decimal]]
    metrics: Mapping[str, Mapping[tuple[int, str, str], Decimal]]


books = st.builds(
    Small,
    costs=st.lists(st.tuples(places, amounts), max_size=40),
    metrics=st.fixed_dictionaries(
        {name: st.dictionaries(places, counts, max_size=25) for name in HOWS}
    ),
)


def plain(small: Small) -> Plain:
    found = Plain(how=dict(zip(HOWS, HOWS, strict=True)))  # type: ignore[arg-type]
    for (at, team, service), cost in small.costs:
        words = {"team": team, "service": service}
        found.costs.append((START + timedelta(days=at), words, Fraction(cost)))
    for name, rows in small.metrics.items():
        found.metrics[name] = [
            (START + timedelta(days=at), {"team": team, "service": service}, Fraction(value))
            for (at, team, service), value in rows.items()
        ]
    return found


@contextmanager
def kept(small: Small, zone: str = "UTC") -> Generator[Any]:
    """Keep small books; the metrics' days are those of a zone."""
    source = Declared(
        name="numbers", type="csv", kind="measurements", settings=Zoned(timezone=zone), where="a:1"
    )
    metrics = tuple(
        MetricSetting(name=name, source="numbers", aggregation=name)  # type: ignore[arg-type]
        for name in HOWS
    )
    with tempfile.TemporaryDirectory() as folder:
        ledger = lettered(Path(folder), metrics=metrics, sources=(source,))
        for (at, team, service), cost in small.costs:
            ledger.leg(START + timedelta(days=at), cost, team=team, service=service)
        for name, rows in small.metrics.items():
            for (at, team, service), value in rows.items():
                day = START + timedelta(days=at)
                ledger.metric(name, day, value, team=team, service=service)
        ledger.keep()
        try:
            yield ledger
        finally:
            ledger.close()


def asked(ledger: Any, **question: object) -> Asked:  # noqa: ANN401 - a ledger
    return ask(ledger, question_from_json({**SPAN, **question}), now=LATER)


def days_of(found: Asked, at: int | None) -> list[date]:
    span = found.period if at is None else found.buckets[at]
    return list(span.each_day())


def alike(value: Decimal | Absent, expected: Fraction | None) -> bool:
    if isinstance(value, Absent):
        return expected is None
    if expected is None:
        return False
    return abs(Fraction(value) - expected) <= abs(expected) * Fraction(1, 10**40)


@settings(max_examples=40)
@given(books, st.sampled_from(GRAINS), st.sampled_from(((), ("team",), ("team", "service"))))
def test_every_letter_at_any_grain_and_grouping_is_what_plain_python_says(
    small: Small, grain: str, by: tuple[str, ...]
) -> None:
    oracle = plain(small)
    letters = {**{name: f"metric {name}" for name in HOWS}, "cost": "cost"}
    letters |= {"mean": "cost as average", "final": "cost as last", "top": "cost as max"}
    own = {"mean": "average", "final": "last", "top": "max"}
    with kept(small) as ledger:
        by = by if all(small.metrics.values()) and small.costs else ()
        found = asked(ledger, letters=letters, grain=grain, by=list(by))
        positions: list[int | None] = [None, *(range(len(found.buckets)) if grain else ())]
        assert found.period.days == len(INSIDE)
        for key in ((), *found.groups):
            group = dict(zip(by, key, strict=False))
            for at in positions:
                for name in letters:
                    value = found.value(name, key, at)
                    if key and value in NOT_THERE:
                        continue
                    source = "cost" if name in own else name
                    expected = oracle.value(source, days_of(found, at), group, own.get(name))  # type: ignore[arg-type]
                    assert alike(value, expected), (name, key, at, value, expected)


@settings(max_examples=40)
@given(books, st.sampled_from(GRAINS), st.sampled_from(("sum", "average")))
def test_a_ratio_is_one_of_sums_under_any_grouping(small: Small, grain: str, name: str) -> None:
    oracle = plain(small)
    with kept(small) as ledger:
        by = ["team"] if small.metrics[name] and small.costs else []
        found = asked(
            ledger,
            letters={"u": f"metric {name}", "c": "cost"},
            formula="c / u",
            grain=grain,
            by=by,
        )
        for key in ((), *found.groups):
            group = dict(zip(by, key, strict=False))
            for at in (None, *(range(len(found.buckets)) if grain else ())):
                value = found.value("result", key, at)
                if key and value in NOT_THERE:
                    continue
                expected = oracle.ratio(name, days_of(found, at), group)
                assert alike(value, expected), (key, at, value, expected)


@settings(max_examples=25)
@given(books, st.sampled_from(GRAINS))
def test_drill_downs_add_up_to_their_parent(small: Small, grain: str) -> None:
    with kept(small) as ledger:
        if not (small.costs and small.metrics["sum"]):
            return
        letters = {"c": "cost", "u": "metric sum"}
        wide = asked(ledger, letters=letters, grain=grain)
        for by in (["team"], ["team", "service"]):
            fine = asked(ledger, letters=letters, grain=grain, by=by)
            for name in letters:
                for at in (None, *(range(len(wide.buckets)) if grain else ())):
                    parts = [fine.value(name, key, at) for key in fine.groups]
                    whole = wide.value(name, (), at)
                    assert fine.value(name, (), at) == whole
                    known = [part for part in parts if isinstance(part, Decimal)]
                    if isinstance(whole, Decimal):
                        assert sum(known, Decimal(0)) == whole


@settings(max_examples=25)
@given(books, st.sampled_from((1, 100, 1_000, 1_000_000, 1_000_000_000)))
def test_unit_and_scale_commute(small: Small, scale: int) -> None:
    with kept(small) as ledger:
        letters = {"c": "cost", "u": "metric average"}
        plain_one = asked(ledger, letters=letters, formula="c / u").value("result")
        scaled = asked(ledger, letters=letters, formula="c / u", scale=scale, unit="user")
        written = asked(ledger, letters=letters, formula=f"c / (u / {scale})").value("result")
        value = scaled.value("result")
        if isinstance(plain_one, Absent):
            assert value == written == plain_one
        else:
            expected = Fraction(plain_one) * scale
            assert alike(value, expected)
            assert alike(written, expected)


@settings(max_examples=15)
@given(books, st.sampled_from(("Pacific/Auckland", "America/Los_Angeles", "Europe/Berlin")))
def test_shifting_zones_never_changes_a_sum(small: Small, zone: str) -> None:
    letters = {"c": "cost", "u": "metric sum"}
    with kept(small) as here:
        near = asked(here, letters=letters, formula="c / u", grain="week")
    with kept(small, zone) as there:
        far = asked(there, letters=letters, formula="c / u", grain="week")
    names = ("c", "u", "result")
    spots = [(name, at) for name in names for at in (None, *range(len(near.buckets)))]
    assert [near.value(name, (), at) for name, at in spots] == [
        far.value(name, (), at) for name, at in spots
    ]
    assert any(issue.code == "days_misaligned" for issue in far.issues)


@settings(max_examples=25)
@given(books, st.sampled_from(("team = a", "team != a", "service is present", "not (team = b)")))
def test_a_condition_and_its_opposite_add_up(small: Small, where: str) -> None:
    with kept(small) as ledger:
        if not small.metrics["sum"]:
            return
        found = asked(
            ledger,
            letters={
                "c": "cost",
                "d": f"cost where {where}",
                "e": f"cost where not ({where})",
                "u": "metric sum",
                "v": f"metric sum where {where}",
                "w": f"metric sum where not ({where})",
            },
        )
        for whole, part, rest in (("c", "d", "e"), ("u", "v", "w")):
            values = [found.value(name) for name in (whole, part, rest)]
            known = [value if isinstance(value, Decimal) else Decimal(0) for value in values]
            assert known[0] == known[1] + known[2]


@settings(max_examples=25)
@given(books, st.sampled_from(("previous", "year", "weekday")))
def test_what_is_compared_is_the_same_question_of_those_days(small: Small, compare: str) -> None:
    letters = {"c": "cost", "u": "metric average"}
    with kept(small) as ledger:
        now = asked(ledger, letters=letters, compare=compare, **{"from": "2026-02-17"})
        assert now.compared is not None
        then = asked(
            ledger,
            letters=letters,
            **{"from": now.compared.start.isoformat(), "to": now.compared.end.isoformat()},
        )
        for name in letters:
            before = now.value(name, compared=True)
            if before != Absent("previous_incomplete"):
                assert before == then.value(name)
