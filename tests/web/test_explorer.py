"""The Explorer over books filled by hand: what it asks, what it shows, what its forms do."""

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from starlette.testclient import TestClient
from tests.ledger import NOW
from tests.pipeline.query.world import DAU, FIRST, Lettered, lettered

from costper.api.app import application
from costper.web.server import with_pages

HOST = "http://127.0.0.1:8321"
UNIT = f"/explorer?{urlencode({'a': f'metric {DAU}', 'b': 'cost', 'f': 'b / (a / 1000)'})}"
BIDI = "\N{RIGHT-TO-LEFT OVERRIDE}dne"
HOSTILE = ("<script>alert(1)</script>", 'say "no"', f"{BIDI} \N{CROCODILE}", "x" * 500, "it's")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Lettered]:
    made = lettered(tmp_path)
    made.every_day(FIRST, 31, "300", team="search")
    made.every_day(FIRST, 31, "10", team="data")
    made.metric_days(DAU, FIRST, 31, 10_000, team="search")
    yield made
    made.close()


def client_of(books: Lettered, now: datetime = NOW) -> TestClient:
    books.keep()
    api = application(books.books(), clock=lambda: now, local=True)
    app = with_pages(api, clock=lambda: now, organisation="Somebody")
    return TestClient(app, base_url=HOST, headers={"Origin": HOST})


@pytest.fixture
def client(books: Lettered) -> TestClient:
    return client_of(books)


def page(client: TestClient, address: str) -> str:
    reply = client.get(address)
    assert reply.status_code == 200, reply.text
    return reply.text


def words(text: str) -> str:
    """Give the words of a page's content."""
    plain = re.sub(r"<[^>]*>", " ", text[text.index("<main") :])
    return " ".join(html.unescape(plain).split())


def address_of(text: str) -> str:
    """Give the address of the question on a page."""
    found = re.search(r'data-at="([^"]*)"', text)
    assert found is not None
    return html.unescape(found[1])


def series(text: str) -> list[str]:
    """Give the series a legend names."""
    return [html.unescape(it) for it in re.findall(r'data-hide="([^"]*)"', text)]


def first_cells(text: str) -> list[str]:
    body = text[text.index("<tbody>") : text.index("</tbody>")]
    return [
        html.unescape(re.sub(r"<[^>]*>", "", it)).strip()
        for it in re.findall(r'<tr><td class="line-name".*?</td>', body, re.DOTALL)
    ]


def test_nothing_asked_begins_with_what_a_thousand_users_cost(client: TestClient) -> None:
    text = page(client, "/explorer")
    assert 'value="b / (a / 1000)"' in text
    assert f'<option value="metric {DAU}" selected>' in text
    assert dict(parse_qsl(urlsplit(address_of(text)).query))["b"] == "cost"
    assert "$ per 1k average daily active users" in words(text)


def test_without_metrics_it_begins_with_cost(tmp_path: Path) -> None:
    bare = lettered(tmp_path, metrics=())
    bare.every_day(FIRST, 31, "300", team="search")
    text = page(client_of(bare), "/explorer")
    assert address_of(text) == "/explorer?a=cost"
    assert "$9,000" in words(text)
    bare.close()


def test_the_table_has_the_rows_of_the_chart_newest_first(client: TestClient) -> None:
    text = page(client, f"{UNIT}&from=2026-10-05&to=2026-10-08&compare=none")
    assert first_cells(text) == ["Wed 7 Oct 2026", "Tue 6 Oct 2026", "Mon 5 Oct 2026"]
    assert 'data-buckets="2026-10-05|2026-10-06|2026-10-07"' in text
    assert "$31" in words(text)


def test_a_mistake_in_the_formula_stands_beside_it_and_the_letters_are_drawn(
    client: TestClient,
) -> None:
    text = page(client, UNIT.replace(quote("/ (a / 1000)", safe="").replace("%20", "+"), "%2F+zz"))
    assert "unknown name &#39;zz&#39;" in text
    assert "<code>b / <mark>z</mark>z</code>" in text
    assert 'aria-invalid="true" aria-describedby="wrong-f-1"' in text
    assert series(text) == ["a", "b"]
    assert "The letters alone" in text


