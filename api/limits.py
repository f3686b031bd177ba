"""Rate limits (限流), by token, account and address."""

import math
import time
from functools import cache
from typing import Final

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import (
    MovingWindowRateLimiter,
    RateLimiter,
    SlidingWindowCounterRateLimiter,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from api.address import address_of, network_of
from api.errors import ApiError, problem_response

_UNLIMITED: Final = ("/health/",)
"""Supervisors and load balancers ask these, and must be told the truth under load above all."""


class RateLimits:
    """Counts in this process; a deployment with several processes limits each of them."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        storage = MemoryStorage()
        # Guesses are few and counted exactly; ordinary requests are many and may be off by a few.
        self._exact = MovingWindowRateLimiter(storage)
        self._cheap = SlidingWindowCounterRateLimiter(storage)

    async def spend(self, limit: str, *who: str) -> None:
        """Count one request, or raise a 429 that says when to come back."""
        await self._spend(self._exact, limit, who)

    async def flow(self, limit: str, *who: str) -> None:
        """Count one of many requests, as `spend` does."""
        await self._spend(self._cheap, limit, who)

    async def require(self, limit: str, *who: str) -> None:
        """Raise a 429 if nothing is left to `spend`, without spending any."""
        for item in _items(limit):
            if not await self._exact.test(item, *who):
                raise await _too_many(self._exact, item, who)

    @staticmethod
    async def _spend(limiter: RateLimiter, limit: str, who: tuple[str, ...]) -> None:
        for item in _items(limit):
            if not await limiter.hit(item, *who):
                raise await _too_many(limiter, item, who)


@cache
def _items(limit: str) -> tuple[RateLimitItem, ...]:
    """What a limit says; there are as many as settings name."""
    return tuple(parse_many(limit))


async def _too_many(limiter: RateLimiter, item: RateLimitItem, who: tuple[str, ...]) -> ApiError:
    stats = await limiter.get_window_stats(item, *who)
    wait_for = min(max(1, math.ceil(stats.reset_time - time.time())), item.get_expiry())
    return ApiError(
        429, "too_many_requests", "请求过于频繁，请稍后再试", headers={"Retry-After": str(wait_for)}
    )


class AddressLimit:
    """Refuses an address that sends more than anybody needs, before anything else is done for it."""

    def __init__(self, app: ASGIApp, limit: str) -> None:
        """Wrap an application."""
        self._app = app
        self._limit = limit
        self._limits = RateLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or answer 429."""
        if scope["type"] == "http" and not scope["path"].startswith(_UNLIMITED):
            try:
                await self._limits.flow(self._limit, "address", network_of(address_of(scope)))
            except ApiError as error:
                await problem_response(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)
