"""What forms send, whoever made it up, leads to no other site and to no fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.web.acts import ACTS
from costper.web.explorer.saved import SAVED
from costper.web.explorer.saved import back as screen_of
from costper.web.response import onward
from costper.web.session import is_from_here
from costper.web.told import Told
from costper.web.url import is_of_web, own

HERE = {"host": "costs.example"}
ODD = ("http://[", "https://[::1", "//[", "http://\uff0f", "null", "")


@pytest.mark.parametrize("origin", ODD)
def test_an_origin_that_is_no_address_is_not_ours(origin: str) -> None:
    assert not is_from_here({**HERE, "origin": origin})


@given(st.text("htps:/[]?#@\\. x1", max_size=30) | st.text(max_size=30))
def test_no_text_at_all_is_a_fault(text: str) -> None:
    is_from_here({**HERE, "origin": text})
    is_of_web(text)
    screen_of({"back": text})
    where = onward(own(text)).headers["location"]
    assert where.startswith("/")
    assert not where.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "back", ["//evil.example/", "/\\evil.example", "https://evil.example", "//["]
)
def test_no_form_leads_to_another_site(back: str) -> None:
    for act in ACTS:
        reply = onward(act.then({"back": back}, Told(200)))
        where = reply.headers["location"]
        assert where.startswith("/"), act.name
        assert "evil" not in where, act.name


def test_the_explorer_stays_with_its_screen() -> None:
    (left,) = (act for act in SAVED if act.name == "delete-view")
    form = {"back": "/explorer?a=cost&days=30"}
    assert left.then(form, Told(200)).startswith("/explorer?a=cost")
