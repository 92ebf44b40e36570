"""Usage plans: a token bucket per application and operation, as the API documents."""

import time


class Buckets:
    """`rate` tokens a second up to `burst`, for each key."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate = rate
        self.burst = burst
        self._level: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, application: str, operation: str) -> bool:
        """Whether the request fits the plan."""
        now = time.monotonic()
        level, at = self._level.get((application, operation), (float(self.burst), now))
        level = min(float(self.burst), level + (now - at) * self.rate)
        fits = level >= 1
        self._level[(application, operation)] = (level - 1 if fits else level, now)
        return fits

    @property
    def header(self) -> dict[str, str]:
        """The header that tells the rate."""
        return {"x-amzn-RateLimit-Limit": f"{self.rate:g}"}
