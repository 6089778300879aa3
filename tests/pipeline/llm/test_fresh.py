"""What an answer about calls says of its own age."""

from dataclasses import replace
from datetime import timedelta

from tests.calls import Call, tell
from tests.ledger import NOW, Ledger
from tests.pipeline.llm.test_why import october

from costper.pipeline.answer.frame import Standing
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.ranked import ranked


def test_an_answer_is_no_older_than_the_calls_it_counts(ledger: Ledger) -> None:
    ages = (timedelta(0), timedelta(minutes=3), timedelta(minutes=-9))
    tell(ledger, [Call(at=NOW - age) for age in ages])
    frame = replace(october(ledger), standing=Standing(as_of="2026-11-01T00:00:00Z"))
    assert ranked(frame, Chosen(), "feature").as_of == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    later = replace(frame, standing=Standing(as_of="2027-01-01T00:00:00Z"))
    assert ranked(later, Chosen(), "feature").as_of == "2027-01-01T00:00:00Z"
