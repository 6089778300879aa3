"""The pepper that user ids are hashed with: from the environment, or a file beside the books.

Without it nobody can tell who a user of the books is. With another one every user would become
somebody else, so the books know theirs again by a fingerprint.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from costper.errors import BooksError, UserError
from costper.store.control import Control

VARIABLE = "COSTPER_PEPPER"
FILE = "pepper"
KEY = "llm.pepper"
SHORTEST = 16
PRIVATE = 0o600
OTHERS = 0o077
BYTES = 32


def pepper_of(folder: Path, control: Control, environment: Mapping[str, str]) -> bytes:
    """Give the pepper of the books in a folder; it is made where there is none yet.

    Raises:
        UserError: COSTPER_PEPPER is too short to be one.
        BooksError: it is not the one the books were made with, or is gone, or not private.
    """
    known = control.remembered(KEY)
    found = _said(environment) or _read(folder / FILE)
    if found is None:
        if known is not None:
            raise BooksError(
                "the pepper that user ids are hashed with is gone",
                where=str(folder / FILE),
                hint=f"restore the file, or set {VARIABLE}; without it users become others",
            )
        found = _made(folder / FILE)
    mark = hmac.digest(found, b"costper pepper", "sha256").hex()[:16]
    if known is None:
        control.remember(KEY, mark)
    elif not hmac.compare_digest(known, mark):
        raise BooksError(
            "the pepper is not the one user ids in the books were hashed with",
            where=VARIABLE if environment.get(VARIABLE) else str(folder / FILE),
            hint="set it back: with another pepper every user would become somebody else",
        )
    return found


def _said(environment: Mapping[str, str]) -> bytes | None:
    said = environment.get(VARIABLE, "").strip()
    if said and len(said) < SHORTEST:
        raise UserError(
            f"{VARIABLE} is too short to keep a secret",
            hint=f"at least {SHORTEST} characters; `openssl rand -hex 32` makes one",
        )
    return said.encode() or None


def _read(path: Path) -> bytes | None:
    try:
        found = path.read_bytes().strip()
        shared = path.stat().st_mode & OTHERS
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BooksError(f"the pepper cannot be read: {error.strerror}", where=str(path)) from error
    if shared and os.name == "posix":
        raise BooksError(
            "others can read the pepper", where=str(path), hint=f"chmod 600 {path.name}"
        )
    if len(found) < SHORTEST:
        raise BooksError("the pepper is cut", where=str(path), hint="restore it from a backup")
    return found


def _made(path: Path) -> bytes:
    """Make a pepper; it is on the disk, and private, before anything is hashed with it."""
    made = secrets.token_hex(BYTES).encode()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise BooksError(
            f"the pepper cannot be written: {error.strerror}",
            where=str(path),
            hint=f"or set {VARIABLE}",
        ) from error
    return made
