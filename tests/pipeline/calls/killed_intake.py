"""Takes calls as quickly as it can, says which are durable, and waits to be killed.

Arguments: the folder and the number of the first call. Every line it prints is the number of a
call that was acknowledged. One call in ten is told twice, as a client does that heard no answer.
"""

import itertools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.ledger import NOW, settings
from tests.pipeline.calls.fold_world import NOON_US, call, pricing

from costper.errors import CostperError
from costper.pipeline.calls.intake import FullError, open_intake
from costper.store.books import open_books


def said(tokens: Sequence[object], failed: CostperError | None) -> None:
    """Print what is durable."""
    if failed is None:
        os.write(1, b"".join(b"%d\n" % number for number in tokens if isinstance(number, int)))


if __name__ == "__main__":
    folder, first = Path(sys.argv[1]), int(sys.argv[2])
    intake = open_intake(open_books(settings(folder), now=NOW), pricing())
    intake.start()
    for number in itertools.count(first):
        events = [call(number), *([call(max(first, number - 7))] if number % 10 == 0 else [])]
        while True:
            try:
                intake.pass_on(events, NOON_US, said, number)
            except FullError:
                continue
            break
