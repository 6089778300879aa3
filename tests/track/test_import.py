"""Tracking is light: a caller's program does not load the books to tell of a call."""

import subprocess
import sys

HEAVY = ("duckdb", "pyarrow", "sqlalchemy", "pydantic", "starlette", "boto3")


def loaded(script: str) -> set[str]:
    """Run a script alone and give the modules it loaded."""
    said = f"import sys\n{script}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", said], check=True, capture_output=True, text=True, timeout=60
    )
    return set(done.stdout.split())


def test_importing_costper_loads_nothing_of_it() -> None:
    found = loaded("import costper")
    assert not {name for name in found if name.startswith("costper.")}


def test_tracking_loads_none_of_the_books() -> None:
    found = loaded("import costper\ncostper.labels(feature='x')\ncostper.flush(0)\ncostper.track")
    assert not found.intersection(HEAVY)
    assert "costper.track" in found


def test_track_can_be_called_however_it_was_imported() -> None:
    loaded(
        "import costper.track.client\nimport costper\nfrom costper import track\n"
        "assert callable(costper.track) and callable(track)\nassert track is costper.track"
    )
