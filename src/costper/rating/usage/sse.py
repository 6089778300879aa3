"""Server-sent events, cut into their data wherever the bytes were split."""

from __future__ import annotations

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventLines:
    """Cuts a text/event-stream into the data of its events.

    Lines end in LF, CR or CR LF; several data lines make one event; comments and other fields
    are nothing to us. An event the stream ends in the middle of is given on closing.
    """

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._data: list[bytes] = []
        self._begun = False

    def feed(self, piece: bytes) -> list[bytes]:
        """Give the data of the events that a piece completes."""
        self._rest.append(piece)
        held_back = self._rest[-2:-1] == [b"\r"]
        if self._begun and not held_back and b"\n" not in piece and b"\r" not in piece:
            return []  # a line of megabytes is put together once, not at each piece
        text = b"".join(self._rest)
        if not self._begun:
            if len(text) < len(BYTE_ORDER_MARK) and BYTE_ORDER_MARK.startswith(text):
                return []
            text, self._begun = text.removeprefix(BYTE_ORDER_MARK), True
        # A CR at the very end may be the first half of a CR LF.
        held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(held)]
        *lines, last = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = [last, held] if held else [last]
        return self._events(lines)

    def close(self) -> list[bytes]:
        """Give what is left: the stream may have been cut before the blank line."""
        return self.feed(b"\n\n")

    def _events(self, lines: list[bytes]) -> list[bytes]:
        found: list[bytes] = []
        for line in lines:
            if line.startswith(b"data"):
                field, colon, said = line.partition(b":")
                if field == b"data":
                    self._data.append(said.removeprefix(b" ") if colon else b"")
            elif not line and self._data:
                found.append(b"\n".join(self._data))
                self._data = []
        return found


class Lines:
    """Cuts newline-delimited JSON into its lines, wherever the bytes were split."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """Give the lines a piece completes; empty ones are none."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        return [line for line in lines if line.strip()]

    def close(self) -> list[bytes]:
        """Give the line without an end."""
        return self.feed(b"\n")
