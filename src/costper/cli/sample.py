"""Makes the sample company beside a running server, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from costper.config.files import FILE_NAME
from costper.web.hosting import Making

FOLDER = "demo"


class Sample:
    """One making of the sample company; `done` is called with its costper.yaml when it is there.

    It gives what is in the way of showing it, or ''.
    """

    def __init__(self, cwd: Path, done: Callable[[Path], str]) -> None:
        """Know where it goes; nothing is made yet."""
        self._cwd, self._done = cwd, done
        self._making = Making("none")
        self._lock = threading.Lock()

    def making(self) -> Making:
        """Say how far it is."""
        return self._making

    def begin(self) -> str:
        """Begin, unless it has begun; gives what is in the way, or ''."""
        with self._lock:
            if self._making.state == "running":
                return ""
            self._making = Making("running", "starting")
        threading.Thread(target=self._make, name="sample", daemon=True).start()
        return ""

    def _make(self) -> None:
        words = [sys.executable, "-m", "costper", "demo", "--no-serve", "--dir", FOLDER]
        try:
            with subprocess.Popen(  # noqa: S603 - our own program, in words of ours
                words,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            ) as process:
                last = self._followed(process)
        except OSError as error:
            self._making = Making("failed", error.strerror or str(error))
            return
        if process.returncode:
            self._making = Making("failed", last)
            return
        wrong = self._done(self._cwd / FOLDER / FILE_NAME)
        self._making = Making("failed", wrong) if wrong else Making("none")

    def _followed(self, process: subprocess.Popen[str]) -> str:
        """Keep what the process says last."""
        last = ""
        for line in process.stderr or ():
            last = line.strip() or last
            self._making = Making("running", last)
        return last
