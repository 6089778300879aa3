"""openai_realtime: conversations over OpenAI's and Azure's realtime connections.

What it reads: the events of one connection, or one `response.done` alone.

    {"type": "response.done", "response": {"id": "resp_1", "status": "completed", "usage": {
        "input_tokens": 616, "output_tokens": 24, "total_tokens": 640,
        "input_token_details": {"text_tokens": 116, "audio_tokens": 500, "cached_tokens": 320,
                                "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 256}},
        "output_token_details": {"text_tokens": 9, "audio_tokens": 15}}}}

Each response is a line of its own, part `response`. Its input is the whole conversation so far,
so the input of one connection grows with the square of its turns: that is what is billed.

| in a line | from |
|---|---|
| input, output | `input_tokens`, `output_tokens` |
| cache read | `cached_tokens` |
| audio, images | `audio_tokens`, `image_tokens` less what of them was read from the cache |
| cached audio | a line of its own, part `cached_audio`: it has a price of its own |
| model | the session's (`session.created`, `session.updated`); '' in a single event |

The transcript of what the user said is made by another model: a line of part `transcription` with
the session's transcription model, or an issue `uncounted` where it is billed by the second.
A connection cut in the middle of a response is not finished; the responses that ended are exact.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from costper.model.call import Line, Reading
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import cached_audio_apart, check_total, checked
from costper.rating.usage.openai_audio import audio_line, heard_for
from costper.rating.usage.values import count, label, node, nodes, says, text

HEARD = "conversation.item.input_audio_transcription.completed"
TOKENS = ("input_tokens", "output_tokens")
TURNS = "turns"
MOST_TURNS = 10_000


def turn_of(event: Node) -> Node | None:
    """Give what an event tells of usage: the turn's kind, id and usage; None for most events."""
    kind = event.get("type")
    if kind == HEARD:
        return {"part": "transcription", "usage": event.get("usage")}
    response = node(event.get("response")) if kind == "response.done" else event
    if kind == "response.done" or event.get("object") == "realtime.response":
        said = {key: response.get(key) for key in ("id", "model", "usage")}
        return {"part": "response", **said}
    return None


def turn_lines(turn: Node, model: str, doubts: Doubts) -> tuple[Line, ...]:
    """Read one turn; what it read from the cache counts as that only, audio in its own line."""
    usage = node(turn.get("usage"))
    if heard_for(usage, doubts) or not says(usage, *TOKENS):
        return ()
    sent = node(usage.get("input_token_details"))
    cached = node(sent.get("cached_tokens_details"))
    line = audio_line(usage, doubts, text(turn, "model", doubts) or model)
    check_total(usage, "total_tokens", line.input_tokens + line.output_tokens, doubts)
    fresh = replace(
        line,
        part=text(turn, "part", doubts),
        cache_read_tokens=count(sent, "cached_tokens", doubts),
        audio_input_tokens=less(line.audio_input_tokens, count(cached, "audio_tokens", doubts)),
        image_input_tokens=less(
            count(sent, "image_tokens", doubts), count(cached, "image_tokens", doubts)
        ),
        audio_output_tokens=count(node(usage.get("output_token_details")), "audio_tokens", doubts),
    )
    return cached_audio_apart(checked(fresh, doubts), count(cached, "audio_tokens", doubts))


def less(whole: int, part: int) -> int:
    """Take a part away, never below nothing."""
    return max(whole - part, 0)


def read(body: Node, doubts: Doubts) -> Reading:
    """Read the turns of a connection, or the one event there is."""
    single = turn_of(body)
    turns = nodes(body.get(TURNS)) if single is None else [single]
    session = node(body.get("session"))
    found: list[Line] = []
    for turn in turns:
        key = "transcriber" if turn.get("part") == "transcription" else "model"
        found += turn_lines(turn, text(session, key, doubts), doubts)
    last = turns[-1] if turns else body
    return Reading(lines=tuple(found), response_id=text(last, "id", doubts))


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join an event: what responses are open, which ended, and the session's models."""
    kind, response = label(chunk.get("type")), node(chunk.get("response"))
    if kind in {"session.created", "session.updated"}:
        joined.keep({"session": models_of(node(chunk.get("session")))}, ("session",))
    elif kind == "response.created":
        joined.open.add(label(response.get("id")))
    turn = turn_of(chunk)
    if turn is not None:
        joined.open.discard(label(turn.get("id")))
        turns = cast("list[Node]", joined.body.setdefault(TURNS, []))
        if len(turns) < MOST_TURNS:
            turns.append(turn)
        else:
            doubts.add("too_many", f"more than {MOST_TURNS} responses: the rest is left out")
    joined.finished = not joined.open


def models_of(session: Node) -> Node:
    """Give the models of a session: the one that answers, and the one that transcribes."""
    heard = node(node(node(session.get("audio")).get("input")).get("transcription"))
    older = node(session.get("input_audio_transcription"))
    return {
        "model": session.get("model"),
        "transcriber": heard.get("model") or older.get("model"),
    }


OPENAI_REALTIME = Wire(name="openai_realtime", read=read, join=join, by_turns=True)
