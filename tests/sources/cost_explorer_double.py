"""A strict Cost Explorer: aggregates a small ledger and refuses what the real service refuses.

It speaks HTTP, so the real boto3 client with its real serialiser, retries and parser asks it.
moto and botocore accept three GroupBy keys and aggregate nothing; here a wrong question gives
the service's error, and a wrong design of questions a wrong sum.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

from tests.sources.cost_explorer_rules import (
    GROUP_DIMENSIONS,
    HISTORY_MONTHS,
    Json,
    Line,
    Refused,
    filter_of,
    first_of_month,
    granularity_is_daily,
    groups_of,
    insist,
    key_of,
    metrics_of,
    slices_of,
)

from costper.model.money import total


@dataclass(slots=True, kw_only=True)
class CostExplorerDouble:
    """The service: `with CostExplorerDouble(...) as double`, then ask `double.url`.

    `faults` are error codes the next requests fail with. `before_page` sees the number of each
    request and may change the ledger, as three refreshes a day do. `places` rounds each
    amount, as the service may. Days from `estimated_from` on are estimated.
    """

    ledger: Sequence[Line] = ()
    today: date = date(2026, 11, 20)
    page_groups: int = 1000
    estimated_from: date = date.max
    places: int | None = None
    faults: list[str] = field(default_factory=list[str])
    before_page: Callable[[int], object] = abs
    requests: list[Json] = field(default_factory=list[Json])
    tokens: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        serve = self.server.serve_forever
        Thread(target=serve, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    def answer(self, operation: str, request: Json) -> Json:
        """Answer one operation as the service would."""
        if self.faults:
            raise Refused(self.faults.pop(0), "told to fail")
        known = {
            "GetCostAndUsage": self.cost_and_usage,
            "GetDimensionValues": self.dimension_values,
            "GetTags": self.tag_values,
        }
        insist(operation in known, f"{operation} needs an opt-in", "DataUnavailableException")
        self.requests.append(request)
        self.before_page(len(self.requests))
        return known[operation](request)

    def cost_and_usage(self, request: Json) -> Json:
        start, end = self.period_of(request)
        daily = granularity_is_daily(request)
        metrics = metrics_of(request)
        groups = groups_of(request)
        test = filter_of(request.get("Filter"))
        lines = [line for line in self.ledger if start <= line.day < end and test(line)]
        slices = list(slices_of(start, end, daily=daily))
        cells = [cell for at in slices for cell in self.cells(lines, at, groups, metrics)]
        if not groups:
            return {"ResultsByTime": [self.slice(at, cells, metrics, ()) for at in slices]}
        page, token = self.page(cells, request)
        held = {cell["at"] for cell in page}
        shown = [at for at in slices if at in held or (not cells)]
        answer: Json = {
            "GroupDefinitions": request["GroupBy"],
            "ResultsByTime": [self.slice(at, page, metrics, groups) for at in shown],
            "DimensionValueAttributes": account_names(page, groups),
        }
        return answer | ({"NextPageToken": token} if token else {})

    def cells(
        self,
        lines: Sequence[Line],
        at: tuple[date, date],
        groups: Sequence[tuple[str, str]],
        metrics: Sequence[str],
    ) -> Iterator[Json]:
        """Aggregate one time slice."""
        held: dict[tuple[str, ...], list[Line]] = {}
        for line in lines:
            if at[0] <= line.day < at[1]:
                keys = tuple(key_of(line, *group) for group in groups)
                held.setdefault(keys, []).append(line)
        for keys, many in sorted(held.items()):
            yield {"at": at, "keys": keys, "metrics": self.amounts(many, metrics)}

    def amounts(self, lines: Sequence[Line], metrics: Sequence[str]) -> Json:
        """Give each metric of some lines as a decimal string with its unit."""
        units = {line.unit for line in lines} or {"USD"}
        return {
            metric: {
                "Amount": self.written(total([line.amount(metric) for line in lines])),
                "Unit": units.copy().pop() if len(units) == 1 else "N/A",
            }
            for metric in metrics
        }

    def written(self, amount: Decimal) -> str:
        """Write an amount, rounded if this service rounds."""
        if self.places is not None:
            step = Decimal(1).scaleb(-self.places)
            amount = amount.quantize(step, ROUND_HALF_EVEN)
        return format(amount, "f")

    def slice(
        self,
        at: tuple[date, date],
        page: Sequence[Json],
        metrics: Sequence[str],
        groups: Sequence[tuple[str, str]],
    ) -> Json:
        """Give one time slice: grouped, Total is {}; ungrouped, Groups is []."""
        mine = [cell for cell in page if cell["at"] == at]
        total = mine[0]["metrics"] if mine else self.amounts((), metrics)
        return {
            "TimePeriod": {"Start": at[0].isoformat(), "End": at[1].isoformat()},
            "Total": {} if groups else total,
            "Groups": [{"Keys": c["keys"], "Metrics": c["metrics"]} for c in mine if groups],
            "Estimated": at[1] > self.estimated_from,
        }

    def page(self, cells: Sequence[Json], request: Json) -> tuple[Sequence[Json], str]:
        """Give the page a token stands for, and the next page's token ('' after the last)."""
        asked = {name: value for name, value in request.items() if name != "NextPageToken"}
        mark = sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        start, token = 0, request.get("NextPageToken")
        if token is not None:
            insist(token in self.tokens, "Invalid token", "InvalidNextTokenException")
            issued, start = self.tokens[token]
            changed = "Request parameters changed between pages"
            insist(issued == mark, changed, "RequestChangedException")
        end = start + self.page_groups
        if end >= len(cells):
            return cells[start:], ""
        next_token = f"{mark[:20]}-{end}"
        self.tokens[next_token] = (mark, end)
        return cells[start:end], next_token

    def period_of(self, request: Json) -> tuple[date, date]:
        """Read the period: start inclusive, end exclusive and after it, at most 14 months."""
        period = request["TimePeriod"]
        try:
            start, end = (date.fromisoformat(period[name]) for name in ("Start", "End"))
        except ValueError as error:
            raise Refused("ValidationException", f"not a YYYY-MM-DD day: {error}") from error
        message = "Start date (and hour) should be before end date (and hour)"
        insist(start < end, message)
        insist(start <= self.today, "start date must not be in the future")
        insist(end <= first_of_month(self.today, 1), "end date past the beginning of next month")
        old = "You haven't enabled historical data beyond 14 months"
        insist(start >= first_of_month(self.today, -HISTORY_MONTHS), old)
        return start, end

    def dimension_values(self, request: Json) -> Json:
        """Answer GetDimensionValues."""
        start, end = self.period_of(request)
        dimension = request["Dimension"]
        insist(dimension in GROUP_DIMENSIONS, f"{dimension} is not supported")
        test = filter_of(request.get("Filter"))
        found = {
            line.dimension(dimension)
            for line in self.ledger
            if start <= line.day < end and test(line)
        }
        values: list[Json] = [{"Value": value, "Attributes": {}} for value in sorted(found)]
        return {"DimensionValues": values, "ReturnSize": len(found), "TotalSize": len(found)}

    def tag_values(self, request: Json) -> Json:
        """Answer GetTags: the keys in use, or the values of TagKey, '' for none."""
        start, end = self.period_of(request)
        lines = [line for line in self.ledger if start <= line.day < end]
        if "TagKey" in request:
            found = sorted({line.value("TAG", request["TagKey"]) for line in lines})
        else:
            found = sorted({key for line in lines for key, _ in line.tags})
        return {"Tags": found, "ReturnSize": len(found), "TotalSize": len(found)}


