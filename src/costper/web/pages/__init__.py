"""All pages, one file each."""

from __future__ import annotations

from costper.web.page import Page
from costper.web.pages.connect import CONNECT
from costper.web.pages.customer import CUSTOMER
from costper.web.pages.customers import CUSTOMERS
from costper.web.pages.environments import ENVIRONMENTS
from costper.web.pages.explain import EXPLAIN
from costper.web.pages.explorer import EXPLORER, SAVED_VIEW
from costper.web.pages.governing import GOVERNING
from costper.web.pages.llm_endpoint import LLM_ENDPOINT
from costper.web.pages.llm_endpoints import LLM_ENDPOINTS
from costper.web.pages.llm_explain import LLM_EXPLAIN
from costper.web.pages.llm_model import LLM_MODEL
from costper.web.pages.llm_models import LLM_MODELS
from costper.web.pages.llm_prompts import LLM_PROMPTS
from costper.web.pages.llm_savings import LLM_SAVINGS
from costper.web.pages.llm_user import LLM_USER
from costper.web.pages.llm_users import LLM_USERS
from costper.web.pages.overview import OVERVIEW
from costper.web.pages.ranked import RANKED
from costper.web.pages.savings import SAVINGS
from costper.web.pages.source import SOURCE
from costper.web.pages.sources import SOURCES

PAGES: tuple[Page, ...] = (
    OVERVIEW,
    EXPLORER,
    SAVED_VIEW,
    CUSTOMERS,
    CUSTOMER,
    *RANKED,
    ENVIRONMENTS,
    SAVINGS,
    EXPLAIN,
    LLM_ENDPOINTS,
    LLM_ENDPOINT,
    LLM_MODEL,
    LLM_USER,
    LLM_USERS,
    LLM_PROMPTS,
    LLM_MODELS,
    LLM_SAVINGS,
    LLM_EXPLAIN,
    *GOVERNING,
    SOURCES,
    SOURCE,
    CONNECT,
)
"""Every page there is; the server's routes and the tests are made from it."""
