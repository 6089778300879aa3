"""Nothing but a positioned error escapes the reader, whatever is typed."""

import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.economics.formula.operands import At, series
from tests.economics.formula.trees import LETTERS, trees

from costper.economics.formula.evaluate import evaluate
from costper.economics.formula.grammar import LONGEST
from costper.economics.formula.parse import parse
from costper.economics.formula.tree import Expression
from costper.economics.formula.typed import typed
from costper.economics.formula.units import amount_of, count_of
from costper.economics.formula.written import written
from costper.errors import FormulaError
from costper.model.answer import Absent

FUZZER = Path(__file__).with_name("fuzz_bytes.py")
TYPES = {"a": count_of("users", "average"), "b": amount_of("USD"), "c": count_of("orders")}
PIECES = st.sampled_from(
    [
        *"abc()+-*/<>=,._1209 \n\t\x00!&|^%$'\"",
        *("timeShift(", "movingAvg(", "pctChange(", "cumSum(", "share(", "round(", "default("),
        *("if(", "max(", "abs(", "1 MONTH", "7 days", "and", "or", "not", "1e30", "1e-9", "<="),
    ]
)
pieces = st.lists(PIECES, max_size=80).map("".join)
LONGEST_CPU = 0.050
"""Seconds of this process's own time that any input may take, by the issue."""


def read_fully(text: str) -> None:
    """Read, type and evaluate; a fault has a column inside the text or just after it."""
    try:
        tree = parse(text, LETTERS)
        typed(tree, TYPES)
    except FormulaError as fault:
        inside = 1 <= fault.column <= min(len(text), LONGEST) + 1
        if not inside or fault.where != f"formula, column {fault.column}" or not fault.hint:
            raise AssertionError(text, fault) from fault
        return
    found = evaluate(tree, At(40), series(a=range(50), b=[7] * 50, c=[None, 0] * 25))
    assert isinstance(found, Absent) or found.is_finite()


def spent(text: str) -> float:
    """Give the processor time that reading a text takes, in seconds."""
    before = getrusage(RUSAGE_SELF)
    read_fully(text)
    after = getrusage(RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@given(st.text(max_size=600))
@example("ﬀ")
@example("\ud800")
def test_any_text_reads_or_has_a_positioned_fault(text: str) -> None:
    read_fully(text)


@given(pieces)
def test_any_pieces_of_formulas_read_or_have_a_positioned_fault(text: str) -> None:
    read_fully(text)


@given(trees(), st.data())
def test_a_formula_with_one_piece_changed_reads_or_has_a_positioned_fault(
    tree: Expression, data: st.DataObject
) -> None:
    text = written(tree)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 5)))
    read_fully(text[:start] + data.draw(PIECES | st.text(max_size=3)) + text[end:])


@pytest.mark.soak
@settings(max_examples=5_000, deadline=None)
@given(pieces | st.text(max_size=500) | trees(depth=6).map(written))
def test_no_input_takes_long(text: str) -> None:
    parse("a", LETTERS)
    if spent(text) > LONGEST_CPU:  # the collector may have come by: not three times, though
        assert min(spent(text) for _ in range(3)) <= LONGEST_CPU, text


@pytest.mark.soak
def test_a_fuzzer_that_sees_the_code_finds_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has wheels for Linux on x86-64 only")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    seconds = os.environ.get("COSTPER_SOAK_SECONDS", "300")
    limits = [f"-max_total_time={seconds}", "-max_len=520", "-timeout=1", "-rss_limit_mb=2048"]
    done = subprocess.run(
        [sys.executable, str(FUZZER), str(corpus), *limits],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert list(corpus.iterdir())
