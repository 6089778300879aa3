"""An annotation's words: instants that sort as time does, addresses people can follow."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.errors import UserError
from costper.model.annotation import Annotation, check_annotation, read_when

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda least: timezone(timedelta(minutes=least)))
FIRST, LAST = "2000-01-02", "2199-12-30"
INSTANTS = st.datetimes(
    datetime.fromisoformat(FIRST), datetime.fromisoformat(LAST), timezones=OFFSETS
)


@given(one=INSTANTS, other=INSTANTS)
def test_instants_sort_as_time_does_wherever_they_were_told(one: datetime, other: datetime) -> None:
    texts = [read_when(moment.isoformat(), "at") for moment in (one, other)]
    moments = [moment.astimezone(UTC).replace(microsecond=0) for moment in (one, other)]
    assert (texts[0] < texts[1]) == (moments[0] < moments[1])
    assert [datetime.fromisoformat(text) for text in texts] == moments
    assert [read_when(text, "at") for text in texts] == texts


@given(st.text(max_size=50) | st.from_regex(r"[0-9T:Z+.-]{1,40}", fullmatch=True))
def test_no_text_is_more_than_an_instant_or_refused(text: str) -> None:
    try:
        found = read_when(text, "at")
    except UserError:
        return
    assert len(found) == len("2026-11-20T00:00:00Z")


@given(st.text(max_size=40) | st.text("htps:/@ .x\\?#", max_size=20).map("https://".__add__))
def test_an_address_that_is_taken_is_one_of_the_web_without_a_password(url: str) -> None:
    one = Annotation(id="", at="2026-11-20T00:00:00Z", title="x", category="other", url=url)
    try:
        check_annotation(one)
    except UserError:
        return
    parts = urlsplit(url)
    assert parts.port != 0
    assert not url or (parts.scheme in {"http", "https"} and parts.netloc)
    assert parts.password is None


@pytest.mark.parametrize(
    "url", ["http://[", "http://[x]/", "https://a]b/", "http://a:99999/", "http://a\u2100b/"]
)
def test_an_address_no_program_can_read_is_refused(url: str) -> None:
    one = Annotation(id="", at="2026-11-20T00:00:00Z", title="x", category="other", url=url)
    with pytest.raises(UserError, match="no address people can follow"):
        check_annotation(one)
