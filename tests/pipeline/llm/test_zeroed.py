"""Models that a bill left at nothing."""

from datetime import date
from pathlib import Path

from tests.calls import Call, at, tell
from tests.ledger import Ledger

from costper.config.llm import CallSettings, LlmSettings
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.ranked import ranked

START, END = date(2026, 10, 1), date(2026, 11, 1)


def test_calls_that_a_bill_left_at_nothing_are_told_with_their_model(tmp_path: Path) -> None:
    settings = LlmSettings(calls=CallSettings(invoices={"openai": "openai-bill"}))
    ledger = Ledger.at(tmp_path, llm=settings)
    day = at("2026-10-05")
    tell(
        ledger,
        [
            Call(at=day, model="gpt-5", cost="0.5", record="0.75"),
            Call(at=day, model="gpt-5-mini", feature="mail", cost="0.25", record="0"),
            Call(at=day, model="gpt-4o", cost="0"),
            Call(at=day, provider="house", model="llama", cost="0.25", record="0"),
        ],
    )
    frame = ledger.frame(since=START, until=END)
    (issue, *_) = ranked(frame, Chosen(), "feature").issues
    assert issue.code == "not_on_the_bill"
    assert issue.message.startswith("1 priced call of openai/gpt-5-mini cost 0.00")
    assert "costper reconcile" in issue.hint
    found = ranked(frame, Chosen(model="gpt-5"), "feature").issues
    assert "not_on_the_bill" not in {one.code for one in found}
    ledger.close()