def test_a_named_formula_is_marked_where_it_is_wrong(client: TestClient) -> None:
    text = page(client, "/explorer?b=cost&f=b+*+2&f=trend+%3D+b+%2F+zz")
    assert "<code>trend = b / <mark>z</mark>z</code>" in text
    assert text.count('aria-invalid="true"') == 1


def test_a_mistake_in_a_condition_stands_beside_its_letter(client: TestClient) -> None:
    text = page(client, "/explorer?a=cost&b=cost+where+teem+%3D+search")
    assert "did you mean &#39;team&#39;" in text
    assert "<code><mark>t</mark>eem = search</code>" in text
    assert re.search(r'id="where-b"[^>]* aria-invalid="true"', text)
    assert series(text)[:1] == ["a"]


def test_the_fields_of_the_form_say_the_same_as_one_text(client: TestClient) -> None:
    text = page(client, "/explorer?b=cost&b.where=team+%3D+search&b.as=average&f=")
    assert address_of(text) == "/explorer?b=cost+where+team+%3D+search+as+average"
    assert "$300" in words(text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("range=last+fun", "says no days"),
        ("days=99999", "days must be a whole number"),
        ("days=many", "days must be a whole number"),
        ("from=x", "from must be a day"),
        ("by=nobody", "unknown dimension"),
        ("scale=7", "scale"),
    ],
)
def test_what_is_wrong_with_days_and_groups_is_said(
    client: TestClient, wrong: str, said: str
) -> None:
    text = page(client, f"/explorer?b=cost&{wrong}")
    assert said in words(text)


def test_words_say_days(client: TestClient) -> None:
    text = page(client, "/explorer?b=cost&range=last+3+days&compare=none")
    assert len(first_cells(text)) == 3
    assert "last 3 days" in words(text)


def test_groups_beyond_the_eighth_are_drawn_as_one(books: Lettered) -> None:
    for place in range(12):
        books.every_day(FIRST, 31, str(1000 + place), team=f"team-{place:02}")
    text = page(client_of(books), "/explorer?b=cost&by=team&compare=none")
    assert series(text) == [f"team-{it:02}" for it in range(11, 3, -1)] + ["other"]
    assert first_cells(text)[-1] == "data"
    assert "More groups" in text
    more = page(client_of(books), "/explorer?b=cost&by=team&compare=none&top=more")
    assert len(series(more)) == 14


def test_the_rest_of_the_groups_is_all_less_those_shown(books: Lettered) -> None:
    for place in range(12):
        books.every_day(FIRST, 31, "1000", team=f"team-{place:02}")
    text = page(client_of(books), "/explorer?b=cost&by=team&compare=none&days=1")
    rest = re.search(r'data-series="other"[^>]*data-texts="([^"]*)"', text)
    assert rest is not None
    assert rest[1] == "$4,310"


def test_a_formula_by_group_has_lines_of_its_own(client: TestClient) -> None:
    text = page(client, f"{UNIT}&by=team")
    assert series(text) == ["search", "data"]
    assert "no units" in words(text)
    assert text.count('class="c-pane"') == 2


def test_two_dimensions_make_groups_of_two_names(client: TestClient) -> None:
    text = page(client, "/explorer?b=cost&by=team&by=environment&compare=none")
    assert len(series(text)) == 2
    assert all(" · " in it for it in series(text))


def test_a_whole_period_by_group_is_a_bar_each(client: TestClient) -> None:
    text = page(client, "/explorer?b=cost&by=team&grain=whole&compare=none")
    assert first_cells(text) == ["search", "data"]
    assert 'data-buckets="search|data"' in text


def test_rows_of_each_day_and_group_can_be_listed(client: TestClient) -> None:
    text = page(client, "/explorer?b=cost&by=team&compare=none&days=3&rows=all")
    assert first_cells(text)[:2] == ["Sat 31 Oct 2026", "Sat 31 Oct 2026"]
    assert len(first_cells(text)) == 6


def test_a_hidden_series_leaves_the_chart_and_can_come_back(client: TestClient) -> None:
    text = page(client, "/explorer?b=cost&by=team&hide=data")
    assert "c-entry c-hidden" in text
    assert "hide=search" not in address_of(text)
    assert "hide=data" in address_of(text)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_told_as_they_are(books: Lettered, name: str) -> None:
    for place in range(9):
        books.every_day(FIRST, 31, str(100 + place), customer=f"c{place}")
    books.every_day(FIRST, 31, "5000", customer=name)
    text = page(client_of(books), "/explorer?b=cost&by=customer&compare=none")
    assert "<script>alert" not in text
    assert name.casefold() in html.unescape(text).casefold()
    assert "unknown" not in words(text)


