"""The endpoint of what charges do not say."""

from __future__ import annotations

from costper.api.endpoint import DAYS, Endpoint, text_of
from costper.api.parameters import Given, Parameter
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.untagged.answer import LARGEST, untagged_answer
from costper.store.books import Books

MOST_GROUPS = 1_000


def _ask(books: Books, frame: Frame, given: Given) -> Answer:
    rows = given.get("rows")
    most = rows if isinstance(rows, int) else LARGEST
    return untagged_answer(books, frame, dimension=text_of(given, "dimension"), most=most)


UNTAGGED: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/untagged",
        name="untagged",
        summary="What charges do not say, by dimension: how much, where, and the line to add.",
        ask=_ask,
        columns={
            "dimension": "text",
            "untagged_cost": "amount",
            "divided_cost": "amount",
            "untagged_charges": "count",
            "tag": "text",
            "groups": "rows",
            "more_groups": "count",
        },
        parameters=(
            *DAYS,
            Parameter(name="dimension", kind="text", summary="Only this dimension."),
            Parameter(
                name="rows",
                kind="count",
                least=1,
                most=MOST_GROUPS,
                summary=f"How many groups of each dimension, else {LARGEST}.",
            ),
        ),
    ),
)
