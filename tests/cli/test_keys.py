"""A key for a customer nobody knows is made, but not in silence."""

from pathlib import Path

from tests.cli.world import run

from costper.errors import suggestion


def test_a_message_lists_at_most_ten_names_and_no_bracketed_ones() -> None:
    told = suggestion("zzz", ["(unallocated)", *(f"customer-{place:02}" for place in range(48))])
    assert told.count("customer-") == 10
    assert told.endswith("and 38 more")
    assert "(unallocated)" not in told


def test_a_key_for_an_unknown_customer_is_warned_about(tmp_path: Path) -> None:
    (tmp_path / "costper.yaml").write_text("organisation: Shop\ncurrency: USD\n")
    ran = run(tmp_path, "keys", "add", "portal", "--customer", "nosuch")
    assert (ran.code, bool(ran.out)) == (0, True)
    assert "the books know no customer 'nosuch' yet" in ran.err


def test_a_currency_that_is_none_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "costper.yaml").write_text("organisation: Shop\ncurrency: dollars\n")
    ran = run(tmp_path, "check")
    assert ran.code in {1, 2}
    assert "write a three-letter code such as USD" in ran.out + ran.err
