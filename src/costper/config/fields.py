"""The names of what a charge has, which dimensions, rules and invoices are read by."""

from __future__ import annotations

from collections.abc import Collection

from costper.errors import suggestion
from costper.model.charge import ATTRIBUTES
from costper.model.dimension import normal
from costper.model.outcome import Issue


def field_fault(field: str, where: str, extra: Collection[str] = ()) -> Issue | None:
    """Say what is wrong with the name of something a charge has; `extra` are more such names."""
    if field in ATTRIBUTES or field in extra:
        return None
    head, dot, key = field.partition(".")
    if dot and head == "tags" and key.strip():
        return None
    known = [*ATTRIBUTES, *extra, *([f"tags.{key}"] if key.strip() else ["tags.KEY"])]
    hint = suggestion(field, known)
    return Issue("unknown_name", f"unknown field {field!r}", where, hint=hint)


def normal_field(field: str) -> str:
    """Give a field with its tag key in the form keys are compared in."""
    head, dot, key = field.partition(".")
    return f"{head}.{normal(key)}" if dot else field
