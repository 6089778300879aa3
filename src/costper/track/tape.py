"""One attempt of a call as it passes by: enough of it to read its usage later, elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping

HEAD_BYTES = 512 * 1024
TAIL_BYTES = 512 * 1024
"""Of longer bodies the middle is dropped: usage stands first or last."""

PACKED_BYTES = 16 * 1024 * 1024
"""A compressed body is kept whole up to here: its end cannot be read without its beginning."""


class Tape:
    """What is kept of one attempt.

    `began_ns` is the time of day in nanoseconds since 1970, `took_ns` how long it lasted. `ending`
    is `read` (to the end), `closed` (by the caller), `failed` or `timeout`; '' while it runs.
    `status` is the HTTP status, 0 where no response came. `provider` is what the client library is
    made for, `named` what the caller said it is. `id` is this attempt's alone, `operation` that of
    all attempts of a call. `usual` are labels of the whole process, below `labels`. `kind` is
    httpx's class of responses.
    """

    __slots__ = (
        "_began",
        "_done",
        "_head_size",
        "_most_head",
        "_tail_size",
        "added",
        "attempt",
        "began_ns",
        "ending",
        "head",
        "headers",
        "id",
        "kind",
        "labels",
        "method",
        "model",
        "named",
        "operation",
        "provider",
        "request",
        "size",
        "status",
        "tail",
        "took_ns",
        "url",
        "usual",
    )

    def __init__(self, url: str, method: str, done: Callable[[Tape], None]) -> None:
        self.url = url
        self.method = method
        self.id = ""
        self.kind: type | None = None
        self.labels: Mapping[str, str] = {}
        self.usual: Mapping[str, str] = {}
        self.operation = ""
        self.attempt = 1
        self.provider = ""
        self.named = ""
        self.model = ""
        self.request: bytes = b""
        self.added = False
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.head: list[bytes] = []
        self.tail: deque[bytes] = deque()
        self.size = 0
        self.ending = ""
        self.took_ns = 0
        self.began_ns = time.time_ns()
        self._began = time.perf_counter_ns()
        self._head_size = self._tail_size = 0
        self._most_head = HEAD_BYTES
        self._done = done

    def pack(self) -> None:
        """Say that the body is compressed."""
        self._most_head = PACKED_BYTES

    @property
    def is_packed(self) -> bool:
        """Tell whether the body is compressed."""
        return self._most_head == PACKED_BYTES

    @property
    def is_cut(self) -> bool:
        """Tell whether the middle of the body was dropped."""
        return self.size > self._head_size + self._tail_size

    def feed(self, chunk: bytes) -> None:
        """Keep what came; no copy is made."""
        self.size = size = self.size + len(chunk)
        if size <= self._most_head:
            self.head.append(chunk)
            self._head_size = size
            return
        self.tail.append(chunk)
        self._tail_size += len(chunk)
        while self._tail_size - len(self.tail[0]) >= TAIL_BYTES:
            self._tail_size -= len(self.tail.popleft())

    def end(self, ending: str) -> None:
        """Close the record and hand it over; later endings do not count."""
        if self.ending:
            return
        self.ending = ending
        self.took_ns = time.perf_counter_ns() - self._began
        self._done(self)

    @property
    def kept(self) -> int:
        """Say how many bytes this record holds in memory."""
        return len(self.request) + self._head_size + self._tail_size
