"""Cases that a new policy revision would reach (在办工单): page by page, in the order of their numbers.

A case lives until it is archived: one that is closed has a clock for its archive and may be reopened. A case on
a compressed policy belongs to a simulation, and stays on its own time.
"""

from typing import Final

from sqlalchemy import ColumnElement, Float, and_, cast, exists, select

from hotline.case import CaseState
from hotline.identifiers import CaseNo
from hotline.model import Record
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import Status
from store.engine import ReadSession
from store.scope import CaseScope, visible_to
from store.tables.casework import cases
from store.tables.reference import policies, policy_refusals

PAGE: Final = 200


async def living_states(
    session: ReadSession, scope: CaseScope, *, revision: str, after: CaseNo | None, limit: int = PAGE
) -> tuple[CaseState, ...]:
    """Return the states of living cases under another revision, whose numbers come after one."""
    query = select(cases.c.state).where(scope.condition, lives_under_another(revision))
    if after:
        query = query.where(cases.c.case_no > after)
    found = await session.execute(query.order_by(cases.c.case_no).limit(limit))
    return tuple(CaseState.model_validate(state) for state in found.scalars())


class Living(Record):
    """A case that a revision has to reach, and the version at which it was read."""

    case_no: CaseNo
    version: int


async def living_cases(
    session: ReadSession, *, revision: str, after: CaseNo | None, limit: int = 50
) -> tuple[Living, ...]:
    """Return the next living cases that a published revision has not reached, for the system to bring it to."""
    query = select(cases.c.case_no, cases.c.version).where(
        visible_to(SYSTEM_ACTOR).condition, lives_under_another(revision)
    )
    if after:
        query = query.where(cases.c.case_no > after)
    found = await session.execute(query.order_by(cases.c.case_no).limit(limit))
    return tuple(Living.model_validate(dict(row)) for row in found.mappings())


def lives_under_another(revision: str) -> ColumnElement[bool]:
    """The condition on `cases` that a revision would reach them, and has neither done so nor been refused."""
    compressed = exists().where(
        policies.c.revision == cases.c.policy_revision, cast(policies.c.body["speed"].astext, Float) != 1
    )
    refused = exists().where(
        policy_refusals.c.revision == revision, policy_refusals.c.case_no == cases.c.case_no
    )
    is_under_another = and_(cases.c.status != Status.ARCHIVED, cases.c.policy_revision != revision)
    return and_(is_under_another, ~compressed, ~refused)
