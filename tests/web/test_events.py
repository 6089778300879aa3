"""Events: what happened by day, telling of one, and taking one back."""

from playwright.sync_api import Page as Window
from playwright.sync_api import expect
from tests.web.conftest import Watched
from tests.web.serving import Served
from tests.web.shown import page_of, text_of

from costper.web.pages.events import EVENT_ACTS, EVENTS
from costper.web.told import Told

HOSTILE = "<img src=x onerror=alert(1)>\u202e\"' \U0001f680" + "z" * 200


def event(**cells: object) -> dict[str, object]:
    return {
        "id": "run-4711",
        "at": "2026-10-14T09:30:00Z",
        "until": None,
        "title": "checkout 4.7.1",
        "category": "price_change",
        "url": "https://ci.example/1",
        "scope": [{"dimension": "service", "value": "check/out"}],
        "actor": "mia",
        "made": "2026-11-21T11:00:22Z",
        **cells,
    }


def told(*rows: dict[str, object]) -> dict[str, Told]:
    return {"events": Told(200, {"rows": [*rows], "total": {}, "currency": "USD"})}


def test_events_stand_under_their_days_with_kind_link_and_whom_they_concern() -> None:
    answers = told(event(), event(id="b", at="2026-10-14T08:00:00Z", title="earlier"))
    text = text_of(EVENTS, "/events", answers)
    assert "14 Oct 2026 09:30 checkout 4.7.1 Price change service check/out mia" in text
    assert text.count("14 Oct 2026") == 1
    shown = page_of(EVENTS, "/events", answers)
    assert 'href="https://ci.example/1" rel="noreferrer noopener"' in shown
    assert 'href="/services/check%2Fout"' in shown


def test_names_that_are_markup_stay_words_and_odd_links_are_none() -> None:
    odd = event(title=HOSTILE, actor=HOSTILE, url="javascript:alert(1)")
    odd["scope"] = [{"dimension": "team", "value": HOSTILE}]
    shown = page_of(EVENTS, "/events", told(odd))
    assert "<img src=x" not in shown
    assert "javascript:" not in shown
    assert "<bdi>&lt;img" in shown


def test_an_address_nobody_can_read_is_no_link_and_breaks_no_page() -> None:
    shown = page_of(EVENTS, "/events", told(event(url="http://[")))
    assert "http://[" not in shown
    assert "checkout 4.7.1" in shown


def test_with_nothing_told_the_page_says_how_to_tell() -> None:
    text = text_of(EVENTS, "/events", told())
    assert "Nothing told yet" in text
    assert 'curl -X POST "$COSTPER/api/v1/annotations"' in text


def test_a_form_sends_only_what_was_said() -> None:
    form = {"title": " launch ", "category": "launch", "at": "2026-11-01T10:00", "url": ""}
    sent = EVENT_ACTS[0].sends({**form, "dimension": "team", "value": "data"}, {})
    assert sent.body == {
        "title": "launch",
        "category": "launch",
        "at": "2026-11-01T10:00",
        "scope": {"team": "data"},
    }
    assert "scope" not in (EVENT_ACTS[0].sends({**form, "dimension": "team"}, {}).body or {})


def test_an_event_is_told_marked_and_taken_back(own_demo: Served, watched: Watched) -> None:
    page: Window = watched.page()
    page.goto(f"{own_demo.address}/events")
    page.get_by_label("What happened").fill("checkout 4.7.1 <b>")
    page.get_by_label("When, UTC").fill("2026-10-14T09:30")
    page.get_by_label("Where to read more").fill("https://user:secret@ci.example/")
    page.get_by_role("button", name="Tell", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("address")
    expect(page.get_by_label("What happened")).to_have_value("checkout 4.7.1 <b>")
    watched.complaints.clear()  # Chromium tells of every refused form
    page.get_by_label("Where to read more").fill("https://ci.example/runs/4711")
    page.get_by_label("Concerns").select_option("service")
    page.get_by_label("Its name").fill("image-resizer")
    page.get_by_role("button", name="Tell", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Told of checkout 4.7.1 <b>")
    expect(page.locator("#events")).to_contain_text("image-resizer")
    page.get_by_role("link", name="Launch").click()
    expect(page.locator("main")).to_contain_text("Nothing told yet")
    page.get_by_role("link", name="Incidents").first.click()
    page.get_by_role("link", name="image-resizer").click()
    expect(page.locator("main")).to_contain_text("checkout 4.7.1 <b>")
    page.get_by_role("link", name="Events", exact=True).click()
    page.get_by_role("button", name="Take back: checkout").click()
    expect(page.get_by_role("status")).to_contain_text("Taken back")
    expect(page.locator("#events")).to_have_count(0)
