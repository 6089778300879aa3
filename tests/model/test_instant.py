from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from costper.model.instant import instant
from costper.model.plural import plural

ZONES = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))


@given(st.datetimes(min_value=datetime(2000, 1, 1), timezones=ZONES))  # noqa: DTZ001 - hypothesis wants it bare
def test_an_instant_is_utc_to_the_second_however_it_was_written(moment: datetime) -> None:
    text = instant(moment.isoformat())
    assert text.endswith("Z")
    assert len(text) == len("2026-11-20T06:00:00Z")
    assert datetime.fromisoformat(text) == moment.astimezone(UTC).replace(microsecond=0)
    assert instant(text) == text


def test_no_instant_is_no_text() -> None:
    assert instant("") == ""


def test_one_of_a_thing_is_singular() -> None:
    assert [plural(many, "file") for many in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
