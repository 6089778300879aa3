"""From nothing to settings that check: init, connect, check, doctor."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

from tests.cli.world import run
from tests.ledger import NOW

from costper.cli.check import print_issues
from costper.cli.context import Context
from costper.cli.doctor import lock_holder
from costper.model.outcome import Issue
from costper.sources import SOURCES

HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_what_init_writes_checks_at_once(tmp_path: Path) -> None:
    ran = run(tmp_path, "init")
    assert ran.code == 0
    assert "next:" in ran.out
    checked = run(tmp_path, "check")
    assert (checked.code, checked.err) == (0, "")
    assert "costper.yaml: 0 sources, 4 dimensions, 1 rule\n" in checked.out
    assert "info: costper.yaml: no source is declared" in checked.out
    assert "0 errors, 0 warnings, 1 info\n" in checked.out


def test_a_sync_of_what_init_writes_fails_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    run(tmp_path, "init")
    synced = run(tmp_path, "sync")
    assert synced.code == 0
    assert "info: costper.yaml: no source is declared" in synced.err
    assert "connect TYPE --write" in synced.err
    checked = run(tmp_path, "check")
    assert (checked.code, "books: checked" in checked.out) == (0, True)


def test_the_bill_init_writes_is_right_without_its_sign(tmp_path: Path) -> None:
    run(tmp_path, "init")
    path = tmp_path / "costper.yaml"
    path.write_text(path.read_text().replace("  # bill: ", "  bill: "))
    checked = run(tmp_path, "check")
    assert "warning: costper.yaml:18: bill: no file matches 'bills/*.csv'" in checked.out
    missing = run(tmp_path, "sync")
    assert missing.code != 0
    assert "or take the source out of costper.yaml" in missing.out + missing.err


def test_what_init_writes_serves_llm_calls_alone(tmp_path: Path) -> None:
    assert "say `llm: {}`" in run(tmp_path, "init").out
    path = tmp_path / "costper.yaml"
    path.write_text(path.read_text() + "\nllm: {}\n")
    checked = run(tmp_path, "check")
    assert "0 sources, 4 dimensions, 1 rule" in checked.out
    assert "no source is declared" not in checked.out
    assert run(tmp_path, "sync").code == 0


def test_the_llm_section_init_writes_is_right_without_its_signs(tmp_path: Path) -> None:
    run(tmp_path, "init")
    path = tmp_path / "costper.yaml"
    before, section, rest = path.read_text().partition("# llm:\n")
    own, gap, after = rest.partition("\n\n")
    assert section
    assert gap
    before = before.replace("  # bill: ", "  bill: ")
    path.write_text(before + "llm:\n" + own.replace("#   ", "  ") + gap + after)
    checked = run(tmp_path, "check")
    assert checked.code == 0, checked.out + checked.err
    assert "unknown" not in checked.out


def test_check_tells_of_a_path_that_leads_to_no_file(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    text = """organisation: Acme
currency: USD
sources:
  bill: {type: focus_file, path: [bills/*.csv, "s3://acme/bills"]}
  azure: {type: azure_cost, actual: azure.csv}
  google: {type: gcp_billing, path: empty}
"""
    (tmp_path / "costper.yaml").write_text(text)
    checked = run(tmp_path, "check")
    assert checked.code == 0
    assert "warning: costper.yaml:4: bill: no file matches 'bills/*.csv'" in checked.out
    assert "warning: costper.yaml:5: azure: file 'azure.csv' is missing" in checked.out
    assert "warning: costper.yaml:6: google: nothing to read in empty" in checked.out
    assert "\n0 errors, 3 warnings\n" in checked.out
    (tmp_path / "bills").mkdir()
    (tmp_path / "bills" / "may.csv").write_text("")
    (tmp_path / "empty" / "may.csv").write_text("")
    assert "0 errors, 1 warning\n" in run(tmp_path, "check").out


def test_infos_are_counted_apart_from_warnings(tmp_path: Path) -> None:
    issues = [Issue(code="x", message="m", severity=grade) for grade in ("warning", "info", "info")]
    out = StringIO()
    context = Context(now=NOW, environment={}, stdout=out, stderr=out, cwd=tmp_path)
    print_issues(issues, (), context)
    assert "0 errors, 1 warning, 2 infos\n" in out.getvalue()


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "costper.yaml").write_text("currency: EUR\n")
    ran = run(tmp_path, "init")
    assert ran.code == 2
    assert ran.err.startswith(f"{tmp_path / 'costper.yaml'}: there is one already\n  hint: ")
    assert (tmp_path / "costper.yaml").read_text() == "currency: EUR\n"


def test_init_into_a_place_that_is_a_file_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert run(tmp_path, "init", "file").code == 2


def test_check_tells_all_issues_as_text_and_as_json(tmp_path: Path) -> None:
    text = "currency: USD\nsoruces: {}\nallocation: [{rule: r, driver: evn}]\n"
    (tmp_path / "costper.yaml").write_text(text)
    ran = run(tmp_path, "check")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == (
        "costper.yaml:2: unknown key 'soruces'\n  hint: did you mean 'sources'?\n"
        "costper.yaml:3: unknown driver 'evn'\n  hint: did you mean 'even'?\n"
        "2 errors, 0 warnings\n"
    )
    told = json.loads(run(tmp_path, "check", "--json").out)
    assert [issue["where"] for issue in told] == ["costper.yaml:2", "costper.yaml:3"]


def test_connect_lists_every_type(tmp_path: Path) -> None:
    ran = run(tmp_path, "connect")
    assert [line.split()[0] for line in ran.out.splitlines()] == [one.name for one in SOURCES]


def test_every_type_can_be_written_into_what_init_wrote(tmp_path: Path) -> None:
    run(tmp_path, "init")
    for one in SOURCES:
        if one.kind in {"bill", "measurements"}:
            name = f"{one.kind}-{one.name}"
            words = ("connect", one.name, "--kind", one.kind, "--name", name, "--write")
            assert run(tmp_path, *words).code == 0
    text = (tmp_path / "costper.yaml").read_text()
    told = run(tmp_path, "check").out
    assert "not valid YAML" not in told
    assert "unknown" not in told
    assert all(f"  bill-{one.name}:\n" in text for one in SOURCES if one.kind == "bill")
    assert "# The words cost is asked by." in text


def test_connect_keeps_to_the_indentation_it_finds(tmp_path: Path) -> None:
    path = tmp_path / "costper.yaml"
    path.write_text("currency: USD\nsources:\n    bill: {type: focus_file, path: a.csv}\n")
    assert run(tmp_path, "connect", "focus_file", "--name", "two", "--write").code == 0
    assert run(tmp_path, "check").code == 0
    assert "\n    two:\n" in path.read_text()


def test_connect_changes_nothing_it_does_not_understand(tmp_path: Path) -> None:
    path = tmp_path / "costper.yaml"
    text = "currency: USD\nsources: {bill: {type: focus_file, path: a.csv}}\n"
    path.write_text(text)
    ran = run(tmp_path, "connect", "focus_file", "--name", "two", "--write")
    assert (ran.code, path.read_text()) == (2, text)
    assert "add the block by hand" in ran.err
    twice = run(tmp_path, "connect", "focus_file", "--name", "bill", "--write")
    assert "'bill' is there already" in twice.err


def test_connect_begins_the_section_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "costper.yaml").write_text("currency: USD")
    assert run(tmp_path, "connect", "focus_file", "--write").code == 0
    assert "\ncostper.yaml: 1 source" in run(tmp_path, "check").out


def test_customers_and_rates_are_sections_of_their_own(tmp_path: Path) -> None:
    run(tmp_path, "init")
    for one in SOURCES:
        if one.kind in {"customers", "rates"} and one.name == "csv":
            words = ("connect", "csv", "--kind", one.kind, "--write")
            assert run(tmp_path, *words).code == 0
            assert run(tmp_path, *words).code == 2
    assert "unknown" not in run(tmp_path, "check").out


def test_connect_suggests_the_type_that_was_meant(tmp_path: Path) -> None:
    ran = run(tmp_path, "connect", "focus_fil")
    assert "did you mean 'focus_file'?" in ran.err
    assert run(tmp_path, "connect", "focus_file", "--name", "No Name").code == 2


def test_doctor_says_what_it_finds(tmp_path: Path) -> None:
    run(tmp_path, "init")
    ran = run(tmp_path, "doctor")
    assert ran.code == 0
    assert "duckdb" in ran.out
    assert "(not made yet)" in ran.out


def test_doctor_goes_on_without_settings(tmp_path: Path) -> None:
    ran = run(tmp_path, "doctor")
    assert ran.code == 1
    assert "! settings" in ran.out
    assert "`costper init` writes one" in ran.out


def test_doctor_finds_an_open_pepper_and_a_stale_socket(tmp_path: Path) -> None:
    run(tmp_path, "init")
    store = tmp_path / ".costper"
    store.mkdir()
    (store / "pepper").write_text("x")
    (store / "pepper").chmod(0o644)
    (store / "serve.sock").write_text("")
    ran = run(tmp_path, "doctor", "--json")
    found = {one["subject"]: one["problem"] for one in json.loads(ran.out)}
    assert ran.code == 1
    assert found["pepper"] == f"chmod 600 {store / 'pepper'}"
    assert found["server"] == f"remove {store / 'serve.sock'}"


def test_doctor_names_the_process_that_holds_the_books(tmp_path: Path) -> None:
    path = tmp_path / "books.duckdb"
    path.write_bytes(b"x")
    assert lock_holder(path) == 0
    with subprocess.Popen(
        (sys.executable, "-c", HOLDER, str(path)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert lock_holder(path) == holder.pid
        holder.communicate()
