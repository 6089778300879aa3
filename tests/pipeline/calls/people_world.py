"""Books whose settings say something of people, for tests."""

from datetime import UTC, datetime
from pathlib import Path

from costper.config.load import load_settings
from costper.store.books import Books, open_books

NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)
PEPPER = {"COSTPER_PEPPER": "a pepper of tests that nobody knows"}


def people_books(folder: Path, llm: str, **files: str) -> Books:
    """Open books with this section `llm` of costper.yaml, beside these CSV files."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    path = folder / "costper.yaml"
    path.write_text(f"currency: USD\n{llm}\n", encoding="utf-8")
    settings = load_settings(path, catalogue=(), drivers=("even",), environment={})
    return open_books(settings, now=NOW)
