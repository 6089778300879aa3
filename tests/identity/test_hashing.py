"""Ids are hashed so that one person is one hash and nobody can be read from it."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.identity.hashing import hashed, is_nobody, plain
from costper.model.person import looks_like_email

PEPPER = b"a pepper that nobody knows"


@given(st.text())
def test_a_hash_is_32_digits_of_hmac_sha256_over_the_plain_form(text: str) -> None:
    said = b"user\0" + plain(text).encode("utf-8", "surrogatepass")
    assert hashed(PEPPER, "user", text) == hmac.new(PEPPER, said, hashlib.sha256).hexdigest()[:32]


@given(st.text(max_size=20), st.text(max_size=20))
def test_two_ids_meet_only_where_their_plain_forms_do(one: str, other: str) -> None:
    same = hashed(PEPPER, "user", one) == hashed(PEPPER, "user", other)
    assert same == (plain(one) == plain(other))


@given(st.text(max_size=40))
def test_the_plain_form_of_a_plain_form_is_itself(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def test_another_pepper_and_another_kind_give_another_hash() -> None:
    seen = {
        hashed(PEPPER, "user", "7"),
        hashed(PEPPER, "anon", "7"),
        hashed(PEPPER, "ip", "7"),
        hashed(PEPPER + b"!", "user", "7"),
    }
    assert len(seen) == 4


def test_capitals_tell_ids_apart_but_not_addresses() -> None:
    assert plain("aB1") != plain("ab1")
    assert plain("Jane@Acme.COM") == plain(" jane%40acme.com") == "jane@acme.com"


@pytest.mark.parametrize("text", ["null", "undefined", "NaN", "", "  ", "None", "(not set)"])
def test_what_programs_send_for_nobody_is_nobody(text: str) -> None:
    assert is_nobody(text)


@pytest.mark.parametrize(
    "text",
    [
        "jane@acme.com",
        "Jane Doe <jane.doe+x@mail.acme.co.uk>",
        "jane%40acme.com",
        "".join(chr(ord(letter) + 0xFEE0) for letter in "jane@acme.com"),
        "user:jane@acme.com:7",
        "jane@bücher.example",
        "mailto:jane@acme.com",
    ],
)
def test_an_address_is_seen_in_any_disguise(text: str) -> None:
    assert looks_like_email(text)


@pytest.mark.parametrize(
    "text", ["auth0|64f1", "summary@1.4.2", "jane@laptop", "@team", "a b@", "50%40", "h@.com"]
)
def test_what_is_no_address_is_not_taken_for_one(text: str) -> None:
    assert not looks_like_email(text)
