"""What an id of a person looks like: an e-mail address in any disguise, or one hashed already."""

from __future__ import annotations

import re
import unicodedata

EMAIL = re.compile(r"[^\s@]@[^\s@.]+(\.[^\s@.]+)*\.([^\W\d_]{2,}|xn--[a-z0-9-]+)", re.IGNORECASE)
"""The last part of a domain is letters, so that a version such as summary@1.4.2 is none."""

HASHED = re.compile(r"h:[0-9a-f]{32}")
"""How settings name a user whose raw id nobody knows: by the id that answers show."""


def looks_like_email(text: str) -> bool:
    """Say whether a text holds an e-mail address: also percent-encoded, or in wide letters.

    >>> looks_like_email("Jane <JANE@acme.com>"), looks_like_email("jane%40acme.com")
    (True, True)
    >>> looks_like_email("auth0|64f1"), looks_like_email("jane@laptop"), looks_like_email("v@1.4.2")
    (False, False, False)
    """
    if text.isascii() and "@" not in text and "%40" not in text:
        return False
    return EMAIL.search(unicodedata.normalize("NFKC", text).replace("%40", "@")) is not None
