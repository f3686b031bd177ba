"""Rate limits of the public endpoints, per address (限流)."""

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from api.errors import ApiError


class RateLimits:
    """Counts in this process; a deployment with several processes limits each of them."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def spend(self, limit: str, *who: str) -> None:
        """Count one request, or raise a 429 that says when to come back."""
        item = parse(limit)
        if not await self._limiter.hit(item, *who):
            raise ApiError(
                429,
                "too_many_requests",
                "请求过于频繁，请稍后再试",
                headers={"Retry-After": str(item.get_expiry())},
            )
