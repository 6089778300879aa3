"""Lands a bill in a process of its own, which kills itself at one step of the landing."""

import os
import signal
import sys
from pathlib import Path

from tests.store.raw_bills import MAY, Desk, days

if __name__ == "__main__":
    folder, fatal = Path(sys.argv[1]), sys.argv[2]
    desk = Desk.at(folder)

    def die(step: str) -> None:
        if step == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    desk.land(days(MAY, 3, "2"), checkpoint=die)
