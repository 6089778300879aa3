"""What the company sells its customers, counted: users, seats, tickets, mails, calls, orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from costper.demo.chance import SATURDAY, Chance
from costper.demo.company import MONTHS
from costper.demo.customers import CUSTOMERS, Customer, Fact
from costper.model.period import Period

WEEK = timedelta(days=7)
TEAMS: Mapping[str, int] = {"data": 3, "growth": 5, "platform": 4, "product": 9, "security": 1}
"""How often each team puts something into production on a working day, at most."""

OFFICE, WEEKEND, WEEKLY, MONTHLY = 620, 110, 840, 930
"""Thousandths of a customer's seats that are used on a day of each kind, in a week, in a month."""

Line = Sequence[object]


def product_files(seed: int) -> dict[str, bytes]:
    """Give the exporter's files by path, the same bytes for the same seed.

    They draw from streams of their own, so that no bill and no other usage moves with them.
    """
    sheets: dict[str, tuple[str, Iterator[Line]]] = {
        "daily_active_users": ("day,customer,plan,users", _daily(seed)),
        "weekly_active_users": ("week,plan,users", _active(seed, "weekly", WEEKLY)),
        "monthly_active_users": ("month,plan,users", _active(seed, "monthly", MONTHLY)),
        "seats": ("day,customer,plan,seats", _seats()),
        "product": (
            "day,customer,plan,tickets_solved,emails_sent,api_requests,orders",
            _product(seed),
        ),
        "deployments": ("day,team,deployments", _deployments(seed)),
    }
    return {f"usage/{name}.csv": _csv(head, rows) for name, (head, rows) in sheets.items()}


def _csv(head: str, rows: Iterator[Line]) -> bytes:
    lines = "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)
    return f"{head}\n{lines}".encode()


def _days() -> Iterator[date]:
    for month in MONTHS:
        yield from month.each_day()


def _users(day: date) -> Iterator[tuple[Customer, Fact, int]]:
    """Give every customer that uses the product on a day, with its seats."""
    for customer in CUSTOMERS:
        fact = customer.on(day)
        if fact is not None and fact.seats and customer.uses_product(day):
            yield customer, fact, fact.seats


def _present(chance: Chance, seats: int, thousandths: int) -> int:
    """Say how many of the seats are used; never more than there are."""
    return min(seats, seats * chance.noisy(thousandths, 60) // 1000)


def _daily(seed: int) -> Iterator[Line]:
    chance = Chance(seed, "daily active users")
    for day in _days():
        share = WEEKEND if day.weekday() >= SATURDAY else OFFICE
        for customer, fact, seats in _users(day):
            yield day, customer.id, fact.plan, _present(chance, seats, share)


def _active(seed: int, name: str, share: int) -> Iterator[Line]:
    """Count the users of whole weeks or months by plan: a number of its own, never a sum of days.

    A customer counts by the plan it has on the last day.
    """
    chance = Chance(seed, f"{name} active users")
    for span in MONTHS if name == "monthly" else _weeks():
        plans: dict[str, int] = {}
        for _, fact, seats in _users(span.end - timedelta(days=1)):
            plans[fact.plan] = plans.get(fact.plan, 0) + _present(chance, seats, share)
        for plan, users in sorted(plans.items()):
            yield span.start, plan, users


def _weeks() -> Iterator[Period]:
    """Give the ISO weeks that lie wholly in the months."""
    first = MONTHS[0].start
    at = first + (WEEK - timedelta(days=first.weekday())) % WEEK
    while at + WEEK <= MONTHS[-1].end:
        yield Period(at, at + WEEK)
        at += WEEK


def _seats() -> Iterator[Line]:
    for day in _days():
        for customer, fact, seats in _users(day):
            yield day, customer.id, fact.plan.title(), seats


def _product(seed: int) -> Iterator[Line]:
    """Count what is done with the product; an hour of polling makes calls, and no tickets."""
    chance = Chance(seed, "product")
    for day in _days():
        share = WEEKEND if day.weekday() >= SATURDAY else OFFICE
        for customer, fact, seats in _users(day):
            tickets = _present(chance, seats, share) * chance.between(7, 11)
            mails = tickets * chance.noisy(2600, 80) // 1000
            calls = customer.load * chance.noisy(21, 90)
            orders = int(chance.below(18) == 0)
            yield day, customer.id, fact.plan, tickets, mails, calls, orders


def _deployments(seed: int) -> Iterator[Line]:
    chance = Chance(seed, "deployments")
    for day in _days():
        for team, most in TEAMS.items():
            yield day, team, 0 if day.weekday() >= SATURDAY else chance.between(0, most)
