"""The overview: what its tiles say of the days chosen, and of those before."""

from tests.web.shown import snapshots, text_of

from costper.web.pages.overview import OVERVIEW
from costper.web.told import Told

ANSWERS = snapshots({"customers": "customers", "incidents": "incidents"})


def shown(earlier: Told) -> str:
    """Give the words of the page where the days before answered so."""
    customers = Told(200, {**ANSWERS["customers"].body, "as_of": "2026-11-01T06:00:00Z"})
    told = {**ANSWERS, "customers": customers, "earlier": earlier}
    told |= {name: Told(200, {"rows": []}) for name in ("metrics", "verdicts", "services")}
    return text_of(OVERVIEW, "/", told)


def test_the_margin_says_how_many_points_it_moved_and_a_fall_is_bad() -> None:
    earlier = Told(200, {"total": {"margin_percent": "20.1"}})
    assert "16.6% \N{MINUS SIGN}3.5 points $1,544 of $9,310" in shown(earlier)


def test_a_margin_nobody_knew_before_says_no_movement() -> None:
    for earlier in (Told(404, {}), Told(200, {"total": {"margin_percent": None}})):
        assert "16.6% $1,544 of $9,310" in shown(earlier)
