"""Guesses which customer a tenant may be of, from the two names alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

WORD = re.compile(r"[^\W_]+")


def by_form(customers: Iterable[str]) -> Mapping[str, str]:
    """Index customers by their letters and digits; a form that two of them share is left out."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for customer in customers:
        form = "".join(WORD.findall(customer.casefold()))
        if found.setdefault(form, customer) != customer:
            shared.add(form)
    return {form: customer for form, customer in found.items() if form and form not in shared}


def likely_customer(tenant: str, forms: Mapping[str, str]) -> str:
    """Give the customer whose name is a tenant's, or the longest beginning or end of it; else ''.

    >>> forms = by_form(["acme", "globex-inc"])
    >>> likely_customer("acme-eu_west", forms), likely_customer("prod:Globex.Inc", forms)
    ('acme', 'globex-inc')
    >>> likely_customer("t-7", forms)
    ''
    """
    words = WORD.findall(tenant.casefold())
    for length in range(len(words), 0, -1):
        for some in (words[:length], words[-length:]):
            found = forms.get("".join(some))
            if found is not None:
                return found
    return ""
