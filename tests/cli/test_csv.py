"""What a CSV file holds is safe to look at on a terminal."""

import csv
import io
from dataclasses import replace
from pathlib import Path

from tests.cli.world import context

from costper.cli.render import show
from costper.model.answer import Answer, Row

WICKED = "\x1b[2J\x9b31m\x7f\x00a\tb\r\n"


def test_csv_holds_nothing_a_terminal_obeys(tmp_path: Path) -> None:
    rows: tuple[Row, ...] = (
        {"customer": WICKED, "parts": ({"team": WICKED},)},
        {"customer": "\r=1+1", "parts": ()},
    )
    answer = Answer(
        question={},
        rows=rows,
        total={},
        currency="USD",
        as_of="",
        settled_through=None,
        estimated=False,
        coverage=None,
    )
    out = io.StringIO()
    show(answer, "csv", replace(context(tmp_path), stdout=out))
    text = out.getvalue()
    assert not [c for c in text if not c.isprintable() and c not in "\t\n"]
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["customer"], second["customer"]) == ("[2J31ma\tb", "'=1+1")
