"""Everything a form of ours can do, gathered from the pages that hold the forms."""

from __future__ import annotations

from costper.web.explorer.saved import SAVED
from costper.web.page import Act
from costper.web.pages.connect import ADD
from costper.web.pages.governing import GOVERNING_ACTS
from costper.web.pages.savings import DISMISS
from costper.web.pages.sources import SYNC

ACTS: tuple[Act, ...] = (*SAVED, DISMISS, *GOVERNING_ACTS, SYNC, ADD)
"""Every act there is."""
