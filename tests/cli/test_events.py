"""`costper events send`: files of calls into the books, told by file and line."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.world import run

from costper.store.books import open_books

GOOD: dict[str, Any] = {
    "provider": "openai",
    "model": "gpt-4o",
    "inputTokens": 100,
    "outputTokens": 10,
    "timestamp": "2026-11-19T10:00:00Z",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "costper.yaml").write_text("organisation: Shop\ncurrency: USD\n")
    return tmp_path


def event(number: int, **others: object) -> str:
    return json.dumps({**GOOD, "externalRequestId": f"r-{number}", **others})


def calls(shop: Path) -> list[str]:
    """Give the ids of the calls the books hold."""
    from datetime import UTC, datetime

    from costper.config.load import load_settings

    path = shop / "costper.yaml"
    found = load_settings(path, catalogue={}, drivers=("even",), environment={})
    books = open_books(found, now=datetime(2026, 11, 21, tzinfo=UTC))
    try:
        rows = books.marts.query("SELECT call_id FROM calls ORDER BY call_id").to_pylist()
    finally:
        books.close()
    return [row["call_id"] for row in rows]


def test_lines_an_array_and_one_object_are_sent_packed_or_not(shop: Path) -> None:
    (shop / "lines.ndjson").write_text(f"{event(1)}\n\n{event(2)}\n")
    (shop / "array.json").write_text(f"[{event(3)},\n {event(4)}]")
    (shop / "one.json").write_text(json.dumps(json.loads(event(5)), indent=2))
    (shop / "packed.json.gz").write_bytes(gzip.compress(event(6).encode(), mtime=0))
    (shop / "empty.json").write_text("")
    names = ["lines.ndjson", "array.json", "one.json", "packed.json.gz", "empty.json"]
    ran = run(shop, "events", "send", *names)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "lines.ndjson: 2 accepted, 0 refused",
        "array.json: 2 accepted, 0 refused",
        "one.json: 1 accepted, 0 refused",
        "packed.json.gz: 1 accepted, 0 refused",
        "empty.json: 0 accepted, 0 refused",
        "all 5 files: 6 accepted, 0 refused",
    ]
    assert calls(shop) == [f"r-{number}" for number in range(1, 7)]


def test_what_is_refused_is_told_by_file_and_line_and_the_rest_is_kept(shop: Path) -> None:
    bad = event(2, inputTokens=-1)
    (shop / "lines.ndjson").write_text(f"{event(1)}\n\n{bad}\nnope\n{event(3)}\n")
    (shop / "array.json").write_text(f"[{event(4)}, {event(5, dataMode='prod')}]")
    ran = run(shop, "events", "send", "lines.ndjson", "array.json")
    assert ran.code == 1
    assert "lines.ndjson:3: inputTokens is less than 0" in ran.err
    assert "lines.ndjson:4: " in ran.err
    assert "array.json:event 2: unknown dataMode 'prod'\n  hint: " in ran.err
    assert ran.out.splitlines()[-1] == "all 2 files: 3 accepted, 3 refused"
    assert calls(shop) == ["r-1", "r-3", "r-4"]


def test_a_warning_is_called_one_and_counted_apart_from_what_is_refused(shop: Path) -> None:
    (shop / "bad.json").write_text(
        f"[{event(1, foo=1)}, {event(2, foo=2)}, {event(3, inputTokens=-1)}]"
    )
    (shop / "good.json").write_text(event(4))
    ran = run(shop, "events", "send", "bad.json", "good.json")
    assert ran.code == 1
    told = "bad.json:event 1: warning: unknown field 'foo'; it is not kept (2 events)"
    assert ran.err.splitlines() == ["bad.json:event 3: inputTokens is less than 0", told]
    assert ran.out.splitlines() == [
        "bad.json: 2 accepted, 1 refused, 2 warnings",
        "good.json: 1 accepted, 0 refused",
        "all 2 files: 3 accepted, 1 refused, 2 warnings",
    ]
    (shop / "odd.json").write_text(event(5, foo=1))
    ran = run(shop, "events", "send", "odd.json")
    assert (ran.code, ran.out) == (0, "odd.json: 1 accepted, 0 refused, 1 warning\n")


def test_sending_a_file_again_changes_nothing(shop: Path) -> None:
    (shop / "lines.ndjson").write_text(f"{event(1)}\n{event(2)}\n")
    for _ in range(2):
        assert run(shop, "events", "send", "lines.ndjson").code == 0
    assert calls(shop) == ["r-1", "r-2"]


def test_ids_that_were_known_already_are_counted(shop: Path) -> None:
    (shop / "first.ndjson").write_text(f"{event(1)}\n{event(2)}\n")
    (shop / "more.ndjson").write_text(f"{event(2)}\n{event(3)}\n{event(3)}\n{event(4)}\n")
    ran = run(shop, "events", "send", "first.ndjson", "more.ndjson")
    assert ran.out.splitlines() == [
        "first.ndjson: 2 accepted, 0 refused",
        "more.ndjson: 4 accepted (2 known already), 0 refused",
        "all 2 files: 6 accepted (2 known already), 0 refused",
    ]
    ran = run(shop, "events", "send", "more.ndjson")
    assert ran.out == "more.ndjson: 4 accepted (4 known already), 0 refused\n"


def test_two_that_send_at_once_take_turns_and_nothing_is_lost_or_counted_twice(shop: Path) -> None:
    for name, numbers in (("a", range(3_000)), ("b", range(1_500, 4_500))):
        (shop / f"{name}.ndjson").write_text("\n".join(map(event, numbers)))
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "costper", "events", "send", f"{name}.ndjson"],
            cwd=shop,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b")
    ]
    told = [one.communicate() for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    out = "".join(out for out, _ in told)
    assert out.count("3,000 accepted") == 2
    assert out.count("(1,500 known already)") == 1
    assert len(calls(shop)) == 4_500


def test_the_standard_input_is_sent_too(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    piped = io.TextIOWrapper(io.BytesIO(f"{event(1)}\nnope\n".encode()))
    monkeypatch.setattr(sys, "stdin", piped)
    ran = run(shop, "events", "send", "-")
    assert (ran.code, ran.out) == (1, "-: 1 accepted, 1 refused\n")
    assert ran.err.startswith("-:2: ")
    assert calls(shop) == ["r-1"]


def test_what_litellm_logs_is_sent_as_such(shop: Path) -> None:
    said = {
        "id": "chat-1",
        "custom_llm_provider": "openai",
        "model": "gpt-4o",
        "prompt_tokens": 5,
        "completion_tokens": 7,
        "startTime": 1_795_000_000.5,
        "status": "success",
    }
    (shop / "spend.jsonl").write_text(json.dumps(said))
    ran = run(shop, "events", "send", "--format", "litellm", "spend.jsonl")
    assert (ran.code, calls(shop)) == (0, ["openai:chat-1"])


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("none.json", None, "none.json: cannot be read: No such file"),
        ("cut.gz", gzip.compress(b"{}" * 99, mtime=0)[:-9], "cut.gz: cannot be read: "),
        ("cut.json", b'[{"provider": "openai"', "cut.json: the body is no JSON"),
        ("a.txt", b"hello\n", "a.txt:1: the body is no JSON"),
    ],
)
def test_a_file_nothing_can_be_read_from_is_wrong_use(
    shop: Path, name: str, body: bytes | None, told: str
) -> None:
    if body is not None:
        (shop / name).write_bytes(body)
    ran = run(shop, "events", "send", name)
    assert (ran.code, told in ran.err) == (2, True), ran.err