def test_hostile_letters_and_formulas_are_kept_as_they_were_typed(client: TestClient) -> None:
    for name in HOSTILE:
        asked = urlencode({"a": f"metric {name}", "b": name, "f": name})
        text = page(client, f"/explorer?{asked}")
        assert "<script>alert" not in text
        assert html.escape(name) in text.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")


def test_a_value_nothing_has_is_told_beside_its_field_and_is_no_zero(client: TestClient) -> None:
    text = page(client, f"{UNIT.replace('b=cost', 'b=cost+where+team+%3D+serach')}&days=3")
    assert 'aria-describedby="wrong-b"' in text
    beside = text[text.index('id="wrong-b"') :][:300]
    assert "nothing in the books has the team &#39;serach&#39;" in beside
    assert "did you mean" in beside
    tiles = text[text.index('class="tiles"') : text.index('class="trust"')]
    assert "—" in tiles
    assert "$0" not in tiles
    assert "$0" not in text[text.index('id="rows"') :]


def test_values_of_every_dimension_of_cost_are_suggested(books: Lettered) -> None:
    books.payer("acme", "10", plan="pro")
    text = page(client_of(books), "/explorer")
    known = text[text.index('<datalist id="conditions"') :]
    known = known[: known.index("</datalist")]
    for said in ("team = search", "customer = acme", "plan = ", "source = ", "charge_category = "):
        assert f'<option value="{said}' in known


def test_costs_below_zero_are_drawn(books: Lettered) -> None:
    books.every_day(FIRST, 31, "-900", team="credits")
    text = page(client_of(books), "/explorer?b=cost+where+team+%3D+credits&compare=none")
    assert "\N{MINUS SIGN}$27.0k" in words(text)


def test_a_metric_of_one_day_is_drawn(books: Lettered) -> None:
    books.metric("orders", FIRST, 4, customer="acme")
    text = page(client_of(books), "/explorer?a=metric+orders&b=cost&f=b+%2F+a&days=31")
    assert "Orders" in words(text)
    assert 'data-chart="panes"' in text


def test_days_without_anything_say_the_next_step(client: TestClient) -> None:
    text = page(client, "/explorer?b=cost&from=2020-01-01&to=2020-01-03&compare=none")
    assert "See what data there is" in words(text) or "—" in words(text)


def test_the_rows_on_screen_come_as_a_file(client: TestClient) -> None:
    reply = client.get(f"/csv{UNIT}&from=2026-10-05&to=2026-10-07&compare=none")
    lines = reply.text.splitlines()
    assert lines[0].startswith("day,a,b,result")
    assert len(lines) == 3


def save(client: TestClient, back: str, **fields: str) -> tuple[int, str, str]:
    """Send the form that saves; gives the status, where one is then, and the page."""
    reply = client.post("/explorer/save", data={"back": back, **fields})
    return reply.status_code, str(reply.url.path), reply.text


def test_a_question_is_saved_under_a_name_made_of_its_title(client: TestClient) -> None:
    status, path, text = save(client, f"{UNIT}&range=last+7+days", title="Cost per 1k users")
    assert (status, path) == (200, "/explorer/views/cost_per_1k_users")
    assert "Cost per 1k users" in words(text)
    assert "not modified" in words(text)
    assert "Saved as cost_per_1k_users" in words(text)
    assert len(first_cells(text)) == 7


def test_a_changed_view_says_so_and_is_saved_over_its_version(client: TestClient) -> None:
    _, path, text = save(client, UNIT, title="Mine")
    changed = address_of(text).replace("1000", "100")
    text = page(client, changed)
    assert " modified " in words(text)
    status, path, text = save(client, changed, title="Mine", name="mine", version="1")
    assert (status, path) == (200, "/explorer/views/mine")
    assert 'value="b / (a / 100)"' in text


