"""Finds the browser the page tests drive, and gets one where there is none.

python -m tests.web.chromium
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SETTING = "COSTPER_CHROMIUM"
MISSING = (
    "no Chromium to drive: `apt-get install chromium`, or `.venv/bin/playwright install chromium`, "
    f"or name one in {SETTING}; `make chromium` tries the first two"
)
APT = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
PACKAGES = ("chromium", "fonts-liberation")
UPDATE = ("apt-get", "update", "-qq")


def found() -> str | None:
    """Give the browser's path: as the setting says, on PATH, or as playwright got it."""
    said = os.environ.get(SETTING)
    if said:
        return said if shutil.which(said) else None
    return next(filter(None, map(shutil.which, NAMES)), None) or _of_playwright()


def _of_playwright() -> str | None:
    with sync_playwright() as started:
        path = started.chromium.executable_path
    return path if Path(path).exists() else None


def by_apt() -> bool:
    """Try to install Debian's Chromium, as root or by sudo without a password."""
    if shutil.which("apt-get") is None:
        return False
    root = () if os.geteuid() == 0 else ("sudo", "-n")
    if root and shutil.which("sudo") is None:
        return False
    surroundings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = ((*root, *UPDATE), (*root, *APT, *PACKAGES))
    return all(subprocess.run(it, env=surroundings, check=False).returncode == 0 for it in steps)


def by_playwright() -> bool:
    """Try to download the Chromium playwright was made for."""
    command = (sys.executable, "-m", "playwright", "install", "chromium")
    return subprocess.run(command, check=False).returncode == 0


def main() -> int:
    """Get a browser unless there is one; the tests say it again if there is none after that."""
    if found() or (by_apt() and found()) or (by_playwright() and found()):
        return 0
    sys.stderr.write(f"{MISSING}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
