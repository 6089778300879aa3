"""Books whose calls came in by the door, and what they would have cost otherwise."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.api.calls_world import EVENTS, CallsWorld, calls_world
from tests.pipeline.calls.people_world import NOW

from costper.model.answer import Answer, Row
from costper.model.names import literal
from costper.pipeline.answer.frame import Asked, Frame, Standing, frame_of
from costper.pipeline.calls.price_book import catalogue_of
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.savings.answer import Levers, call_savings
from costper.store.engine import Write

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Observed:
    """A door that calls came in by."""

    world: CallsWorld
    told: int = 0

    def send(self, events: Iterable[dict[str, Any]]) -> None:
        """Tell of calls; what is not said of one is as plain as can be."""
        said: list[dict[str, Any]] = []
        for event in events:
            self.told += 1
            plain = {
                "externalRequestId": f"r-{self.told}",
                "provider": "openai",
                "model": "gpt-5",
                "endpointTag": "search",
                "promptVersion": "v1",
                "userId": "u-1",
                "timestamp": (NOON + self.told * MINUTE).isoformat(),
            }
            said.append({**plain, **event})
        reply = self.world.client().post(EVENTS, json=said)
        assert reply.status_code == 202, reply.text
        assert not reply.json().get("issues"), reply.text
        self.world.calls.intake.fold_now()

    def plan(self, customer: str, plan: str, since: date, until: date | None = None) -> None:
        """Say which plan a customer is on."""
        end = f"DATE '{until}'" if until else "CAST(NULL AS DATE)"
        select = (
            f"SELECT 'customers' AS source, {literal(customer)} AS customer, '' AS name, "
            f"'active' AS status, {literal(plan)} AS plan, '' AS currency, "
            f"DATE '{since}' AS valid_from, {end} AS valid_to"
        )
        self.world.books.marts.replace([Write(table="customers", select=select)])

    def frame(self, **asked: Any) -> Frame:  # noqa: ANN401 - whatever Asked takes
        """Give the frame of a question."""
        return frame_of(self.world.books, Asked(**asked), NOW, Standing())

    def savings(self, chosen: Chosen | None = None, /, **said: Any) -> Answer:  # noqa: ANN401
        """Ask what would have been saved."""
        catalogue = catalogue_of(self.world.books)
        return call_savings(self.frame(), chosen or Chosen(), catalogue, Levers(**said))

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """Ask the books."""
        found: list[dict[str, Any]] = self.world.books.marts.query(sql).to_pylist()
        return found


@contextmanager
def observed(folder: Path, llm: str = "") -> Generator[Observed]:
    """Open books in a folder, with this section `llm` of costper.yaml."""
    with calls_world(folder, llm) as world:
        yield Observed(world)


def rows(answer: Answer, lever: str) -> list[Row]:
    """Give the rows of one lever."""
    return [row for row in answer.rows if row["lever"] == lever]


def one(answer: Answer, lever: str) -> Row:
    """Give the only row of a lever."""
    (row,) = rows(answer, lever)
    return row


def usd(cell: object) -> Decimal:
    """Take an amount out of a cell."""
    assert isinstance(cell, Decimal)
    return cell
