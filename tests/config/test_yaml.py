"""YAML is read for what is written in it: no surprises, no bombs, every value with its line."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.config.world import GOLDEN, good, read, texts

from costper.config.lines import BYTES_MAX, Branch, leaves, parse, plain

WORDS = ["on", "off", "no", "NO", "yes", "1234", "0123", "0x1F", "1e3", "12:30:45", "2026-08-01"]
REFUSED = {
    "a: &x [1]\nb: *x\n": "costper.yaml:2: not accepted: an alias (*name)",
    "a: !!python/object/apply:os.system [ls]\n": "costper.yaml:1: not accepted: a tag",
    "a: !!str 1\n": "costper.yaml:1: not accepted: a tag (tag:yaml.org,2002:str)",
    "a: 1\n---\nb: 1\n": "costper.yaml:2: not accepted: a second document starts",
    "? [a]\n: b\n": "costper.yaml:1: not accepted: a key that is not one word",
    'a: "\\0"\n': "costper.yaml:1: not accepted: a character that is no text",
    "a: " + "[" * 100 + "]" * 100 + "\n": "costper.yaml:1: not accepted: more than 24 levels",
    "a: {b: 1\nc: 2\n": "costper.yaml:2: not valid YAML",
    "a:\n\tb: 1\n": "costper.yaml:2: not valid YAML",
    "a: b\x00c\n": "costper.yaml:1: not valid YAML",
    "- a\n": "costper.yaml: the file must hold `name: value` lines",
    "hello": "costper.yaml: the file must hold `name: value` lines",
}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_stays_as_it_is_written(word: str) -> None:
    node, issues = parse(f"{word}: {word}\n", "f")
    assert isinstance(node, Branch)
    assert plain(node) == {word: word}
    assert issues == ()


@pytest.mark.parametrize("word", ["", "~", "null", "NULL"])
def test_only_a_bare_null_is_no_text(word: str) -> None:
    node, _ = parse(f"a: {word}\nb: '{word}'\nc: |\n  {word}\n", "f")
    assert node is not None
    assert plain(node) == {"a": None, "b": word, "c": f"{word}\n" if word else ""}


@pytest.mark.parametrize(("text", "told"), REFUSED.items())
def test_what_is_refused_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert any(one.startswith(told) for one in texts(read(tmp_path, text)))


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    layers = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30))
    node, issues = parse(f"l0: &l0 [lol]\n{layers}\n", "f")
    assert node is None
    assert [issue.where for issue in issues] == ["f:2"]


def test_very_deep_nesting_is_an_issue_not_a_crash() -> None:
    _, issues = parse("[" * 200_000, "f")
    assert [issue.code for issue in issues] == ["yaml"]


def test_a_key_written_twice_names_both_lines(tmp_path: Path) -> None:
    assert texts(read(tmp_path, "currency: USD\n\ncurrency: EUR\n")) == [
        (
            "costper.yaml:3: 'currency' is written twice\n"
            "  hint: it already stands at costper.yaml:1; keep one of them"
        )
    ]


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    told = texts(read(tmp_path, "#" * (BYTES_MAX + 1)))
    assert told[0].startswith(f"costper.yaml: {BYTES_MAX + 1} bytes")


def test_a_file_that_is_not_utf_8_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "costper.d").mkdir()
    (tmp_path / "costper.d" / "x.yaml").write_bytes(b"currency: USD\norganisation: M\xfcller\n")
    assert texts(read(tmp_path, "include: costper.d\ncurrency: USD\n")) == [
        "costper.d/x.yaml:2: not UTF-8 text\n  hint: save it as UTF-8"
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert good(tmp_path, "\ufeffcurrency: USD\n").currency == "USD"


def test_every_value_knows_its_line() -> None:
    node, _ = parse("a: 1\nb:\n  - 2\n  - {c: 3}\n", "f")
    assert node is not None
    assert [leaf.where for leaf in leaves(node)] == ["f:1", "f:3", "f:4"]


def test_on_is_a_word_and_shares_are_exact(tmp_path: Path) -> None:
    text = GOLDEN + (
        "- {rule: a, driver: by_quantity, quantity: requests, on: service}\n"
        "- {rule: b, driver: fixed, shares: {x: 33.333333333333, y: 66.666666666667}}\n"
        "- rule: no\n  driver: even\n  match: {account: [0123, 2026-08-01, NO]}\n"
    )
    first, second, third = good(tmp_path, text).allocation
    assert first.on == ("service",)
    assert second.shares["x"] == Decimal("33.333333333333")
    assert third.name == "no"
    assert third.match[0].values == ("0123", "2026-08-01", "no")
