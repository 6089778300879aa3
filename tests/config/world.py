"""A small world for tests of the settings: sources of every kind, and the drivers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from costper.config.load import read_settings
from costper.config.settings import Kind, Settings
from costper.model.outcome import Outcome

DRIVERS = ("direct", "even", "fixed", "by_cost", "by_quantity", "by_seats")
GOLDEN = """\
organisation: Acme
currency: USD
sources:
  bill:     {type: bills, path: bills/*.csv}
  requests: {type: csv, path: usage.csv,
             dimensions: {customer: c, service: s, team: t, environment: e}}
allocation:
"""


class Strict(BaseModel):
    """Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Bills(Strict):
    """Bills in files."""

    path: str | list[str]
    """Where the files lie."""
    cost_of_record: Literal["effective_cost", "billed_cost"] = "effective_cost"
    sheet: int = Field(default=1, ge=1)


class Table(Strict):
    """A table in a file."""

    path: str
    dimensions: dict[str, str] = Field(default_factory=dict[str, str])
    values: dict[str, str] = Field(default_factory=dict[str, str])
    metric: str = ""


class Service(Strict):
    """A service with a key."""

    account: str
    token: SecretStr
    old_token: SecretStr | None = None


@dataclass(frozen=True)
class Type:
    """A source type."""

    name: str
    kind: Kind
    settings: type[BaseModel]


CATALOGUE = (
    Type("bills", "bill", Bills),
    Type("service", "bill", Service),
    Type("csv", "measurements", Table),
    Type("csv", "customers", Table),
    Type("csv", "rates", Table),
)


def read(
    folder: Path, text: str, environment: dict[str, str] | None = None, name: str = "costper.yaml"
) -> Outcome[Settings]:
    """Write a settings file and read it."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_settings(path, catalogue=CATALOGUE, drivers=DRIVERS, environment=environment or {})


def texts(outcome: Outcome[Settings]) -> list[str]:
    """Give the issues as people see them."""
    return [issue.text() for issue in outcome.issues]


def good(folder: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    """Read settings that must be right."""
    outcome = read(folder, text, environment)
    assert texts(outcome) == []
    return outcome.items[0]
