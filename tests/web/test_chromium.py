"""A browser is found, or got, before the pages are tested."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.web.chromium import SETTING, found

APT = """#!/bin/sh
PATH=/usr/bin:/bin
case "$*" in
*chromium*) cp "$0" "$(dirname "$0")/chromium" ;;
esac
"""
SUDO = '#!/bin/sh\nshift\nexec "$@"\n'


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_machine_with_debians_packages_gets_its_chromium(tmp_path: Path) -> None:
    program(tmp_path, "apt-get", APT)
    program(tmp_path, "sudo", SUDO)
    bare = {**os.environ, "PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    bare.pop(SETTING, None)
    command = [sys.executable, "-m", "tests.web.chromium"]
    done = subprocess.run(command, env=bare, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "chromium").exists()


def test_the_setting_names_the_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program(tmp_path, "mine", "#!/bin/sh\n")
    monkeypatch.setenv(SETTING, str(path))
    assert found() == str(path)
    monkeypatch.setenv(SETTING, str(tmp_path / "away"))
    assert found() is None
