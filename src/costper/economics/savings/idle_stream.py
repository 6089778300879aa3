"""Streams whose shards are charged by the hour while nothing is put into them.

AWS charges every shard of a Kinesis stream by the hour (Storage-ShardHour) and each put beside
that (PutRequestPayloadUnits), under the same stream. One that is there on at least 7 days of the
period without a put is a candidate.

    Storage-ShardHour        arn:…:stream/clicks-old   24 h a day
    PutRequestPayloadUnits   no line
"""

from __future__ import annotations

from costper.economics.savings.base import Meter, Rule, unused

SHARDS = Meter(name="stream_shards", usage=r"(^|-)Storage-ShardHour$")
PUTS = Meter(name="stream_puts", usage=r"(^|-)PutRequestPayloadUnits$")

IDLE_STREAM = Rule(
    name="idle_stream",
    kind="idle_candidate",
    what="candidate: stream nothing is put into",
    next_step="delete the stream, or give it fewer shards",
    confidence="measured",
    meters=(SHARDS, PUTS),
    find=lambda bill: unused(bill, SHARDS, (PUTS,)),
)
