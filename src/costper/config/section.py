"""What every section of costper.yaml shares: strictness, and words or lists of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def listed(value: object) -> object:
    """Take one word for a list of one."""
    return [value] if isinstance(value, str) else value


Word = Annotated[str, Field(min_length=1)]
Words = Annotated[
    tuple[Word, ...], BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...])
]
"""One word, or a list of them."""


class Section(BaseModel):
    """What every section shares: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
