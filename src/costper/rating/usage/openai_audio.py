"""openai_audio: transcriptions, translations and speech of OpenAI and Azure.

What it reads (a stream tells it in `transcript.text.done` or `speech.audio.done`):

    {"text": "Good morning.",
     "usage": {"type": "tokens", "input_tokens": 14, "output_tokens": 45, "total_tokens": 59,
               "input_token_details": {"text_tokens": 0, "audio_tokens": 14}}}

| in a line | from |
|---|---|
| input, output | `input_tokens`, `output_tokens` |
| audio in | `input_token_details.audio_tokens` |
| audio out | all output of speech (`speech.audio.done`), which is audio |

The body names no model: the event, or the URL's request, must. What is billed by the second
(`"type": "duration"`, whisper-1) has no tokens: no line, and an issue `uncounted` with the
seconds.
"""

from __future__ import annotations

from dataclasses import replace

from costper.model.call import Line, Reading
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts, shown
from costper.rating.usage.lines import check_total, checked, reading_of, uncounted
from costper.rating.usage.values import count, node, says, text

KEPT = ("id", "model", "usage", "error")
ENDS = ("transcript.text.done", "speech.audio.done")
SPOKEN = "speech.audio.done"


def audio_line(usage: Node, doubts: Doubts, model: str) -> Line:
    """Read a usage in the words of the audio and realtime APIs."""
    heard = node(usage.get("input_token_details"))
    return Line(
        model=model,
        input_tokens=count(usage, "input_tokens", doubts),
        output_tokens=count(usage, "output_tokens", doubts),
        audio_input_tokens=count(heard, "audio_tokens", doubts),
    )


def heard_for(usage: Node, doubts: Doubts) -> bool:
    """Tell, with an issue, whether a usage is billed by its seconds."""
    if usage.get("type") != "duration":
        return False
    uncounted(doubts, f"audio billed by duration: {shown(usage.get('seconds'))} seconds")
    return True


def read(body: Node, doubts: Doubts) -> Reading:
    """Read a transcription, a translation, or the end of a stream."""
    usage = node(body.get("usage"))
    if heard_for(usage, doubts) or not says(usage, "input_tokens", "output_tokens"):
        return reading_of(body, (), doubts)
    line = audio_line(usage, doubts, text(body, "model", doubts))
    check_total(usage, "total_tokens", line.input_tokens + line.output_tokens, doubts)
    if body.get("type") == SPOKEN:
        line = replace(line, audio_output_tokens=line.output_tokens)
    return reading_of(body, (checked(line, doubts),), doubts)


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join an event; only the last one tells anything."""
    del doubts
    joined.keep(chunk, KEPT)
    if chunk.get("type") in ENDS:
        joined.keep(chunk, ("type",))
        joined.finished = True


OPENAI_AUDIO = Wire(name="openai_audio", read=read, join=join)
