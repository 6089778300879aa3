"""Where the books do hold calls, when they hold none of the days asked for."""

from datetime import date

import pytest
from tests.calls import Call, at, tell
from tests.ledger import Ledger

from costper.errors import UnknownNameError
from costper.pipeline.llm.chosen import ALL, Chosen
from costper.pipeline.llm.page import page
from costper.pipeline.llm.ranked import ranked
from costper.pipeline.llm.user import user

TODAY = date(2026, 11, 20)
COMMAND = "--from 2026-11-20 --to 2026-11-21"


def hint(ledger: Ledger, chosen: Chosen) -> str:
    (issue,) = ranked(ledger.frame(), chosen, "feature").issues
    assert issue.code == "no_calls"
    return issue.hint


def test_todays_first_calls_are_told_with_the_days_to_ask_for(ledger: Ledger) -> None:
    tell(ledger, [Call(at=at("2026-11-20")), Call(at=at("2026-11-20"))])
    assert hint(ledger, Chosen()) == f"2 calls on 2026-11-20: {COMMAND}"
    asked = ledger.frame(since=TODAY, until=date(2026, 11, 21))
    assert ranked(asked, Chosen(), "feature").total["calls"] == 2


def test_calls_of_other_environments_are_told_with_the_words_to_ask_for(ledger: Ledger) -> None:
    tell(ledger, [Call(at=at("2026-11-20"), environment="staging")])
    told = hint(ledger, Chosen())
    assert told == f"1 call on 2026-11-20: {COMMAND} --environment all --data-mode all"
    assert hint(ledger, Chosen(feature="mail", environment=ALL)) == "no day has such calls"


def test_books_without_any_call_say_how_to_tell_them_some(ledger: Ledger) -> None:
    assert "costper events send" in hint(ledger, Chosen())


def test_a_name_called_on_other_days_is_not_unknown(ledger: Ledger) -> None:
    tell(ledger, [Call(at=at("2026-11-20"))])
    with pytest.raises(UnknownNameError) as raised:
        page(ledger.frame(), Chosen(), "feature", "search")
    assert raised.value.message == "no calls of feature 'search' in these days"
    assert raised.value.hint == f"1 call on 2026-11-20: {COMMAND}"
    with pytest.raises(UnknownNameError) as raised:
        user(ledger.frame(), Chosen(), "u1")
    assert raised.value.hint == f"1 call on 2026-11-20: {COMMAND}"
    with pytest.raises(UnknownNameError, match="did you mean 'search'"):
        page(ledger.frame(), Chosen(), "feature", "serch")


def test_nobody_has_to_declare_features_or_users(ledger: Ledger) -> None:
    for told in (False, True):
        if told:
            tell(ledger, [Call(at=at("2026-10-25"), feature="")])
        with pytest.raises(UnknownNameError) as raised:
            page(ledger.frame(), Chosen(), "feature", "search")
        assert "declared" not in raised.value.text()
        with pytest.raises(UnknownNameError) as raised:
            user(ledger.frame(), Chosen(), "u9")
        assert "declared" not in raised.value.text()
