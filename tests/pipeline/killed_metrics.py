"""Refreshes metrics in a process of its own, which kills itself at one step."""

import os
import signal
import sys
from pathlib import Path

from tests.pipeline.measured_world import measured

if __name__ == "__main__":
    folder, fatal = Path(sys.argv[1]), sys.argv[2]

    def die(step: str) -> None:
        if step == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    with measured(folder, (folder / "costper.yaml").read_text()) as company:
        company.refresh(die)
