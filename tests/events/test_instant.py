"""Instants are read from every way people write them, and never as another instant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from costper.events.instant import micros

SINCE, UNTIL = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2015, 2036))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.integers(SINCE * 10**9, UNTIL * 10**9 - 1), st.sampled_from([10**9, 10**6, 10**3, 1]))
@example(1_793_120_100_000_000_000, 10**6)
@example(1_795_168_800_000_000_000, 10**9)
def test_a_number_of_2015_to_2035_is_the_same_instant_as_text(nanos: int, unit: int) -> None:
    number = nanos // unit
    exact = number * unit // 1_000
    assert micros(number) == micros(str(number)) == micros(f" {number} ") == exact


@given(st.integers(SINCE * 10**3, UNTIL * 10**3 - 1), st.integers(0, 999))
def test_parts_of_a_millisecond_and_of_a_second_are_kept(millis: int, part: int) -> None:
    exact = millis * 1_000 + part
    assert micros(f"{millis}.{part:03}") == exact
    assert micros(f"{exact // 10**6}.{exact % 10**6:06}") == exact


@given(st.datetimes(datetime(2015, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_iso_text_is_the_instant_it_says(moment: datetime) -> None:
    exact = (moment - EPOCH) // timedelta(microseconds=1)
    assert micros(moment.isoformat()) == exact
    assert micros(f"{moment:%Y%m%dT%H%M%S.%f}Z") == exact


def test_a_date_alone_is_its_first_instant() -> None:
    assert micros("20261120") == micros("2026-11-20") == micros("2026-11-20T00:00:00Z")


@pytest.mark.parametrize("said", ["", "soon", "1e9", "-1795168800", "1_795_168_800", "١٧٩٥١٦٨٨٠٠"])
def test_what_is_no_instant_is_none(said: str) -> None:
    assert micros(said) is None
