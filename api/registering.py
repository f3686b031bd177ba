"""Registering (登记): PostgreSQL gives the number, then the engine is asked to take the case on.

If the engine is away the caller has the number all the same, and the relay brings the case to it later;
both may race (architecture.md §3 h).
"""

import asyncio
from datetime import timedelta
from typing import Final

from structlog.contextvars import bind_contextvars

from api.codes import is_code
from api.errors import unit_unknown
from api.gateway import CaseArchived, GatewayError
from api.schemas import RegisteredView
from api.services import Services
from hotline.case import Actor
from hotline.evolve import first_status
from store.accounts import unknown_units
from store.intake import IntakeReceipt, IntakeRequest, Submission, register
from workflows.contracts import Receipt

_ADOPTS_WITHIN: Final = timedelta(seconds=3)
"""A caller on the phone does not wait longer for the engine: the number is theirs already."""


async def register_case(
    services: Services, request: IntakeRequest, *, actor: Actor, key: str, principal: str = ""
) -> RegisteredView:
    """Give a request its number, and have the engine adopt it if it can right now."""
    policy = await services.policies.in_force(at=services.now())
    accused = request.accused_units
    submission = Submission(actor=actor, key=key, at=services.now(), policy=policy, principal=principal)
    async with services.database.write() as session:
        if not all(map(is_code, accused)) or await unknown_units(session, accused):
            raise unit_unknown("accused_units")
        receipt = await register(session, services.keyring, request, submission)
    bind_contextvars(case_no=receipt.case_no)
    return _view(receipt, await _adopt(services, receipt))


async def _adopt(services: Services, receipt: IntakeReceipt) -> Receipt | None:
    """Ask the engine once; what it does not take on at once, the relay brings to it."""
    policy = await services.policies.of(receipt.registration.policy_revision)
    try:
        async with asyncio.timeout(_ADOPTS_WITHIN.total_seconds()):
            return await services.books.adopt(receipt.registration, policy)
    except CaseArchived:
        return None
    except (GatewayError, TimeoutError):
        services.relay.nudge()
        return None


def _view(receipt: IntakeReceipt, adopted: Receipt | None) -> RegisteredView:
    registration = receipt.registration
    status = adopted.status if adopted else first_status(registration)
    return RegisteredView(
        case_no=receipt.case_no,
        retrieval_code=receipt.retrieval_code,
        status=status,
        status_label=status.label,
        version=adopted.version if adopted else None,
        next_due_at=adopted.next_due_at if adopted else None,
        adopted=adopted is not None or receipt.adopted,
        replayed=receipt.replayed,
        occurrence=registration.occurrence,
        repeat_of=registration.repeat_of,
    )
