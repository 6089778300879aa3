"""Every header has one name, and no two names are one for an engine."""

from hypothesis import given
from hypothesis import strategies as st

from costper.sources.headers import Headers

RAW = st.lists(st.text(max_size=6) | st.sampled_from(["a", "A", "a__2", " a", "_row"]), max_size=9)


@given(RAW, RAW)
def test_names_are_distinct_without_case_and_the_same_in_every_file(
    one: list[str], two: list[str]
) -> None:
    headers = Headers()
    first = headers.names(one)
    names = [column.name.casefold() for column in first]
    assert len(set(names)) == len(names)
    assert not {"_row", "_file"} & set(names)
    assert headers.names(one) == first
    known = {column.name.casefold(): column.header for column in first}
    for column in headers.names(two):
        assert known.get(column.name.casefold(), column.header) == column.header
