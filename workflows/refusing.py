"""How a refusal (拒绝) crosses Temporal: as a typed failure with its parts, never as a text to be parsed.

A refusal ends the update and not the workflow task; every other exception is a bug, suspends the task
and is cured by deploying a fix.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from hotline.model import Record
from hotline.refusals import FAMILIES, Refusal


class RefusalDetails(Record):
    """The parts of a refusal, as they travel."""

    family: str
    code: str
    message: str
    field: str | None = None
    rule: str | None = None


@contextmanager
def refusals_as_failures() -> Iterator[None]:
    """Turn a refusal into the failure that reaches the caller."""
    try:
        yield
    except Refusal as refusal:
        raise failure_of(refusal) from refusal


def failure_of(refusal: Refusal) -> ApplicationError:
    """The failure that carries a refusal."""
    details = RefusalDetails(
        family=refusal.family,
        code=refusal.code,
        message=refusal.message,
        field=refusal.field,
        rule=refusal.rule,
    )
    return ApplicationError(refusal.message, details, type=refusal.family, non_retryable=True)


def refusal_of(failure: BaseException) -> Refusal | None:
    """The refusal that a failure carries, or None when the failure is something else."""
    if not isinstance(failure, ApplicationError) or failure.type not in FAMILIES or not failure.details:
        return None
    parts = RefusalDetails.model_validate(failure.details[0])
    return FAMILIES[parts.family](parts.code, parts.message, field=parts.field, rule=parts.rule)
