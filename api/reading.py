"""Reading cases for a caller (工单阅览): scope first, then rows, then the texts that the caller may see.

Contact details go to those who must reach the citizen: the hotline, and the unit in hand unless the
citizen asked for secrecy (domain.md §1.5, §12 rule 5).
"""

from datetime import datetime
from typing import Final

from api.desk import scope_of
from api.gateway import CaseNotAdopted
from api.schemas import CallerView, CaseLine, CasePageView, CaseView, FactPage, FactView
from api.services import Services
from hotline.actions import next_actions
from hotline.case import Actor, CaseState, TextRef
from hotline.facts import Fact
from hotline.identifiers import CaseNo
from hotline.roles import UNIT_ROLES
from hotline.vocabulary import Role
from store.cases import CaseFilters, clocks_of, list_cases, state_of
from store.engine import ReadSession
from store.intake import registration_of
from store.ledger import facts_of
from store.past import case_at
from store.vault import (
    CONTENT,
    IMPORTED_REPLY,
    TITLE,
    caller_hash,
    read_caller,
    read_texts,
    refs_in,
    texts_of,
)

_SEES_CALLER: Final = frozenset(
    {Role.OPERATOR, Role.DISPATCHER, Role.REVISITOR, Role.SUPERVISOR} | UNIT_ROLES
)


async def case_page(
    services: Services, actor: Actor, filters: CaseFilters, *, cursor: str | None, limit: int
) -> CasePageView:
    """One page of the cases that somebody may see, with their titles."""
    now = services.now()
    async with services.database.read() as session:
        page = await list_cases(
            session,
            scope_of(actor),
            filters,
            now=now,
            cipher=services.keyring,
            cursor=cursor,
            limit=limit,
        )
        numbers = [row.case_no for row in page.rows]
        texts = await texts_of(session, services.keyring, numbers, (TITLE,))
    lines = [CaseLine.of(row, texts[row.case_no].get(TITLE), now) for row in page.rows]
    return CasePageView(items=lines, next_cursor=page.next_cursor)


async def case_view(services: Services, actor: Actor, case_no: CaseNo) -> CaseView | None:
    """One case, whole, or None if there is none that this caller may know of."""
    scope = scope_of(actor)
    async with services.database.read() as session:
        state = await state_of(session, scope, case_no)
        if state is None:
            await _require_adopted(session, actor, case_no)
            return None
        texts = await texts_of(session, services.keyring, [case_no], (TITLE, CONTENT, IMPORTED_REPLY))
        return CaseView.of(
            state,
            texts=texts[case_no],
            caller=await _caller(services, session, actor, state),
            clocks=await clocks_of(session, scope, case_no),
            next_actions=next_actions(state, actor),
            now=services.now(),
        )


async def past_view(services: Services, actor: Actor, case_no: CaseNo, at: datetime) -> CaseView | None:
    """One case as it was, or None if there is none that this caller may know of now, or was none then."""
    scope = scope_of(actor)
    async with services.database.read() as session:
        past = await case_at(session, scope, case_no, at)
        if past is None:
            return None
        texts = await texts_of(session, services.keyring, [case_no], (TITLE, CONTENT, IMPORTED_REPLY))
        # What somebody may know of the caller is asked of the case as it is: it may have become secret since.
        present = await state_of(session, scope, case_no)
        assert present is not None
        return CaseView.of(
            past.state,
            texts=texts[case_no],
            caller=await _caller(services, session, actor, present),
            clocks=past.clocks,
            next_actions=(),
            now=at,
            as_of=at,
        )


async def _require_adopted(session: ReadSession, actor: Actor, case_no: CaseNo) -> None:
    """A case that is registered but not yet adopted is not missing: the hotline's staff are told to wait."""
    if actor.role not in UNIT_ROLES and await registration_of(session, case_no):
        raise CaseNotAdopted(case_no)


async def _caller(
    services: Services, session: ReadSession, actor: Actor, state: CaseState
) -> CallerView | None:
    hidden = state.secret and actor.role in UNIT_ROLES
    if hidden or actor.role not in _SEES_CALLER:
        return None
    caller = await read_caller(session, services.keyring, state.case_no)
    return CallerView.of(caller, caller_hash(services.keyring, caller.phone)) if caller else None


async def fact_page(
    services: Services, actor: Actor, case_no: CaseNo, *, after: int, limit: int
) -> FactPage | None:
    """A page of a case's ledger with its texts, or None if there is no case that this caller may know of."""
    async with services.database.read() as session:
        if await state_of(session, scope_of(actor), case_no) is None:
            return None
        facts = await facts_of(session, case_no, after=after, limit=limit)
        texts = await read_texts(session, services.keyring, _refs(facts))
    last = facts[-1].seq if len(facts) == limit else None
    return FactPage(items=[FactView.of(fact) for fact in facts], texts=dict(texts), next_after=last)


def _refs(facts: tuple[Fact, ...]) -> list[TextRef]:
    return [ref for fact in facts for ref in refs_in(fact.body)]
