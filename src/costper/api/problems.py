"""Every error as a problem document (RFC 9457): what is wrong, where, what to do now."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import msgspec
from starlette.responses import Response

from costper.model.outcome import Issue

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "A key is needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Taken or changed",
    410: "Gone",
    413: "Too long",
    415: "Not JSON",
    421: "Wrong host",
    422: "Cannot be answered",
    500: "Something went wrong here",
    503: "The books cannot be read",
}

OWN_TITLES = {
    "busy": "Too much waits",
    "coding": "Not unpacked",
    "events-refused": "Refused",
    "media-type": "Not understood",
    "not-kept": "Not kept",
    "stopping": "About to stop",
}
"""Titles of problems that share their status with another."""


@dataclass(slots=True)
class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """A refusal. `code` is stable for programs; `parameter` names the one that is wrong.

    `position` is the column in it, counted from 1, where it stops making sense; 0 is all of it.
    `issues` are all the faults where there may be many.
    """

    status: int
    code: str
    detail: str = ""
    hint: str = ""
    parameter: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    position: int = 0
    issues: tuple[Issue, ...] = ()

    def document(self, instance: str) -> dict[str, object]:
        """Give the members of the problem document; empty ones are left out."""
        members: dict[str, object] = {
            "type": f"urn:costper:problem:{self.code}",
            "title": OWN_TITLES.get(self.code) or TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
            "hint": self.hint,
            "parameter": self.parameter,
            **({"position": self.position} if self.position else {}),
            **({"issues": [asdict(issue) for issue in self.issues]} if self.issues else {}),
            "instance": instance,
        }
        return {name: value for name, value in members.items() if value != ""}

    def response(self, instance: str) -> Response:
        """Write it."""
        return Response(
            msgspec.json.encode(self.document(instance)),
            status_code=self.status,
            media_type=MEDIA_TYPE,
            headers={"Cache-Control": "no-store", **self.headers},
        )
