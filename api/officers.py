"""From an account to an officer (办案人员): at which level somebody acts, and for which units.

Level and group are the account's, what a group supervises is asked of the tree of units at each request, so that
a change of either counts at once. Everybody else has no part in accountability, whatever they know of cases.
"""

from typing import Annotated

from fastapi import Depends

from api.deps import PrincipalDep, ServicesDep
from hotline.accountability.state import Officer
from hotline.accountability.vocabulary import Level
from store.accounts import User
from store.engine import ReadSession
from store.viewers import viewer


async def officer_of(session: ReadSession, user: User) -> Officer:
    """The officer that a discipline account is."""
    looks = await viewer(session, user.actor)
    return Officer(
        user_id=user.user_id,
        level=user.discipline_level or Level.OFFICER,
        unit=user.unit,
        supervises=looks.supervised,
    )


async def _officer(principal: PrincipalDep, services: ServicesDep) -> Officer:
    async with services.database.read() as session:
        return await officer_of(session, principal.user)


OfficerDep = Annotated[Officer, Depends(_officer)]
