"""HTTP as uvicorn reads it, with an end to the headers that it has none for."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 1 << 16
"""So much may come before the headers of a request, or its trailers, are whole."""

REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain\r\nconnection: close\r\ncontent-length: 38\r\n\r\n"
    b"the headers are longer than 64 KiB\r\n\r\n"
)


class LimitedHeaders(HttpToolsProtocol):
    """Refuses headers without end: the parser copies all of one header with every piece of it."""

    waiting = 0
    """Bytes that came since headers were whole, or some of a body was met."""

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless too much came that is no whole headers."""
        self.waiting += len(data)
        super().data_received(data)
        if self.waiting > MOST_BYTES and not self.transport.is_closing():
            self.transport.write(REFUSAL)
            self.transport.close()

    def on_headers_complete(self) -> None:
        """Begin a request."""
        self.waiting = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take some of a body."""
        self.waiting = 0
        super().on_body(body)
