"""The pages for those who govern: gathered, with what their forms do."""

from __future__ import annotations

from costper.web.page import Act, Page
from costper.web.pages.allocation import ALLOCATION, APPLY
from costper.web.pages.clean_up import CLEAN_UP
from costper.web.pages.events import EVENT_ACTS, EVENTS
from costper.web.pages.incident import FEEDBACK, INCIDENT
from costper.web.pages.incidents import INCIDENTS
from costper.web.pages.settings import KEY_ACTS, SETTINGS

GOVERNING: tuple[Page, ...] = (INCIDENTS, INCIDENT, ALLOCATION, CLEAN_UP, EVENTS, SETTINGS)
GOVERNING_ACTS: tuple[Act, ...] = (FEEDBACK, APPLY, *EVENT_ACTS, *KEY_ACTS)
