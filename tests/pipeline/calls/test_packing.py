"""Roll-ups are packed when they have grown, and no sum changes by it."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from tests.pipeline.calls.fold_world import DAY, HOUR_US, NOON_US, Road, call, road

from costper.pipeline.calls import packing
from costper.pipeline.calls.packing import Packing
from costper.pipeline.calls.rollup import pack
from costper.store.engine import Parameters, Write

A_DAY = 24 * HOUR_US
YESTERDAY = date(2026, 11, 19)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Road]:
    with road(tmp_path) as made:
        yield made


def rows(world: Road, day: date) -> int:
    (row,) = world.books.marts.query(
        "SELECT COUNT(*) AS n FROM user_daily WHERE day = $day", {"day": day}
    ).to_pylist()
    return int(row["n"])


def test_a_day_is_packed_after_many_folds(world: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "FOLDS", 3)
    monkeypatch.setattr(packing, "LOOK_AFTER", 1)
    told = Packing(world.books)
    for number in range(2):
        world.send([call(number)])
        told.folded([DAY])
    assert rows(world, DAY) == 2
    world.send([call(2)])
    told.folded([DAY])
    assert rows(world, DAY) == 1
    assert world.one("SELECT SUM(calls) FROM user_daily") == 3


def test_a_day_is_packed_when_it_has_many_rows(
    world: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "ROWS", 3)
    monkeypatch.setattr(packing, "LOOK_AFTER", 1)
    told = Packing(world.books)
    world.send([call(1)], [call(2)])
    told.folded([DAY])
    assert rows(world, DAY) == 1


def test_the_days_before_the_newest_are_packed_once_it_begins(
    world: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "LOOK_AFTER", 1)
    told = Packing(world.books)
    world.send([call(1, timestamp=NOON_US - A_DAY)], [call(2, timestamp=NOON_US - A_DAY)])
    told.folded([YESTERDAY])
    assert rows(world, YESTERDAY) == 2
    world.send([call(3)])
    told.folded([DAY])
    assert rows(world, YESTERDAY) == 1
    world.send([call(4, timestamp=NOON_US - A_DAY)])
    told.folded([YESTERDAY])
    assert rows(world, YESTERDAY) == 2, "not again for every late call"


def test_packing_stands_back_when_something_else_was_written_meanwhile(
    world: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send([call(1)], [call(2)])
    marts = world.books.marts
    keep = type(marts).keep

    def overtaken(self: object, name: str, select: str, params: Parameters | None = None) -> None:
        keep(self, name, select, params)  # type: ignore[arg-type]
        monkeypatch.undo()
        writes: Sequence[Write] = [Write(table="latency_daily", where="FALSE")]
        marts.replace(writes)

    monkeypatch.setattr(type(marts), "keep", overtaken)
    assert not pack(world.books, [DAY])
    assert rows(world, DAY) == 2
    assert pack(world.books, [DAY])
    assert rows(world, DAY) == 1