def test_two_people_saving_one_view_lose_nothing(client: TestClient) -> None:
    _, _, text = save(client, UNIT, title="Ours")
    hers = address_of(text).replace("1000", "100")
    his = address_of(text).replace("1000", "10")
    fields = {"title": "Ours", "name": "ours", "version": "1"}
    assert save(client, his, **fields)[0] == 200
    status, _, text = save(client, hers, **fields)
    assert status == 409
    assert 'value="b / (a / 100)"' in text
    assert 'href="/explorer/views/ours" target="_blank"' in text
    assert 'value="ours_2"' in text
    status, path, text = save(client, hers, title="Ours", name="ours_2")
    assert (status, path) == (200, "/explorer/views/ours_2")
    assert 'value="b / (a / 100)"' in text
    assert 'value="b / (a / 10)"' in page(client, "/explorer/views/ours")


def test_a_name_that_is_taken_is_not_written_over(client: TestClient) -> None:
    save(client, UNIT, title="Ours")
    status, _, text = save(client, "/explorer?b=cost", title="Ours", description="typed")
    assert status == 409
    assert 'value="typed"' in text
    assert 'value="b / (a / 1000)"' in page(client, "/explorer/views/ours")


def test_a_view_is_deleted_and_its_question_stays(client: TestClient) -> None:
    _, _, text = save(client, UNIT, title="Gone")
    back = address_of(text)
    reply = client.post("/explorer/views/gone/delete", data={"back": back, "version": "1"})
    assert reply.status_code == 200
    assert "view=" not in str(reply.url)
    assert 'value="b / (a / 1000)"' in reply.text
    missing = page(client, "/explorer/views/gone")
    assert "gone" in words(missing)


def test_a_short_link_is_made_and_told(client: TestClient) -> None:
    reply = client.post("/explorer/share", data={"back": f"{UNIT}&by=team", "days": "7"})
    assert reply.status_code == 200
    link = re.search(r'href="(/s/[^"]+)"', reply.text)
    assert link is not None
    assert "shared=" not in address_of(reply.text)


def test_a_short_link_leads_to_its_page_until_it_expires(books: Lettered) -> None:
    client = client_of(books)
    text = client.post("/explorer/share", data={"back": f"{UNIT}&by=team", "days": "7"}).text
    link = re.search(r'href="(/s/[^"]+)"', text)
    assert link is not None
    followed = client.get(link[1])
    assert followed.url.path == "/explorer"
    assert "by=team" in address_of(followed.text)
    late = client_of(books, NOW + timedelta(days=9)).get(link[1])
    assert late.status_code == 410
    assert "expired" in words(late.text)
    assert client.get("/s/nothing").status_code == 404


def test_only_whoever_may_write_is_offered_to_save(books: Lettered) -> None:
    assert 'action="/explorer/save"' in page(client_of(books), UNIT)


def test_a_group_leads_to_its_own_page(client: TestClient) -> None:
    assert 'href="/teams/search"' in page(client, "/explorer?b=cost&by=team")


def test_a_day_leads_to_what_it_is_made_of(client: TestClient) -> None:
    text = page(client, "/explorer?b=cost&days=2&compare=none")
    inside = "b=cost&grain=whole&compare=none&from=2026-10-31&to=2026-11-01&by=service"
    assert f"/explorer?{inside}" in html.unescape(text)


def test_a_group_with_one_high_day_is_told_apart(books: Lettered) -> None:
    for place in range(12):
        books.every_day(FIRST, 31, str(1000 + place), team=f"team-{place:02}")
    books.leg(FIRST + timedelta(days=20), "9000", team="night")
    text = page(client_of(books), "/explorer?b=cost&by=team&compare=none")
    assert series(text) == [*(f"team-{it:02}" for it in range(11, 4, -1)), "night", "other"]
    rest = re.search(r'data-series="other"[^>]*data-texts="([^"]*)"', text)
    assert rest is not None
    assert len(set(rest[1].split("|"))) == 1


def test_of_too_many_groups_and_days_the_largest_are_told_apart(books: Lettered) -> None:
    for place in range(80):
        books.every_day(FIRST, 31, str(1000 + place), team=f"team-{place:02}")
    books.leg(FIRST + timedelta(days=20), "9000", team="night")
    text = page(client_of(books), "/explorer?b=cost&by=team&compare=none")
    assert series(text) == [f"team-{it:02}" for it in range(79, 71, -1)] + ["other"]
