"""What came of an allocation that was asked for, month by month."""

from __future__ import annotations

from collections.abc import Sequence

from costper.model.answer import Answer
from costper.pipeline.allocate import MonthDone
from costper.pipeline.answer.frame import Standing
from costper.store.books import Books


def done_answer(books: Books, done: Sequence[MonthDone], standing: Standing) -> Answer:
    """List the months: {month, state, run, legs}; those refused are told in `issues`."""
    made = [one for one in done if one.state in {"new", "changed"}]
    return Answer(
        question={"noun": "allocation apply"},
        rows=tuple(
            {
                "month": f"{one.month:%Y-%m}",
                "state": one.state,
                "run": one.run_id,
                "legs": one.legs,
            }
            for one in done
        ),
        total={"months": len(done), "runs": len(made)},
        currency=books.settings.currency,
        as_of=standing.as_of,
        settled_through=None,
        estimated=False,
        coverage=None,
        issues=tuple(one.issue for one in done if one.issue),
    )
