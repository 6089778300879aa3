"""All pages, one file each."""

from __future__ import annotations

from costper.web.page import Page
from costper.web.pages.customer import CUSTOMER
from costper.web.pages.customers import CUSTOMERS
from costper.web.pages.llm_endpoints import LLM_ENDPOINTS
from costper.web.pages.overview import OVERVIEW

PAGES: tuple[Page, ...] = (OVERVIEW, CUSTOMERS, CUSTOMER, LLM_ENDPOINTS)
"""Every page there is; the server's routes and the tests are made from it."""
