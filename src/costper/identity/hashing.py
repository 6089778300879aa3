"""Hashes ids of people, so that the books know one from another and nobody by name."""

from __future__ import annotations

import hmac
import unicodedata
from typing import Literal

from costper.model.person import looks_like_email

HEX = 32
"""Digits of a hashed id: 128 bits, which no two of a billion people share."""

MARK = "h:"
"""Stands before a hash wherever other ids stand unhashed."""

IdKind = Literal["user", "anon", "ip", "id"]
"""Ids of several kinds never meet: the anonymous visitor 7 is not the user 7."""

NOBODY = frozenset(
    ("null", "none", "nil", "undefined", "nan", "n/a", "-", "unknown", "(not set)", "anonymous")
)
"""What programs send when they know nobody; taken as nothing said."""


def hashed(pepper: bytes, kind: IdKind, text: str) -> str:
    """Give the HMAC-SHA256 of an id in its plain form, as 32 hexadecimal digits.

    >>> len(hashed(b"pepper", "user", "jane")), hashed(b"pepper", "anon", "jane") != hashed(
    ...     b"pepper", "user", "jane"
    ... )
    (32, True)
    """
    said = f"{kind}\0{plain(text)}".encode("utf-8", "surrogatepass")
    return hmac.digest(pepper, said, "sha256").hex()[:HEX]


def plain(text: str) -> str:
    """Give the one form in which ids are compared; capitals tell ids apart, but not addresses.

    >>> plain("  Ab1 "), plain("Jane%40Acme.com")
    ('Ab1', 'jane@acme.com')
    """
    if looks_like_email(text):
        return unicodedata.normalize("NFKC", text).replace("%40", "@").casefold().strip()
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()


def is_nobody(text: str) -> bool:
    """Say whether an id stands for nobody known.

    >>> is_nobody("undefined"), is_nobody(" "), is_nobody("0")
    (True, True, False)
    """
    word = text.strip()
    return not word or word.casefold() in NOBODY
