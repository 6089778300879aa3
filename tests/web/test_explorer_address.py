"""What the Explorer shows stands in its address, whole, whatever it is."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from costper.web.explorer.asking import then
from costper.web.explorer.form import form
from costper.web.explorer.lines import HOWS, Line, read_formulas, read_line
from costper.web.explorer.saved import is_modified, named, opened, state_of
from costper.web.explorer.state import COMPARES, GRAINS, State, next_letter, read_state
from costper.web.page import Seen
from costper.web.told import Row, Told
from costper.web.url import Url

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1)
NAMES = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
WHATS = st.one_of(
    st.just("cost"),
    st.just("revenue"),
    st.just("cost billed_cost"),
    NAMES.map(lambda it: f"metric m{it}"),
)
WHERES = st.one_of(st.just(""), st.tuples(NAMES, NAMES).map(lambda it: f"{it[0]} = v{it[1]}"))
LINES = st.builds(Line, NAMES, WHATS, WHERES, st.sampled_from(["", *HOWS]))
STATES = st.builds(
    State,
    lines=st.lists(LINES, min_size=1, max_size=5, unique_by=lambda it: it.name).map(tuple),
    formulas=st.lists(WORDS, max_size=3).map(lambda it: read_formulas(tuple(it))),
    grain=st.sampled_from(GRAINS),
    by=st.lists(NAMES, max_size=4, unique=True).map(tuple),
    compare=st.sampled_from([name for name, _ in COMPARES]),
    days=st.sampled_from(["", "30", "365"]),
    view=st.one_of(st.just(""), NAMES),
    version=st.sampled_from(["", "3"]),
    shown=st.sampled_from([(), (("draw", "overlay"),), (("hide", "b,a%2Cc"), ("page", "2"))]),
)


@given(STATES)
def test_an_address_says_all_that_is_on_screen(state: State) -> None:
    assert read_state(state.url) == state


@given(LINES)
def test_a_letter_reads_as_it_is_written(line: Line) -> None:
    assert read_line(line.name, line.text) == line


@given(st.text())
def test_any_text_is_kept_as_it_was_typed(text: str) -> None:
    assert read_line("a", text).text.split() == text.split() or read_line("a", text).kind in {
        "cost",
        "metric",
        "revenue",
    }


@given(st.text())
def test_any_title_makes_a_name_the_api_takes(title: str) -> None:
    name = named(title)
    assert name[0].isalpha()
    assert name.isascii()
    assert 0 < len(name) <= 63


def test_the_letter_of_the_formula_is_never_added() -> None:
    state = State(lines=tuple(Line(it, "cost") for it in "abcde"))
    assert next_letter(state) == "g"


def test_a_saved_view_opens_as_it_was_saved_and_on_other_days() -> None:
    view = {
        "view": "mine",
        "letters": [
            {"name": "a", "kind": "metric", "of": "orders", "where": "", "aggregation": ""}
        ],
        "formulas": [{"name": "twice", "text": "a * 2"}],
        "grain": "",
        "by": ["team"],
        "compare": "",
        "range": "last 3 months",
        "version": 4,
        "scale": 1,
    }
    state = state_of(view)
    assert state.formulas[0].text == "twice = a * 2"
    assert (state.grain, state.compare, state.version) == ("whole", "none", "4")
    assert not is_modified(state, view)
    later = opened(Url("/explorer/views/mine", (("days", "7"),)), "mine", view)
    assert later.period == {"days": 7}
    assert is_modified(later, view)
    assert is_modified(replace(state, by=()), view)


def test_days_are_compared_with_their_weekdays_unless_somebody_says_otherwise() -> None:
    assert read_state(Url("/explorer", (("b", "cost"),))).body["compare"] == "weekday"
    months = read_state(Url("/explorer", (("b", "cost"), ("grain", "month"))))
    assert months.body["compare"] == "previous"
    said = read_state(Url("/explorer", (("b", "cost"), ("compare", "previous"))))
    assert said.body["compare"] == "previous"
    assert said.url.get("compare") == "previous"


def test_a_saved_view_keeps_its_own_comparison() -> None:
    letter = {"name": "b", "kind": "cost", "of": "", "where": "", "aggregation": ""}
    state = state_of({"view": "v", "letters": [letter], "grain": "day", "compare": "previous"})
    assert read_state(state.url).compare == "previous"


def test_another_grain_has_its_own_usual_comparison() -> None:
    told = {"metrics": Told(200, {"rows": []})}
    for compare, there in (("weekday", "previous"), ("year", "year")):
        made = form(State(lines=(Line("b", "cost"),), compare=compare), told, {})
        month = next(it for it in made.grains if it.name == "Month")
        assert read_state(url_of(month.href)).compare == there


def url_of(address: str) -> Url:
    parts = urlsplit(address)
    return Url(parts.path, tuple(parse_qsl(parts.query)))


def test_values_of_what_only_metrics_are_by_are_asked_of_the_first_that_is() -> None:
    dimensions = [{"dimension": it} for it in ("team", "region")]
    rows: list[Row] = [
        {"metric": "new orders", "dimensions": dimensions},
        {"metric": "b", "dimensions": []},
    ]
    told = {"metrics": Told(200, {"rows": rows})}
    seen = Seen(url=Url("/explorer", (("b", "cost"),)), now=datetime(2026, 11, 2, tzinfo=UTC))
    asked = then(seen, told)
    assert set(asked) == {"answer", "values of region"}
    assert asked["values of region"].body == {
        "letters": {"a": 'metric "new orders"'},
        "by": ["region"],
    }
    answered = {**told, "values of region": Told(200, {"rows": [{"region": "us-east"}]})}
    assert 'region = "us-east"' in form(State(), answered, {}).suggestions
    assert "region is present" not in form(State(), answered, {}).suggestions
