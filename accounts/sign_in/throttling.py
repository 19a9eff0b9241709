"""
How many passwords may be tried, by whom, so that guessing is slow and no stranger locks anybody out.

A browser that signed in to the account before (its device cookie says so) has tries of its own. Whoever else guesses
uses up those of their own address, and, from many addresses, those that browsers unknown to the account share. Even
then the account's owner has two ways in: a browser it knows, and the link of a password reset.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from math import ceil

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

A_MINUTE = timedelta(minutes=1)


class Throttled(Exception):
    """Too many tries. `until`: when there are some again."""

    def __init__(self, until: datetime) -> None:
        self.until = until


@dataclass(frozen=True)
class Budget:
    """So many tries in each window of time."""

    key: str
    tries: int
    window: timedelta

    def cache_key(self, *, now: datetime) -> str:
        return f"tries:{self.key}:{self.window_number(now)}"

    def window_number(self, now: datetime) -> int:
        return int(now.timestamp() // self.window.total_seconds())

    def renewed_at(self, *, now: datetime) -> datetime:
        return datetime.fromtimestamp((self.window_number(now) + 1) * self.window.total_seconds(), UTC)


def password_budgets(email: str, *, address: str, device: str | None) -> list[Budget]:
    """What one try at this account's password uses up. The same whether the account exists."""
    account, network = keyed(email.lower()), keyed(household(address))
    if device:
        return [Budget(f"device:{account}:{device}", 10, timedelta(minutes=15))]
    return [
        Budget(f"stranger:{account}:{network}", 5, timedelta(minutes=15)),
        Budget(f"address:{network}", 50, timedelta(minutes=15)),
        Budget(f"account:{account}", 50, timedelta(hours=1)),
    ]


def spend(budgets: Sequence[Budget], *, now: datetime) -> None:
    """Count one try, or raise Throttled and count none: who is refused already uses up nobody else's tries."""
    spent: list[Budget] = []
    for budget in budgets:
        key = budget.cache_key(now=now)
        cache.add(key, 0, timeout=int(2 * budget.window.total_seconds()))
        spent.append(budget)
        if cache.incr(key) > budget.tries:
            give_back(spent, now=now)
            raise Throttled(budget.renewed_at(now=now))


def give_back(budgets: Sequence[Budget], *, now: datetime) -> None:
    """The password was right: only failures count."""
    for budget in budgets:
        cache.decr(budget.cache_key(now=now))


def household(address: str) -> str:
    """An IPv4 address, or the /64 that one subscriber has in IPv6."""
    if ip_address(address).version == 4:
        return address
    return str(ip_network(f"{address}/64", strict=False).network_address)


def keyed(text: str) -> str:
    """The cache holds no address, of mail or network."""
    return salted_hmac("accounts.throttling", text, algorithm="sha256").hexdigest()[:32]


def too_many_requests(request: HttpRequest, until: datetime | None = None) -> HttpResponse:
    """Also what allauth answers to its own limits, all of a minute."""
    now = timezone.now()
    wait = until - now if until else A_MINUTE
    response = render(request, "429.html", {"minutes": max(1, ceil(wait / A_MINUTE))}, status=429)
    response["Retry-After"] = str(max(1, ceil(wait.total_seconds())))
    return response
