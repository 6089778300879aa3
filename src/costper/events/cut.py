"""Cuts an array into its elements by brackets and quotes alone, whatever stands between them."""

from __future__ import annotations

import re

MARK = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
"""A string, to its end or that of the body, or what opens, parts and closes values."""

OPENS, CLOSES = (b"[", b"{"), (b"]", b"}")


def cut(body: bytes) -> list[bytes] | None:
    """Give the elements as they stand; None where the array does not end, or not with the body.

    An element that is no JSON is then one event's fault and not that of all beside it.

    >>> cut(b'[{"a": "],"}, {b: 01}, [[]]]')
    [b'{"a": "],"}', b'{b: 01}', b'[[]]']
    >>> cut(b'[1, 2'), cut(b'[1] 2'), cut(b'[1,, 2]')
    (None, None, None)
    """
    found: list[bytes] = []
    depth, start = 0, 1
    for mark in MARK.finditer(body):
        word = mark[0]
        if word in OPENS:
            depth += 1
        elif word in CLOSES:
            depth -= 1
        if (depth == 0 and word in CLOSES) or (depth == 1 and word == b","):
            found.append(body[start : mark.start()].strip())
            start = mark.end()
        if depth <= 0:
            break
    whole = depth == 0 and not body[start:].strip()
    return found if whole and all(found) else None
