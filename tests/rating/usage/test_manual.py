"""What the manual shows of usage readers is true, and says all there is."""

import doctest
import re
from pathlib import Path

import pytest

from costper.rating.usage import WIRES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "manual" / "usage-readers.md"
SOURCES = Path(__file__).resolve().parents[3] / "src" / "costper" / "rating" / "usage"
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)
CODE = re.compile(r'(?:add|note)\(\s*"([a-z_]+)"')


def test_the_examples_of_the_page_work() -> None:
    text = "\n".join(EXAMPLE.findall(PAGE.read_text("utf-8")))
    examples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    results = doctest.DocTestRunner().run(examples)
    assert (results.failed, results.attempted > 15) == (0, True)


@pytest.mark.parametrize("wire", list(WIRES))
def test_the_page_names_every_wire(wire: str) -> None:
    assert f"`{wire}`" in PAGE.read_text("utf-8")


def test_the_page_names_every_issue() -> None:
    found = {
        code for path in SOURCES.glob("*.py") for code in CODE.findall(path.read_text("utf-8"))
    }
    page = PAGE.read_text("utf-8")
    assert len(found) > 9
    assert {code for code in found if f"`{code}`" not in page} == set()
