"""Feeds the formula reader bytes that atheris makes up while it watches the code run."""

import sys

import atheris

WATCHED = ["costper.economics.formula", "lark"]

with atheris.instrument_imports(include=WATCHED):  # pyright: ignore[reportAttributeAccessIssue]
    from tests.economics.formula.test_fuzz import read_fully


def one_input(data: bytes) -> None:
    """Read one made-up text."""
    read_fully(data.decode("utf-8", errors="surrogateescape"))


def main() -> None:
    """Fuzz until the time given on the command line is over."""
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
