"""Links to a page, as answers."""

from __future__ import annotations

from costper.model.answer import Answer
from costper.model.instant import instant
from costper.pipeline.answer.frame import Standing
from costper.store.books import Books
from costper.store.shares import Share

PLACE = "/s/"


def share_answer(books: Books, standing: Standing, one: Share) -> Answer:
    """Tell of one link: where it is, where it leads, and until when."""
    return Answer(
        question={"noun": "share"},
        rows=(
            {
                "share": one.token,
                "url": f"{PLACE}{one.token}",
                "path": one.path,
                "expires": one.expires,
                "actor": one.actor,
                "made": instant(one.made_at),
            },
        ),
        total={"shares": 1},
        currency=books.settings.currency,
        as_of=standing.as_of,
        settled_through=None,
        estimated=False,
        coverage=None,
    )
