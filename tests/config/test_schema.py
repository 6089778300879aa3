"""Editors see what costper sees: the schema accepts what is right and refuses what is not."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.config.test_messages import FAULTS, SECTIONS
from tests.config.test_sections import INTERFACES
from tests.config.world import CATALOGUE, DRIVERS, GOLDEN

from costper.cli import schema as verb
from costper.config.schema import json_schema

COMMITTED = Path(__file__).parents[2] / "schema" / "costper.schema.json"
SCHEMA = json_schema(CATALOGUE, DRIVERS)
BEYOND_A_SCHEMA = (
    "cannot fall back",
    "add up to",
    "capitals and spaces",
    "must not be above",
    "two rules are called",
    "'to'",
    "custmer",
    "unknown metric",
    "unknown field",
    "unknown dimension",
    "unknown measurements source",
    "unknown timezone",
    "cannot ask for",
    "means nothing",
    "needs 'quantity'",
    "must come after",
    "not measured by",
    "measures several",
    "cannot name",
)
"""What only all sections together show, or a name's spelling; `costper check` tells it."""


def problems(text: str) -> list[str]:
    """Check a settings file as an editor does."""
    value: Any = yaml.safe_load(text)
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(value)]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_whole_file_is_accepted() -> None:
    assert problems(INTERFACES) == []


def test_words_that_look_like_numbers_are_accepted() -> None:
    rule = "- {rule: 1, driver: even, match: {account: 1234, team: {not: [1, yes]}}}"
    assert problems(f"{GOLDEN}{rule}\n") == []


FAULTY = [f"{GOLDEN}{rule}" for rule in FAULTS] + [f"currency: USD\n{it}" for it in SECTIONS]
TOLD = [*FAULTS.values(), *SECTIONS.values()]


@pytest.mark.parametrize(("text", "told"), list(zip(FAULTY, TOLD, strict=True)))
def test_what_costper_refuses_by_shape_the_schema_refuses(text: str, told: str) -> None:
    if not any(words in told for words in BEYOND_A_SCHEMA):
        assert problems(text) != []


def test_the_committed_schema_is_the_one_this_costper_writes() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == verb.text(), (
        "run: costper schema > schema/costper.schema.json"
    )
