"""Timeouts, retries and priorities of everything that a case asks of the world, in one place."""

from datetime import timedelta
from typing import Final

from temporalio.common import Priority, RetryPolicy
from temporalio.workflow import ActivityConfig

from hotline.vocabulary import Urgency

FIRST_KEY: Final = 1
"""The first of the engine's five priorities."""

INTERACTIVE: Final = Priority(priority_key=FIRST_KEY)
"""Somebody waits for the answer."""

WAITED_FOR_KEY: Final = 2
"""Somebody has waited for an ordinary case for long: before what clocks do, behind emergencies, until the answer (ADR 0059)."""

ORDINARY_KEY: Final = 3
"""What the engine gives whoever asks for none."""

ORDINARY: Final = Priority(priority_key=ORDINARY_KEY)
"""What a case itself has to do, timers and commands alike; an emergency is INTERACTIVE in all it does."""

CLOCK: Final = Priority(priority_key=5)
"""A clock fired: thousands do in the same second, and nobody waits (architecture.md §3 j)."""


def of_case(urgency: Urgency) -> Priority:
    """With which priority the workflow of a case works: an emergency does not queue behind the others."""
    return INTERACTIVE if urgency is Urgency.CRITICAL else ORDINARY


def of_clocks(urgency: Urgency) -> Priority:
    """With which priority is written what clocks came to: of an emergency, as if somebody waited for it."""
    return INTERACTIVE if urgency is Urgency.CRITICAL else CLOCK


def projection(priority: Priority) -> ActivityConfig:
    """How facts are written: quick tries, for as long as an outage of the database may last."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(seconds=10),
        schedule_to_close_timeout=timedelta(days=30),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10)
        ),
        priority=priority,
    )


PROJECTION_RESUMES_AFTER: Final = timedelta(minutes=1)
"""How long a case waits before it asks again for a projection that failed for good."""

RECEIPTS_KEPT: Final = 200
"""Commands whose receipt a case remembers; a caller retries within minutes, not after 200 commands."""

ERRAND_ATTEMPTS: Final = 9
ERRAND_FIRST_RETRY: Final = timedelta(seconds=1)
"""A case that is told something may be registered and not yet adopted: nine doublings wait four minutes."""


ROLLOUT_SETTLES_AFTER: Final = timedelta(minutes=5)
"""Longer than any request may take: whoever read the old policy before the new one was published is done by then."""

ROLLOUT_RESTS_FOR: Final = timedelta(minutes=1)
"""Between two walks over the living cases."""


def rollout() -> ActivityConfig:
    """How a page of a rollout is worked through: behind everything else, and noticed soon when its worker dies."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(minutes=30),
        heartbeat_timeout=timedelta(minutes=1),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)
        ),
        priority=CLOCK,
    )
