"""The one way to a case by its number (工单可见): its state, or that there is none, or that it is on its way.

Every operation about a case begins here: the desk for commands, the pages, the files, the ledger. What a
caller may know of is the scope of the queries (store/scope.py); the rest is what to answer without a row.
"""

from typing import Final

from api.errors import not_found
from api.gateway import CaseNotAdopted
from hotline.case import Actor, CaseState, Concern
from hotline.identifiers import CaseNo
from hotline.roles import CITIZEN_ACTOR, SYSTEM_ACTOR, UNIT_ROLES
from hotline.visibility import may_see
from store.cases import CaseScope, state_of, visible_to
from store.engine import ReadSession
from store.intake import registration_of
from store.scope import answering
from store.viewers import viewer

EVERY_CASE: Final = visible_to(SYSTEM_ACTOR)
"""For what the server looks up itself, and for a citizen who proved to know one case's retrieval code."""


def scope_of(actor: Actor) -> CaseScope:
    """What this caller may know of; a citizen's one case was proven by its retrieval code before."""
    return EVERY_CASE if actor == CITIZEN_ACTOR else visible_to(actor)


async def case_to_appeal(session: ReadSession, actor: Actor, case_no: CaseNo) -> CaseState:
    """Return the state of a case in which a caller may appeal: their unit need not have it any more."""
    if state := await state_of(session, answering(actor), case_no):
        return state
    return await visible_case(session, actor, case_no)


async def visible_case(session: ReadSession, actor: Actor, case_no: CaseNo) -> CaseState:
    """Return the state of a case that a caller may know of.

    Raises 404 if there is none, in the same words if the caller may not know of it; CaseNotAdopted (503) if
    it is registered and the engine has yet to take it on, for whoever may know of it then: its number was
    given to a citizen, and nobody may be told that there is no such case.
    """
    if state := await state_of(session, scope_of(actor), case_no):
        return state
    # At once, or the time taken would tell a unit what is kept from it.
    if actor.role not in UNIT_ROLES:
        if await _is_awaited(session, actor, case_no):
            raise CaseNotAdopted(case_no)
        # It may have been taken on between the two looks.
        if state := await state_of(session, scope_of(actor), case_no):
            return state
    raise not_found()


async def _is_awaited(session: ReadSession, actor: Actor, case_no: CaseNo) -> bool:
    registration = await registration_of(session, case_no)
    if registration is None:
        return False
    concern = Concern(accused_units=registration.classification.accused_units)
    if actor != CITIZEN_ACTOR and not may_see(await viewer(session, actor), concern):
        return False
    # A case that has a row is adopted; then it is the scope that does not show it.
    return await state_of(session, EVERY_CASE, case_no) is None
