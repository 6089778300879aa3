"""CSV and Parquet files become parts without a changed digit, and bad files change nothing."""

import csv
import gzip
import hashlib
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sources.reading import raw_rows

from costper.sources import csv_stage
from costper.sources.paths import Found
from costper.sources.tabular import columns_of, open_sheets

CELLS = st.text(
    alphabet=st.sampled_from("\",;\n\r\t \\'{}ä€\u200b😀")
    | st.characters(exclude_categories=["Cs", "Cc"]),
    max_size=12,
)
"""Any text; control characters other than tab and line ends do not occur in bills."""


def found(path: Path, content: str | bytes) -> Found:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Found(path, path.name)


def written(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return out.getvalue()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_any_text_in_any_cell_survives_with_its_row_number(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    file = found(folder / "a.csv", written([["x", "y", "z"], *rows]))
    opened = open_sheets([file], folder)
    assert opened.issues == ()
    numbered = [(n, *row) for n, row in enumerate(rows, start=2) if any(row)]
    assert raw_rows([opened.items[0].part], "_row, x, y, z") == numbered
    assert opened.items[0].part.rows == len(numbered)


def test_the_hash_is_that_of_the_bytes_as_they_lie(tmp_path: Path, work: Path) -> None:
    for content in (b"a,b\n1,2\n", gzip.compress(b"a,b\n1,2\n", mtime=0) + b"\0" * 7):
        file = found(tmp_path / "x.csv", content)
        [sheet] = open_sheets([file], work).items
        assert sheet.part.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", b"a,b\n1,2\n"),
        ("marked.csv", b"\xef\xbb\xbfa,b\r\n1,2\r\n"),
        ("zipped.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)),
        ("two-members.csv.gz", gzip.compress(b"a,b\n", mtime=0) + gzip.compress(b"1,2\n", mtime=0)),
        ("gz-by-name-only.csv.gz", b"a,b\n1,2\n"),
        ("gz-without-the-name.csv", gzip.compress(b"a,b\n1,2\n", mtime=0)),
        ("tabs.tsv", b"a\tb\n1\t2\n"),
        ("no-last-line-end.csv", b"a,b\n1,2"),
        ("spaces-in-header.csv", b" a ,b \n1,2\n"),
    ],
)
def test_the_same_table_in_every_dress(
    tmp_path: Path, work: Path, name: str, content: bytes
) -> None:
    opened = open_sheets([found(tmp_path / name, content)], work)
    assert [issue for issue in opened.issues if issue.severity == "error"] == []
    assert [column.header for column in opened.items[0].columns] == ["a", "b"]
    assert raw_rows([opened.items[0].part], "_row, a, b") == [(2, "1", "2")]


def test_a_row_with_the_wrong_number_of_cells_is_told_and_the_rest_go_on(
    tmp_path: Path, work: Path
) -> None:
    text = 'a,b\n1,"x\ny"\n\n3\n4,5\n\n,\n6,7,8\n9,9\n'
    opened = open_sheets([found(tmp_path / "b.csv", text)], work)
    assert [(issue.code, issue.where) for issue in opened.issues] == [
        ("bad_row", "b.csv:4"),
        ("bad_row", "b.csv:8"),
    ]
    assert raw_rows([opened.items[0].part], "_row, a, b") == [
        (2, "1", "x\ny"),
        (5, "4", "5"),
        (9, "9", "9"),
    ]
    assert opened.items[0].part.rows == 3


def test_a_thousand_bad_rows_make_few_issues(tmp_path: Path, work: Path) -> None:
    text = "a,b\n1,2\n" + "3\n" * 1000 + "4,5\n"
    opened = open_sheets([found(tmp_path / "b.csv", text)], work)
    assert len(opened.issues) == csv_stage.SHOWN + 1
    assert sum(issue.count for issue in opened.issues) == 1000
    assert raw_rows([opened.items[0].part], "_row") == [(2,), (1003,)]


def test_row_numbers_hold_across_blocks(
    tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_stage, "SMALL_BLOCK", 4096)
    lines = [f"{n},{'x' * (n % 50)}" if n % 97 else "bad" for n in range(2, 5000)]
    opened = open_sheets([found(tmp_path / "b.csv", "n,x\n" + "\n".join(lines) + "\n")], work)
    rows = raw_rows([opened.items[0].part], "_row, n")
    assert all(str(row) == n for row, n in rows)
    assert len(rows) == sum(1 for n in range(2, 5000) if n % 97)


def test_a_cell_of_ten_megabytes_is_read(tmp_path: Path, work: Path) -> None:
    big = "x" * 10_000_000
    text = f'a,b\n1,"{big}"\n' + f"2,{big}{big}\n" + "3,4\n"
    opened = open_sheets([found(tmp_path / "big.csv", text)], work)
    assert opened.issues == ()
    assert raw_rows([opened.items[0].part], "_row, length(b)") == [
        (2, 10_000_000),
        (3, 20_000_000),
        (4, 1),
    ]


WHOLE = 'a,b,c\n1,"x, ""y""",3\n4,5,"six"\n7,8,"nine"\n'


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cut.csv.gz", gzip.compress(WHOLE.encode() * 99, mtime=0)[:-20], "gzip data is cut off"),
        ("broken.csv.gz", b"\x1f\x8b\x08\x00" + b"\x07" * 40, "gzip data is cut off"),
        ("half.csv", WHOLE[:-9], "middle of a row"),
        ("half-in-quotes.csv", WHOLE[:-4], "inside a quoted cell"),
        ("swallowed.csv", 'a,b\n1,"2\n3,4\n5,6\n', "inside a quoted cell"),
        ("swallowed-middle.csv", 'a,b,c\n1,"2\n3,4\n5,6\n', "middle of a row"),
        ("latin.csv", "a,b\nä,1\n".encode("latin-1"), "UTF8"),
        ("wide.csv", "a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n  \n", "empty"),
        ("shifted.csv", "a,bc\n1,2,3\n4,5,6\n", "no row has as many"),
        ("half.parquet", b"PAR1" + b"\0" * 64, "Parquet file is cut off"),
        ("text.parquet", b"a,b\n1,2\n", "not a Parquet file"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_one_issue_and_no_sheet(
    tmp_path: Path, work: Path, name: str, content: str | bytes, says: str
) -> None:
    opened = open_sheets([found(tmp_path / name, content)], work)
    assert opened.items == ()
    [issue] = opened.issues
    assert (issue.code, issue.severity) == ("unreadable_file", "error")
    assert says in issue.message
    assert issue.where.startswith(name)


def test_an_archive_is_not_a_table(tmp_path: Path, work: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bill.csv", "w") as archive:
        archive.writestr("bill.csv", "a\n1\n")
    [issue] = open_sheets([Found(tmp_path / "bill.csv", "bill.csv")], work).issues
    assert "zip archive" in issue.message


def test_a_bad_file_names_the_row_it_broke_in(tmp_path: Path, work: Path) -> None:
    [issue] = open_sheets([found(tmp_path / "h.csv", WHOLE[:-9])], work).issues
    assert issue.where == "h.csv:4"


def test_a_quote_inside_a_plain_cell_is_text(tmp_path: Path, work: Path) -> None:
    text = 'a,b\n5" disk,1\n6,7" tape\n'
    opened = open_sheets([found(tmp_path / "q.csv", text)], work)
    assert opened.issues == ()
    assert raw_rows([opened.items[0].part], "a, b") == [('5" disk', "1"), ("6", '7" tape')]
    odd = open_sheets([found(tmp_path / "q.csv", 'a,b\n1,7" tape\n')], work)
    assert raw_rows([odd.items[0].part], "a, b") == [("1", '7" tape')]


def test_headers_that_differ_only_by_case_stay_apart_in_every_file(
    tmp_path: Path, work: Path
) -> None:
    one = found(tmp_path / "1.csv", "tag_A,tag_a,x\n1,2,3\n")
    two = found(tmp_path / "2.csv", "x,tag_a\n6,5\n")
    opened = open_sheets([one, two], work)
    columns = columns_of(opened.items)
    assert [(c.header, c.name) for c in columns] == [
        ("tag_A", "tag_A"),
        ("tag_a", "tag_a__2"),
        ("x", "x"),
    ]
    parts = [sheet.part for sheet in opened.items]
    assert raw_rows(parts, '"tag_A", "tag_a__2", x') == [("1", "2", "3"), (None, "5", "6")]


def test_a_header_may_be_anything(tmp_path: Path, work: Path) -> None:
    headers = ["'; DROP TABLE charges; --", 'a"b', "", "x" * 300, "line\nend", "_row", "_file"]
    opened = open_sheets([found(tmp_path / "h.csv", written([headers, list("1234567")]))], work)
    assert opened.issues == ()
    columns = opened.items[0].columns
    assert [c.header for c in columns] == [*headers[:2], "column_3", *headers[3:]]
    names = ", ".join('"' + c.name.replace('"', '""') + '"' for c in columns)
    assert raw_rows([opened.items[0].part], names) == [tuple("1234567")]


def test_a_parquet_file_is_used_where_it_lies(tmp_path: Path, work: Path) -> None:
    table = pa.table(
        {
            "cost": pa.array([Decimal("0.1")], pa.decimal128(38, 10)),
            "shown": pa.array([0.1], pa.float64()),
            "tags": pa.array([[("k", "v")]], pa.map_(pa.string(), pa.string())),
        }
    )
    pq.write_table(table, tmp_path / "p.parquet")
    [sheet] = open_sheets([Found(tmp_path / "p.parquet", "p.parquet")], work).items
    assert sheet.part.path == str(tmp_path / "p.parquet")
    assert (sheet.part.rows, sheet.part.row_column) == (1, "")
    assert [c.sql_type for c in sheet.columns] == [
        "DECIMAL(38,10)",
        "DOUBLE",
        "MAP(VARCHAR, VARCHAR)",
    ]


def test_parquet_columns_that_differ_only_by_case_are_renamed(tmp_path: Path, work: Path) -> None:
    table = pa.table([pa.array([1, 2]), pa.array([3, 4])], names=["tag", "TAG"])
    pq.write_table(table, tmp_path / "p.parquet")
    [sheet] = open_sheets([Found(tmp_path / "p.parquet", "p.parquet")], work).items
    assert raw_rows([sheet.part], "_row, tag, TAG__2") == [(1, 1, 3), (2, 2, 4)]


def test_files_that_type_a_column_differently_agree_on_text(tmp_path: Path, work: Path) -> None:
    exact = pa.array([Decimal("12345678901234567.000000000000000000001")], pa.decimal128(38, 21))
    pq.write_table(pa.table({"cost": exact}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"cost": pa.array([0.1])}), tmp_path / "b.parquet")
    files = [Found(tmp_path / name, name) for name in ("a.parquet", "b.parquet")]
    opened = open_sheets([*files, found(tmp_path / "c.csv", "cost\n7.50\n")], work)
    assert raw_rows([sheet.part for sheet in opened.items], "cost") == [
        ("12345678901234567.000000000000000000001",),
        ("0.1",),
        ("7.50",),
    ]


def test_it_is_told_how_far_a_long_file_is_read(
    tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("costper.sources.csv_stage.TOLD_ROWS", 2)
    monkeypatch.setattr("costper.sources.csv_stage.SMALL_BLOCK", 16)
    told: list[str] = []
    text = "n,x\n" + "\n".join(f"{n},some words" for n in range(5)) + "\n"
    open_sheets([found(tmp_path / "b.csv", text)], work, progress=told.append)
    assert told == ["b.csv: 2 rows read", "b.csv: 4 rows read"]
