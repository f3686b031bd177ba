"""Cases that a new policy revision would reach (在办工单): page by page, in the order of their numbers.

A case lives until it is archived: one that is closed has a clock for its archive and may be reopened. A case on
a compressed policy belongs to a simulation, and stays on its own time.
"""

from typing import Final

from sqlalchemy import ColumnElement, Float, and_, cast, exists, select

from hotline.case import CaseState
from hotline.identifiers import CaseNo
from hotline.vocabulary import Status
from store.engine import ReadSession
from store.scope import CaseScope
from store.tables import cases, policies

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


def lives_under_another(revision: str) -> ColumnElement[bool]:
    """The condition on `cases` that a revision would reach them and has not."""
    compressed = exists().where(
        policies.c.revision == cases.c.policy_revision, cast(policies.c.body["speed"].astext, Float) != 1
    )
    return and_(cases.c.status != Status.ARCHIVED, cases.c.policy_revision != revision, ~compressed)
