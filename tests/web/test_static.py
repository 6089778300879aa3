"""The scripts and stylesheets: small, short, and nothing the policy of the pages would refuse."""

import re
from pathlib import Path

import pytest
from tests.charts.pictures import COLOURED
from tests.web.shown import NOW

from costper.charts.theme import stylesheet
from costper.web import assets
from costper.web.page import Seen
from costper.web.render import refused
from costper.web.script import one_script
from costper.web.url import Url

STATIC = Path(assets.__file__).parent / "static"
SCRIPTS = sorted(STATIC.glob("*.js"))
LINES = 400
SCRIPT_KB, SHEET_KB = 18, 7
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
    found = assets.read_assets()
    packed = {name: len(found.served[found.named[name]].packed) for name in found.named}
    assert packed[assets.APP] < SCRIPT_KB * 1024
    assert packed[assets.LOOKS] < SHEET_KB * 1024


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


def test_the_one_script_holds_every_module_once_and_imports_nothing() -> None:
    found = assets.read_assets()
    text = found.served[found.named[assets.APP]].body.decode()
    assert re.findall(r"^(?:import|export)\b", text, re.MULTILINE) == []
    for path in SCRIPTS:
        assert text.count(path.read_text("utf-8").splitlines()[0]) == 1, path.name


def test_a_module_stands_behind_those_it_imports() -> None:
    texts = {
        "a.js": 'import "./b.js";\nimport { c } from "./c-d.js";\nc();',
        "b.js": 'import { c } from "./c-d.js";',
        "c-d.js": "const own = 1;\nexport async function c() {}",
    }
    text = one_script(texts, "a.js")
    assert re.findall(r"^const (\w+) = \(", text, re.MULTILINE) == ["c_d_js", "b_js", "a_js"]
    assert "const own = 1;\nasync function c() {}\nreturn { c };" in text
    assert text.count("const { c } = c_d_js;") == 2


def test_pages_need_one_script_and_one_stylesheet() -> None:
    found = assets.read_assets()
    page = refused(None, Seen(url=Url("/"), now=NOW), {}, {"title": "Nothing here"}, found)
    needed = re.findall(r'<(?:script|link)[^>]* (?:href|src)="([^"]+)"', page)
    assert needed == [found.href(it) for it in (assets.MARK, assets.LOOKS, assets.APP)]
