"""Asking Cost Explorer through boto3: every page paid for, counted and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound

from costper.errors import SourceError, UserError
from costper.model.period import Period
from costper.sources.aws_cost_explorer.answer import Answer, from_pages
from costper.sources.aws_cost_explorer.axis import condition_of
from costper.sources.aws_cost_explorer.cut import Query
from costper.sources.aws_cost_explorer.settings import CostExplorerSettings

PRICE = Decimal("0.01")
"""What AWS charges for each page, in USD (https://aws.amazon.com/aws-cost-management/pricing)."""

Operation = Callable[..., Mapping[str, Any]]

ACTION = "ce:GetCostAndUsage"
STALE_PAGES = {"InvalidNextTokenException", "RequestChangedException"}
HINTS = {
    "LimitExceededException": "Cost Explorer is throttling: wait a few minutes and sync again",
    "ThrottlingException": "Cost Explorer is throttling: wait a few minutes and sync again",
    "DataUnavailableException": (
        "Cost Explorer has no data yet: open it once in the billing console and wait a day"
    ),
    "BillExpirationException": "the days asked for are gone: ask for a shorter window",
    "AccessDeniedException": f"allow {ACTION} on * in the IAM policy of these credentials",
    "ValidationException": "check tags, cost_category and the metrics in costper.yaml",
    "ExpiredTokenException": "sign in again, for example with `aws sso login`",
    "UnrecognizedClientException": "the access key is unknown to AWS: check the credentials",
}


@dataclass(slots=True, kw_only=True)
class Explorer:
    """Cost Explorer over one window, with a purse of `requests_max` requests."""

    get_cost_and_usage: Operation
    window: Period
    metrics: tuple[str, str]
    requests_max: int
    where: str = ""
    progress: Callable[[str], object] = str.strip
    requests: int = field(default=0)

    @property
    def bill(self) -> str:
        """Say what was asked and what that costs, such as `37 requests, $0.37`."""
        return price_of(self.requests)

    def afford(self, more: int) -> None:
        """Refuse when this many more requests are over the purse."""
        needed = self.requests + more
        if needed > self.requests_max:
            raise UserError(
                f"this bill takes at least {price_of(needed)}, and requests_max is "
                f"{self.requests_max} ({price_of(self.requests)} are spent)",
                where=self.where,
                hint="raise requests_max, list fewer tags, fold the tags into one "
                "cost_category, or read Data Exports with aws_cur or focus_file",
            )

    def ask(self, query: Query, *, again: bool = True) -> Answer:
        """Ask one question, all its pages; started over once when its pages went stale."""
        try:
            return from_pages(self.pages(query), query.axes, self.metrics)
        except ClientError as error:
            if code_of(error) not in STALE_PAGES or not again:
                raise refusal(error, self.where) from error
        except BotoCoreError as error:
            raise unreachable(error, self.where) from error
        except (KeyError, ValueError, ArithmeticError) as error:
            raise SourceError(
                f"Cost Explorer answered what cannot be read: {error!r}",
                where=self.where,
                hint="check endpoint_url; if it is AWS itself, please report it",
            ) from error
        return self.ask(query, again=False)

    def pages(self, query: Query) -> Iterator[Mapping[str, Any]]:
        """Follow NextPageToken to the end; every page is a request and costs as one."""
        request = request_of(query, self.window, self.metrics)
        token: str | None = ""
        while token is not None:
            self.afford(1)
            page = self.get_cost_and_usage(**request)
            self.requests += 1
            self.progress(f"Cost Explorer: {self.bill}")
            yield page
            token = page.get("NextPageToken")
            request["NextPageToken"] = token


def price_of(requests: int) -> str:
    """Say what a number of requests costs.

    >>> price_of(1), price_of(37)
    ('1 request, $0.01', '37 requests, $0.37')
    """
    return f"{requests} request{'s' * (requests != 1)}, ${requests * PRICE}"


def request_of(query: Query, window: Period, metrics: tuple[str, str]) -> dict[str, Any]:
    """Spell a question as the parameters of GetCostAndUsage; the end day is exclusive."""
    request: dict[str, Any] = {
        "TimePeriod": {"Start": window.start.isoformat(), "End": window.end.isoformat()},
        "Granularity": query.granularity,
        "Metrics": list(dict.fromkeys(metrics)),
    }
    condition = condition_of(query.fixed)
    if condition:
        request["Filter"] = condition
    if query.axes:
        request["GroupBy"] = [axis.group for axis in query.axes]
    return request


def session_of(settings: CostExplorerSettings, where: str) -> boto3.Session:
    """Open boto3's own chain of credentials; costper holds no secret of AWS itself."""
    try:
        return boto3.Session(
            profile_name=settings.profile or None, region_name=settings.region or None
        )
    except ProfileNotFound as error:
        raise UserError(
            f"the AWS configuration has no profile {settings.profile!r}",
            where=where,
            hint="`aws configure list-profiles` shows the profiles there are",
        ) from error


def operation(
    session: boto3.Session, service: str, name: str, settings: CostExplorerSettings
) -> Operation:
    """Give one operation of a service; it waits and tries again while AWS throttles."""
    config = Config(retries={"mode": "standard", "total_max_attempts": settings.attempts_max})
    client = session.client(service, endpoint_url=settings.endpoint_url or None, config=config)
    found: Operation = getattr(client, name)
    return found


def account_of(session: boto3.Session, settings: CostExplorerSettings, where: str) -> str:
    """Give the account the bill is of: the one set, else the one of the credentials (free)."""
    if settings.account:
        return settings.account
    try:
        return str(operation(session, "sts", "get_caller_identity", settings)()["Account"])
    except ClientError as error:
        raise refusal(error, where) from error
    except BotoCoreError as error:
        raise unreachable(error, where) from error


def code_of(error: ClientError) -> str:
    """Give the error's code, such as AccessDeniedException."""
    return str(error.response.get("Error", {}).get("Code", ""))


def refusal(error: ClientError, where: str) -> SourceError:
    """Say why AWS refused and what to do now."""
    code = code_of(error)
    message = error.response.get("Error", {}).get("Message", "")
    hint = HINTS.get(code, f"credentials need {ACTION}; see the AWS message")
    return SourceError(f"Cost Explorer refused: {code}: {message}", where=where, hint=hint)


def unreachable(error: BotoCoreError, where: str) -> SourceError:
    """Say that AWS could not be asked at all: no credentials, no network."""
    return SourceError(
        f"Cost Explorer could not be asked: {error}",
        where=where,
        hint=f"boto3 looks for credentials in the environment, profiles and roles; they need "
        f"{ACTION}; `aws sts get-caller-identity` shows whether they are found",
    )
