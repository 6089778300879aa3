"""What pages may ask of the process that serves them: to begin again, and the sample company."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Making:
    """How far the sample company is: `line` is what was said last, or what went wrong."""

    state: Literal["none", "running", "failed"]
    line: str = ""


def _refused() -> str:
    return "this server was not started with `costper serve`; start it again yourself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosting:
    """What the process offers.

    `begin_again` reads costper.yaml again and serves what is then in it; it gives what is wrong
    with the file or those it names instead, or ''. `make_sample` starts making the sample company,
    which is served in place of these books once it is there; it gives what is in the way, such as
    books that are not empty. `making` says how far it is.
    """

    begin_again: Callable[[], str] = _refused
    make_sample: Callable[[], str] = _refused
    making: Callable[[], Making] = lambda: Making("none")
