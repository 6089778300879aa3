"""Conditions that name what the books do not know."""

from tests.pipeline.query.world import DAU, FIRST, Lettered

from costper.model.answer import Absent


def test_what_only_a_slip_of_the_pen_names_is_not_known_and_no_zero(books: Lettered) -> None:
    books.leg(FIRST, "30", team="search")
    books.metric(DAU, FIRST, 100, team="search")
    books.payer("newcomer", "10")
    unknown = Absent("unknown_value")
    for where in ("team = serach", "team in (serach, x)", "team = search and team = serach"):
        letters = {"a": f"metric {DAU}", "b": f"cost where {where}"}
        asked = books.ask(letters=letters, formula="b / a", days=1, to="2026-10-02")
        assert [asked.value(it) for it in ("b", "result", "a")] == [unknown, unknown, 100]
        assert "unknown_value" in [one.code for one in asked.issues]
    zeros = ("customer = newcomer", "team = (untagged)")
    some = ("team != serach", "team = serach or team = search", "not team = serach")
    for where, cost in (*((it, 0) for it in zeros), *((it, 30) for it in some)):
        asked = books.ask(letters={"b": f"cost where {where}"}, days=1, to="2026-10-02")
        assert asked.value("b") == cost
