"""What a message suggests is the nearest known word, and long words take no time to refuse."""

from difflib import get_close_matches
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from costper import errors
from costper.errors import suggestion
from costper.events.words import UnknownWord, status_of

NAMES = st.lists(st.text("abc_", min_size=1, max_size=12), min_size=1, max_size=5, unique=True)


@given(st.text("abc_", max_size=30), NAMES)
def test_the_nearest_is_the_one_that_a_search_among_all_would_find(
    name: str, known: list[str]
) -> None:
    near = get_close_matches(name, sorted(known), n=1)
    said = suggestion(name, known)
    assert said == f"did you mean {near[0]!r}?" if near else said.startswith("known: ")


def test_a_word_is_searched_for_once_and_a_long_one_never() -> None:
    with patch.object(errors, "get_close_matches", wraps=get_close_matches) as search:
        found = [status_of(word) for word in ("okayish", "okayish", "x" * 5_000_000)]
    assert search.call_count <= 1
    assert all(isinstance(one, UnknownWord) and one.hint for one in found)
