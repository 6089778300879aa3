"""The overview: what its tiles say of the days chosen, and of those before."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.ledger import NOW
from tests.pipeline.query.world import DAU, Lettered, lettered
from tests.web.shown import REFUSED, snapshots, text_of, words_of

from costper.api.app import application
from costper.store.runs import NewRun, begin_run, settle_run
from costper.web.pages.overview import OVERVIEW
from costper.web.server import with_pages
from costper.web.told import Told

ANSWERS = snapshots({"customers": "customers", "incidents": "incidents"})


def shown(earlier: Told, **more: Told) -> str:
    """Give the words of the page where the days before answered so."""
    customers = Told(200, {**ANSWERS["customers"].body, "as_of": "2026-11-01T06:00:00Z"})
    told = {**ANSWERS, "customers": customers, "earlier": earlier}
    told |= {name: Told(200, {"rows": []}) for name in ("metrics", "verdicts", "services")}
    return text_of(OVERVIEW, "/", {**told, **more})


def test_the_margin_says_how_many_points_it_moved_and_a_fall_is_bad() -> None:
    earlier = Told(200, {"total": {"margin_percent": "20.1"}})
    assert "16.6% \N{MINUS SIGN}3.5 points $1,544 of $9,310" in shown(earlier)


def test_a_margin_nobody_knew_before_says_no_movement() -> None:
    for earlier in (Told(404, {}), Told(200, {"total": {"margin_percent": None}})):
        assert "16.6% $1,544 of $9,310" in shown(earlier)


def test_an_incident_without_a_word_says_of_which_dimension() -> None:
    incidents = ANSWERS["incidents"]
    one = {**incidents.first, "name": "(untagged)", "scope": "team"}
    text = shown(REFUSED, incidents=Told(200, {**incidents.body, "rows": [one]}))
    assert f"(untagged) team {one['severity']}" in text


def test_percentages_of_verdicts_have_one_decimal_and_one_spelling() -> None:
    says = "Drifting, investigate +14.02 % (minor)"
    row = {"metric": "requests", "says": says, "growth_percent": "14.02", "cost_per_unit": "1"}
    text = shown(REFUSED, verdicts=Told(200, {"currency": "USD", "rows": [row]}))
    assert "requests $1.00 +14.0% Drifting, investigate +14.0% (minor)" in text
    assert "14.02" not in text


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Lettered]:
    """Nobody comes on weekends, and a thousand users cost a tenth more since October."""
    made = lettered(tmp_path)
    first, turn = date(2026, 8, 20), date(2026, 10, 1)
    for at in range((date(2026, 11, 1) - first).days):
        day = first + timedelta(days=at)
        made.leg(day, "110" if day >= turn else "100", team="search")
        made.metric_days(DAU, day, 1, 1000 if day.weekday() < 5 else 0, team="search")
    made.metric("mau", date(2026, 9, 1), 5000).metric("mau", turn, 5000)
    yield made
    made.close()


def read(books: Lettered, address: str) -> str:
    books.keep()
    opened = books.books()
    made = NewRun(month=date(2026, 10, 1), fingerprint="f", rules=(), deliveries=(), definition={})
    settle_run(
        opened.control, begin_run(opened.control, made, contents={}, now=NOW), legs=1, now=NOW
    )
    api = application(opened, clock=lambda: NOW, local=True)
    app = with_pages(api, clock=lambda: NOW, organisation="Somebody")
    client = TestClient(app, base_url="http://127.0.0.1:8321")
    return client.get(address).text


def test_the_overview_is_one_comparison_with_the_same_weekdays(books: Lettered) -> None:
    text = read(books, "/?from=2026-10-01&to=2026-11-01")
    words = words_of(text)
    assert (
        "Cost per user rose 10.0%: cost rose 10.0%, units did not move, against the same" in words
    )
    told = "against the same weekdays before;"
    assert f"Spend $3,410 +10.0% {told} all in these 31 days" in words
    assert f"Users 710 0.0% {told} average of a day in these 31 days" in words
    assert f"Cost per 1k users $4,805 +10.0% {told} all cost in these 31 days" in words
    assert "weekdays are compared with" not in words
    assert "Cost per 1k users a day" in text


def test_users_of_a_month_stand_beside_those_of_a_day_with_their_own_days(books: Lettered) -> None:
    words = words_of(read(books, "/?from=2026-10-02&to=2026-11-01"))
    assert "1 \N{EN DASH} 31 October 2026 against 1 \N{EN DASH} 30 September 2026" in words


def test_tiles_lead_to_the_question_they_answer_on_the_same_days(books: Lettered) -> None:
    text = read(books, "/?from=2026-10-01&to=2026-11-01")
    days = "from=2026-10-01&amp;to=2026-11-01"
    users = f"a=metric+{DAU}"
    assert f'href="/explorer?{users}&amp;{days}">Users</a>' in text
    assert f'{users}&amp;b=cost&amp;f=b+%2F+%28a+%2F+1000%29&amp;{days}">Cost per 1k users' in text


def test_tiles_of_customers_and_environments_lead_to_what_is_behind_them(books: Lettered) -> None:
    days = "from=2026-10-01&amp;to=2026-11-01"
    said = f"?{days.replace('&amp;', '&')}"
    text = read(books, f"/customers{said}")
    for href in (f"/explorer?{days}&amp;a=revenue", "#customers"):
        assert f'<h2><a href="{href}">' in text
    assert f'href="/explorer?{days}&amp;b=cost&amp;by=environment' in read(
        books, f"/environments{said}"
    )
