"""Incidents: the list, one of them with what people say, and the way from the overview to why."""

from dataclasses import replace

from playwright.sync_api import Page as Window
from playwright.sync_api import expect
from tests.web.conftest import Watched
from tests.web.serving import Served
from tests.web.shown import NOW, page_of, snapshots, text_of

from costper.web.page import Seen
from costper.web.pages.incident import INCIDENT
from costper.web.pages.incidents import INCIDENTS
from costper.web.told import Told
from costper.web.url import Url

ID = "20261010-58172a0af2"
HOSTILE = "<img src=x onerror=alert(1)>\u202e\"'" + "x" * 500


def one() -> dict[str, Told]:
    return snapshots({"incident": "incident"})


def with_total(**cells: object) -> dict[str, Told]:
    told = one()["incident"]
    return {"incident": replace(told, body={**told.body, "total": {**told.total, **cells}})}


def test_a_drift_shows_the_mean_that_was_judged_beside_what_the_days_cost() -> None:
    day = {**one()["incident"].rows[0], "judged": "514.93"}
    told = one()["incident"]
    slow = {**told.total, "kind": "drift", "judged": "3545.36", "expected": "1769.47"}
    text = text_of(
        INCIDENT,
        f"/incidents/{ID}",
        {"incident": replace(told, body={**told.body, "rows": [day], "total": slow})},
        id=ID,
    )
    for said in ("Weeks' means", "$3,545", "Expected $1,769", "Mean of the week", "$514.93"):
        assert said in text


def test_the_list_says_whose_cost_was_unusual_by_how_much_and_when() -> None:
    text = text_of(INCIDENTS, "/incidents", snapshots({"incidents": "incidents"}))
    for said in ("api service · spike · 2 echoes", "critical", "+$4,000", "$20.43", "$22.58"):
        assert said in text
    assert "10 Oct 2026 web" in text


def test_the_list_is_narrowed_by_links_that_keep_the_days() -> None:
    shown = page_of(INCIDENTS, "/incidents?days=90", snapshots({"incidents": "incidents"}))
    assert 'href="/incidents?days=90&amp;severity=critical"' in shown
    assert 'href="/incidents?days=90&amp;scope=team"' in shown
    assert 'href="/incidents?days=90&amp;all=true"' in shown


def test_what_the_address_narrows_is_asked_of_the_api() -> None:
    url = Url("/incidents", (("scope", "team"), ("severity", "warning"), ("days", "90")))
    (ask,) = INCIDENTS.asks(Seen(url=url, now=NOW)).values()
    assert ask.params == {"days": "90", "scope": "team", "severity": "warning", "limit": "100"}


def test_an_empty_list_says_the_next_step() -> None:
    told = snapshots({"incidents": "incidents"})["incidents"]
    empty = {"incidents": Told(200, {**told.body, "rows": []})}
    assert "Look at 90 days" in text_of(INCIDENTS, "/incidents", empty)
    narrowed = text_of(INCIDENTS, "/incidents?severity=warning", empty)
    assert "Show all incidents" in narrowed


def test_an_incident_shows_its_days_contributors_and_the_ways_to_why() -> None:
    shown = page_of(INCIDENT, f"/incidents/{ID}", one(), id=ID)
    text = text_of(INCIDENT, f"/incidents/{ID}", one(), id=ID)
    for said in ("+$4,000 more than expected", "Unusual days", "Was it expected?", "web"):
        assert said in text
    assert 'data-chart="panes"' in shown
    assert 'data-chart="waterfall"' in shown
    days = "from=2026-10-10&amp;to=2026-10-11"
    assert f'href="/services/api?{days}"' in shown
    assert f'href="/explain?service=api&amp;{days}"' in shown
    assert "/explorer?a=cost+where+service+%3D+%22api%22&amp;by=team" in shown


def test_what_was_said_of_an_incident_is_shown_with_who_and_when() -> None:
    told = with_total(
        verdict="expected", note="load test", by="mia", said_at="2026-11-01T10:00:00+00:00"
    )
    text = text_of(INCIDENT, f"/incidents/{ID}", told, id=ID)
    assert "mia called expected on 1 Nov 2026, 10:00 UTC: load test" in text


def test_names_that_are_markup_stay_words() -> None:
    told = with_total(name=HOSTILE, note=HOSTILE, verdict="real", echoes=[f"team {HOSTILE}"])
    shown = page_of(INCIDENT, f"/incidents/{ID}", told, id=ID)
    assert "<img src=x" not in shown
    assert "<bdi>&lt;img" in shown
    listed = snapshots({"incidents": "incidents"})["incidents"]
    rows = [{**row, "name": HOSTILE} for row in listed.rows]
    told = {"incidents": Told(200, {**listed.body, "rows": rows})}
    assert "<img src=x" not in page_of(INCIDENTS, "/incidents", told)


def test_three_clicks_lead_from_the_overview_to_the_bill_behind_a_spike(
    demo: Served, page: Window
) -> None:
    page.goto(demo.address)
    page.get_by_role("link", name="image-resizer").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("image-resizer")
    expect(page.locator('[data-chart="waterfall"]')).to_contain_text("growth")
    page.get_by_role("link", name="The rows of the bill behind it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("image-resizer")
    expect(page.locator("main")).to_contain_text("14 Oct 2026")


def test_feedback_is_noted_and_leaves_the_list(own_demo: Served, page: Window) -> None:
    page.goto(f"{own_demo.address}/incidents")
    page.get_by_role("link", name="image-resizer").click()
    page.get_by_label("Note").fill("load test <announced>")
    page.get_by_role("button", name="It was expected").click()
    expect(page.get_by_role("status")).to_contain_text("Noted as expected")
    expect(page.locator("#feedback")).to_contain_text("load test <announced>")
    page.get_by_role("link", name="Incidents").first.click()
    expect(page.locator("h1")).to_have_text("Incidents")
    expect(page.get_by_role("link", name="image-resizer")).to_have_count(0)
    page.get_by_role("link", name="Show those called expected too").click()
    expect(page.get_by_role("link", name="image-resizer")).to_have_count(1)


def test_a_note_that_is_too_long_comes_back_as_it_was_typed(
    own_demo: Served, watched: Watched
) -> None:
    page = watched.page()
    page.goto(f"{own_demo.address}/incidents")
    page.get_by_role("link", name="image-resizer").click()
    field = page.get_by_label("Note")
    field.evaluate("it => it.removeAttribute('maxlength')")
    field.fill("x" * 501)
    page.get_by_role("button", name="It is real").click()
    expect(page.get_by_role("alert")).to_contain_text("500")
    expect(page.get_by_label("Note")).to_have_value("x" * 501)
    watched.complaints.clear()  # Chromium tells of every reply of 422
