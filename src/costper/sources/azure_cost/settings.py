"""What costper.yaml may say of Azure Cost Management exports."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from costper.sources.base import SourceSettings
from costper.sources.gather import FileSettings

CostOfRecord = Literal["effective_cost", "billed_cost"]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Paths = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...]),
]


class AzureCostSettings(SourceSettings):
    """The exports ActualCost, AmortizedCost or both, of one billing account."""

    actual: Paths = ()
    """Files of the ActualCost export: a file, pattern, folder or `s3://` address; or a list."""
    amortized: Paths = ()
    """Files of the AmortizedCost export of the same months."""
    files: Literal["auto", "parts"] = "auto"
    """Whether files of one export without a manifest add up (parts); auto refuses a month twice."""
    outside: bool = False
    """Whether a local path may lead outside the folder of costper.yaml."""
    endpoint_url: str = ""
    """Address of an S3-compatible store other than Amazon's."""
    region: str = ""
    """Region of the bucket, where boto3 does not know it."""
    profile: str = ""
    """Profile of the shared AWS configuration to take credentials from."""
    cost_of_record: CostOfRecord | None = None
    """Which cost this source's answers are made of; left out, the books' own choice."""

    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        if not self.actual and not self.amortized:
            raise ValueError("say `actual`, `amortized` or both")
        return self

    def names_files(self) -> tuple[tuple[str, ...], bool]:
        """Give the paths of both exports, and whether they may lie outside the project."""
        return (*self.actual, *self.amortized), self.outside

    def where(self, paths: tuple[str, ...]) -> FileSettings:
        """Say where the files of one of the exports lie."""
        return FileSettings(
            path=paths,
            outside=self.outside,
            endpoint_url=self.endpoint_url,
            region=self.region,
            profile=self.profile,
        )
