"""Runs a few lines of Python in a process of their own."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def said(program: str, folder: Path) -> str:
    """Give what a program prints; its first argument is the folder."""
    command = [sys.executable, "-c", program, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
