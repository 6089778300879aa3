"""The scripts and stylesheets: small, short, and nothing the policy of the pages would refuse."""

import gzip
import re
from pathlib import Path

import pytest
from tests.charts.pictures import COLOURED
from tests.web.shown import NOW

from costper.charts.theme import stylesheet
from costper.web import assets
from costper.web.page import Seen
from costper.web.render import refused
from costper.web.url import Url

STATIC = Path(assets.__file__).parent / "static"
SCRIPTS = sorted(STATIC.glob("*.js"))
LINES = 400
SCRIPTS_KB, SHEETS_KB = 24, 12
REFUSED = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    r"|setAttribute\(\"(?:style|on)"
)
IMPORT = re.compile(r'from "\./([a-z-]+\.js)"|import "\./([a-z-]+\.js)"')
each_script = pytest.mark.parametrize("path", SCRIPTS, ids=lambda it: it.name)


@each_script
def test_a_script_opens_with_what_it_is_for_and_is_short(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert lines[0].startswith("// ")
    assert lines[0].endswith(".")
    assert len(lines) <= LINES


@each_script
def test_no_script_makes_markup_out_of_text(path: Path) -> None:
    assert REFUSED.findall(path.read_text("utf-8")) == []


@each_script
def test_scripts_are_imported_by_plain_names_that_are_there(path: Path) -> None:
    text = path.read_text("utf-8")
    named = [one or other for one, other in IMPORT.findall(text)]
    assert len(named) == len(re.findall(r"^import\b", text, re.MULTILINE))
    assert [it for it in named if not (STATIC / it).exists()] == []


def test_all_scripts_and_stylesheets_are_small_on_the_wire() -> None:
    packed = {
        kind: sum(
            len(gzip.compress(it.read_bytes(), 9, mtime=0)) for it in STATIC.glob(f"*.{kind}")
        )
        for kind in ("js", "css")
    }
    assert packed["js"] < SCRIPTS_KB * 1024
    assert packed["css"] < SHEETS_KB * 1024


def test_every_variable_of_the_charts_a_stylesheet_uses_is_given() -> None:
    given = set(re.findall(r"(--chart-[a-z0-9-]+):", stylesheet()))
    for path in STATIC.glob("*.css"):
        used = set(re.findall(r"var\((--chart-[a-z0-9-]+)", path.read_text("utf-8")))
        assert used <= given, path.name


def test_every_class_scripts_give_has_a_rule() -> None:
    rules = stylesheet() + "".join(it.read_text("utf-8") for it in STATIC.glob("*.css"))
    given = {
        name
        for path in SCRIPTS
        for words in re.findall(r'(?:class: |className = |, )[`"](c-[^`"$]*)', path.read_text())
        for name in COLOURED.findall(words)
        if not name.endswith("-")
    }
    assert {it for it in given if f".{it}" not in rules} == set()


def test_pages_name_every_module_of_their_script_so_that_a_slow_line_waits_once() -> None:
    found = assets.read_assets()
    texts = (path.read_text("utf-8") for path in SCRIPTS)
    imported = {it for text in texts for pair in IMPORT.findall(text) for it in pair}
    assert sorted(found.modules) == sorted(imported - {""})
    page = refused(None, Seen(url=Url("/"), now=NOW), {}, {"title": "Nothing here"}, found)
    preloads = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)
    assert preloads == [found.href(name) for name in found.modules]
