"""What the spool writes down, and lets go of again."""

import sys

from costper.events.event import Event
from costper.pipeline.calls.told import batches_of, lines_of


def test_events_that_are_written_down_are_let_go_of() -> None:
    name = repr(object())  # a text nobody else holds
    before = sys.getrefcount(name)
    events = [Event(external_request_id=name, timestamp=1) for _ in range(10)]
    (batch,) = batches_of(events, 1, 0)
    del events
    assert sys.getrefcount(name) == before
    assert bytes(lines_of(batch)).count(b"\n") == 10
