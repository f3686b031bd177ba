"""Reading cases for a caller (工单阅览): scope first, then rows, then the texts that the caller may see.

How much of a citizen somebody sees, and whose texts are redacted, hotline/secrecy.py says; opening the data
of a secret caller is api/opening.py.
"""

from collections.abc import Mapping
from datetime import datetime

from api.desk import EVERY_CASE, scope_of
from api.gateway import CaseNotAdopted
from api.schemas import CallerView, CaseLine, CasePageView, CaseView, FactPage, FactView
from api.services import Services
from hotline.actions import next_actions
from hotline.case import Actor, CaseState, TextRef
from hotline.facts import CaseRegistered, Fact
from hotline.identifiers import CaseNo
from hotline.roles import UNIT_ROLES
from hotline.secrecy import Shown, caller_shown_to, reads_redacted
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
    redacted_texts,
    refs_in,
    texts_of,
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
            redacted=reads_redacted(actor.role),
        )
        numbers = [row.case_no for row in page.rows]
        texts = await texts_of(session, services.keyring, numbers, (TITLE,))
        secret = {row.case_no: texts[row.case_no] for row in page.rows if row.secret}
        texts |= await _shown(services, session, actor, secret)
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
        return CaseView.of(
            await _linked(session, actor, state),
            texts=await _texts(services, session, actor, state),
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
        # What somebody may know of the caller is asked of the case as it is: it may have become secret since.
        present = await state_of(session, scope, case_no)
        assert present is not None
        return CaseView.of(
            await _linked(session, actor, past.state),
            texts=await _texts(services, session, actor, present),
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
    shown = caller_shown_to(actor.role, secret=state.secret)
    if shown is Shown.NOTHING:
        return None
    caller = await read_caller(session, services.keyring, state.case_no)
    if caller is None:
        return None
    known_as = caller_hash(services.keyring, caller.phone)
    return CallerView.of(caller, known_as, masked=shown is Shown.MASKED)


async def _texts(
    services: Services, session: ReadSession, actor: Actor, state: CaseState
) -> Mapping[str, str]:
    """What the citizen said, as somebody may read it."""
    texts = await texts_of(session, services.keyring, [state.case_no], (TITLE, CONTENT, IMPORTED_REPLY))
    if state.secret:
        texts = await _shown(services, session, actor, texts)
    return texts[state.case_no]


async def _shown(
    services: Services, session: ReadSession, actor: Actor, texts: Mapping[CaseNo, Mapping[str, str]]
) -> dict[CaseNo, dict[str, str]]:
    """The texts of secret cases as somebody may read them."""
    if reads_redacted(actor.role):
        return await redacted_texts(session, services.keyring, texts)
    return {case_no: dict(said) for case_no, said in texts.items()}


async def _linked(session: ReadSession, actor: Actor, state: CaseState) -> CaseState:
    """A state with the link to an earlier case of the same caller only where somebody may know it."""
    if await _may_link(session, actor, state):
        return state
    return state.model_copy(update={"repeat_of": None})


async def _may_link(session: ReadSession, actor: Actor, state: CaseState) -> bool:
    """Whether somebody may learn which earlier case came from the same caller: it would name a secret one."""
    if state.repeat_of is None or not reads_redacted(actor.role):
        return True
    earlier = await state_of(session, EVERY_CASE, state.repeat_of)
    return not state.secret and earlier is not None and not earlier.secret


async def fact_page(
    services: Services, actor: Actor, case_no: CaseNo, *, after: int, limit: int
) -> FactPage | None:
    """A page of a case's ledger with its texts, or None if there is no case that this caller may know of."""
    async with services.database.read() as session:
        state = await state_of(session, scope_of(actor), case_no)
        if state is None:
            return None
        facts = await facts_of(session, case_no, after=after, limit=limit)
        opened = await read_texts(session, services.keyring, _refs(facts))
        texts = {str(text_id): text for text_id, text in opened.items()}
        if state.secret:
            texts = (await _shown(services, session, actor, {case_no: texts}))[case_no]
        if not await _may_link(session, actor, state):
            facts = tuple(map(_unlinked, facts))
    last = facts[-1].seq if len(facts) == limit else None
    return FactPage(items=[FactView.of(fact) for fact in facts], texts=texts, next_after=last)


def _unlinked(fact: Fact) -> Fact:
    """A fact that does not tell which earlier case came from the same caller."""
    if not isinstance(fact.body, CaseRegistered):
        return fact
    registration = fact.body.registration.model_copy(update={"repeat_of": None})
    body = fact.body.model_copy(update={"registration": registration})
    return fact.model_copy(update={"body": body})


def _refs(facts: tuple[Fact, ...]) -> list[TextRef]:
    return [ref for fact in facts for ref in refs_in(fact.body)]