def account_names(page: Sequence[Json], groups: Sequence[tuple[str, str]]) -> list[Json]:
    """Give the name of each account on the page, where accounts are grouped by."""
    if ("DIMENSION", "LINKED_ACCOUNT") not in groups:
        return []
    at = groups.index(("DIMENSION", "LINKED_ACCOUNT"))
    accounts = sorted({cell["keys"][at] for cell in page})
    return [
        {"Value": account, "Attributes": {"description": f"account {account[:3]}"}}
        for account in accounts
    ]


def handler_of(double: CostExplorerDouble) -> type[BaseHTTPRequestHandler]:
    """Put the service behind HTTP: JSON 1.1 for Cost Explorer, the one query of STS."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers.get("X-Amz-Target", "")
            if not target:
                self.reply(200, IDENTITY, "text/xml")
                return
            try:
                answer = double.answer(target.partition(".")[2], json.loads(body))
            except Refused as refused:
                fault = {"__type": refused.code, "message": str(refused)}
                self.reply(400, json.dumps(fault))
            else:
                self.reply(200, json.dumps(answer))

        def reply(self, status: int, text: str, kind: str = "application/x-amz-json-1.1") -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *_parts: object) -> None:  # noqa: A002
            """Keep quiet."""

    return Handler


IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    "<GetCallerIdentityResult><Account>999999999999</Account><UserId>AIDA</UserId>"
    "<Arn>arn:aws:iam::999999999999:user/costper</Arn></GetCallerIdentityResult>"
    "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)
