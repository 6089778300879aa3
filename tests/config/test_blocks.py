"""Sources are put into costper.yaml one writer at a time, so that none takes another's away."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from costper.config.blocks import block_of, insert_block
from costper.config.files import read_tree
from costper.config.lines import Branch
from costper.sources import named_source

START = "version: 1\norganisation: Acme\ncurrency: USD\nsources:\n  first:\n    type: focus_file\n"
OTHER = """
import sys
from pathlib import Path
from tests.config.test_blocks import add
for number in range(5):
    add(Path(sys.argv[1]), f"{sys.argv[2]}_{number}")
"""


def add(path: Path, name: str) -> None:
    """Add a source of files."""
    source = named_source("focus_file", "bill")
    insert_block(path, source, name, block_of(source, name, "a bill", {"path": "bills/"}))


def names(path: Path) -> set[str]:
    """Give the sources the file has."""
    tree, issues = read_tree(path)
    assert not issues
    sources = tree.entries["sources"]
    assert isinstance(sources, Branch)
    return set(sources.entries)


def test_threads_that_add_at_once_lose_no_source(tmp_path: Path) -> None:
    path = tmp_path / "costper.yaml"
    path.write_text(START, encoding="utf-8")
    start = threading.Barrier(16)

    def work(number: int) -> None:
        start.wait()
        add(path, f"s{number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(path) == {"first", *(f"s{number}" for number in range(16))}
    assert [it.name for it in tmp_path.iterdir()] == [path.name]


def test_processes_that_add_at_once_lose_no_source(tmp_path: Path) -> None:
    path = tmp_path / "costper.yaml"
    path.write_text(START, encoding="utf-8")
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    others = [
        subprocess.Popen([sys.executable, "-c", OTHER, str(path), name], env=here)
        for name in ("a", "b", "c")
    ]
    assert [it.wait() for it in others] == [0, 0, 0]
    wanted = {f"{name}_{number}" for name in ("a", "b", "c") for number in range(5)}
    assert names(path) == {"first", *wanted}
