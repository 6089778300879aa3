"""Allocates a shop in a process of its own, which kills itself at one step."""

import os
import signal
import sys
from pathlib import Path

from tests.pipeline.shop import NOW, OVERHEAD, SHARED, shop

from costper.pipeline.allocate import apply

if __name__ == "__main__":
    folder, fatal = Path(sys.argv[1]), sys.argv[2]

    def die(step: str) -> None:
        if step == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    with shop(folder, SHARED, OVERHEAD) as books:
        apply(books.books, now=NOW, checkpoint=die)
