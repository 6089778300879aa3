"""The door: exit codes, errors that help, and a quick --help."""

import argparse
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.world import context, run

from costper.cli import init, main
from costper.cli.context import Context
from costper.cli.verbs import VERBS

COSTPER = (sys.executable, "-m", "costper")
LIGHT = """
import sys
sys.argv[1:] = ["--help"]
from costper.cli.main import main
main()
heavy = {"duckdb", "pyarrow", "pydantic", "yaml", "rich", "boto3", "sqlalchemy", "sqlglot"}
sys.exit(sorted(heavy & set(sys.modules)).__repr__() if heavy & set(sys.modules) else 0)
"""


def real(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run costper as a process of its own."""
    return subprocess.run((*COSTPER, *words), capture_output=True, text=True, check=False, cwd=cwd)


def test_an_unknown_verb_is_wrong_use_with_a_suggestion(tmp_path: Path) -> None:
    ran = run(tmp_path, "chek")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "unknown verb 'chek'\n  hint: did you mean 'check'?\n"


def test_an_unknown_option_is_wrong_use_with_a_suggestion(tmp_path: Path) -> None:
    ran = run(tmp_path, "check", "--jsno")
    assert (ran.code, ran.err) == (2, "unknown option '--jsno'\n  hint: did you mean '--json'?\n")


def test_a_word_too_many_is_wrong_use(tmp_path: Path) -> None:
    ran = run(tmp_path, "check", "twice")
    assert (ran.code, ran.err) == (2, "unexpected 'twice'\n  hint: costper check --help\n")


def test_no_verb_is_wrong_use(tmp_path: Path) -> None:
    assert run(tmp_path).code == 2


def test_options_are_not_abbreviated(tmp_path: Path) -> None:
    assert run(tmp_path, "check", "--js").code == 2


def test_a_missing_settings_file_says_what_to_do(tmp_path: Path) -> None:
    ran = run(tmp_path, "check")
    assert ran.code == 2
    assert "`costper init` writes one" in ran.err
    assert run(tmp_path, "--config", "other.yaml", "check").err.startswith(
        str(tmp_path / "other.yaml")
    )


def test_global_options_stand_before_or_after_the_verb(tmp_path: Path) -> None:
    run(tmp_path, "init", "deep")
    for words in (
        ("--config", "deep/costper.yaml", "check"),
        ("check", "--config=deep/costper.yaml"),
    ):
        assert run(tmp_path, *words).code == 0


def test_the_settings_are_found_from_a_folder_below(tmp_path: Path) -> None:
    run(tmp_path, "init")
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert run(tmp_path / "a" / "b", "check").code == 0


def test_an_interrupt_is_130_and_quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(args: argparse.Namespace, context: Context) -> int:
        del args, context
        raise KeyboardInterrupt

    monkeypatch.setattr(init, "run", interrupted)
    ran = run(tmp_path, "init")
    assert (ran.code, ran.err) == (130, "")


def broken(args: argparse.Namespace, context: Context) -> int:
    """Fail as no verb should."""
    del args, context
    raise ZeroDivisionError("first line\nsecond line")


def test_a_fault_of_costper_is_one_line_and_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "run", broken)
    ran = run(tmp_path, "init")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "this is a fault in costper: ZeroDivisionError: first line",
        "  hint: please report it with what --traceback prints",
    ]


def test_a_fault_is_told_in_full_to_who_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "run", broken)
    for words in (("--traceback", "init"), ("init", "--traceback")):
        assert "Traceback (most recent call last)" in run(tmp_path, *words).err
    world = context(tmp_path, COSTPER_TRACEBACK="1")
    assert main.main(("init",), world) == 1
    assert isinstance(world.stderr, io.StringIO)
    assert "Traceback (most recent call last)" in world.stderr.getvalue()


def test_an_argument_that_is_no_text_is_wrong_use(tmp_path: Path) -> None:
    ran = run(tmp_path, "customer", "\udcff")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "'\\udcff' is not UTF-8\n  hint: type it in UTF-8\n"
    words = (*COSTPER, "customer", b"\xff")
    real_one = subprocess.run(words, capture_output=True, check=False, cwd=tmp_path)
    assert (real_one.returncode, b"Traceback" in real_one.stderr) == (2, False)


def test_every_verb_has_help_with_examples() -> None:
    for name, summary, module in VERBS:
        help_text = real(name, "--help").stdout
        assert f"costper {name}" in help_text, module
        assert "Examples:" in help_text, module
        assert summary[0].islower()


def test_the_help_of_everything_can_be_built() -> None:
    text = main.parser().format_help()
    assert all(f"    {name}" in text for name, _, _ in VERBS)


def test_help_imports_nothing_heavy() -> None:
    ran = subprocess.run((sys.executable, "-c", LIGHT), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "verbs:" in ran.stdout


def test_a_real_process_gives_the_exit_codes(tmp_path: Path) -> None:
    assert real("--version").stdout.startswith("costper ")
    wrong = real("nonsense", cwd=tmp_path)
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)
    assert real("init", cwd=tmp_path).returncode == 0
    (tmp_path / "costper.yaml").write_text("currency: USD\nallocation: [{rule: r, driver: evn}]\n")
    bad = real("check", cwd=tmp_path)
    assert bad.returncode == 1
    assert "costper.yaml:2: unknown driver 'evn'\n  hint: did you mean 'even'?" in bad.stdout


def test_a_closed_pipe_is_quiet() -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        (*COSTPER, "schema"), stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert ran.stderr == ""
    assert ran.returncode in {141, -signal.SIGPIPE}


def test_a_terminal_that_knows_no_arrows_gets_question_marks() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    words = (*COSTPER, "schema")
    ran = subprocess.run(words, capture_output=True, check=False, env=environment)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"target ? percent" in ran.stdout
