"""Reading cases for a caller (工单阅览): scope first, then rows, then the texts that the caller may see.

How much of a citizen somebody sees, and whose texts are redacted, hotline/secrecy.py says; opening the data
of a secret caller is api/opening.py. A page names no other case that its reader may not know of.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from api.schemas import CallerView, CaseLine, CasePageView, CaseView, FactPage, FactView
from api.services import Services
from api.sight import EVERY_CASE, scope_of, visible_case
from hotline.actions import next_actions
from hotline.case import Actor, CaseState, TextRef
from hotline.facts import CaseRegistered, Fact, references_in
from hotline.identifiers import CaseNo
from hotline.roles import UNIT_ROLES
from hotline.secrecy import Shown, caller_shown_to, reads_redacted
from store.cases import CaseFilters, clocks_of, list_cases, state_of, visible_among
from store.engine import ReadSession
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
        titles = await titles_of(services, session, actor, {row.case_no: row.secret for row in page.rows})
    lines = [CaseLine.of(row, titles.get(row.case_no), now) for row in page.rows]
    return CasePageView(items=lines, next_cursor=page.next_cursor)


async def titles_of(
    services: Services, session: ReadSession, actor: Actor, secrets: Mapping[CaseNo, bool]
) -> dict[CaseNo, str]:
    """The titles of some cases, of which it is said whether they are secret, as somebody may read them."""
    texts = await texts_of(session, services.keyring, list(secrets), (TITLE,))
    hidden = {case_no: texts[case_no] for case_no, secret in secrets.items() if secret}
    texts |= await _shown(services, session, actor, hidden)
    return {case_no: said[TITLE] for case_no, said in texts.items() if TITLE in said}


async def case_view(services: Services, actor: Actor, case_no: CaseNo) -> CaseView:
    """One case, whole. Raises as `visible_case`."""
    scope = scope_of(actor)
    async with services.database.read() as session:
        state = await visible_case(session, actor, case_no)
        return CaseView.of(
            state,
            texts=await _texts(services, session, actor, state),
            caller=await _caller(services, session, actor, state),
            clocks=await clocks_of(session, scope, case_no),
            next_actions=next_actions(state, actor),
            known=await _known(session, actor, state, state.references, state.repeat_of),
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
            past.state,
            texts=await _texts(services, session, actor, present),
            caller=await _caller(services, session, actor, present),
            clocks=past.clocks,
            next_actions=(),
            known=await _known(session, actor, present, past.state.references, past.state.repeat_of),
            now=at,
            as_of=at,
        )


async def _caller(
    services: Services, session: ReadSession, actor: Actor, state: CaseState
) -> CallerView | None:
    shown = caller_shown_to(actor.role, secret=state.secret)
    looks_on = actor.role in UNIT_ROLES and actor.unit not in state.units
    if looks_on or shown is Shown.NOTHING:
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


async def _known(
    session: ReadSession,
    actor: Actor,
    state: CaseState,
    named: Collection[CaseNo],
    earlier: CaseNo | None,
) -> frozenset[CaseNo]:
    """Those of the cases that a page names which its reader may know of; `earlier` is of the same caller."""
    known = await visible_among(session, scope_of(actor), named)
    if earlier in known and not await _may_link(session, actor, state, earlier):
        return known - {earlier}
    return known


async def _may_link(session: ReadSession, actor: Actor, state: CaseState, earlier: CaseNo) -> bool:
    """Whether somebody may learn which earlier case came from the same caller: it would name a secret one."""
    if not reads_redacted(actor.role):
        return True
    linked = await state_of(session, EVERY_CASE, earlier)
    return not state.secret and linked is not None and not linked.secret


async def fact_page(services: Services, actor: Actor, case_no: CaseNo, *, after: int, limit: int) -> FactPage:
    """A page of a case's ledger with its texts. Raises as `visible_case`."""
    async with services.database.read() as session:
        state = await visible_case(session, actor, case_no)
        facts = await facts_of(session, case_no, after=after, limit=limit)
        opened = await read_texts(session, services.keyring, _refs(facts))
        texts = {str(text_id): text for text_id, text in opened.items()}
        if state.secret:
            texts = (await _shown(services, session, actor, {case_no: texts}))[case_no]
        named = [number for fact in facts for number in references_in(fact.body)]
        known = await _known(session, actor, state, named, _earlier(facts))
    last = facts[-1].seq if len(facts) == limit else None
    return FactPage(items=[FactView.of(fact, known) for fact in facts], texts=texts, next_after=last)


def _earlier(facts: tuple[Fact, ...]) -> CaseNo | None:
    """The earlier case of the same caller that a page of the ledger names."""
    registered = (fact.body for fact in facts if isinstance(fact.body, CaseRegistered))
    return next((body.registration.repeat_of for body in registered), None)


def _refs(facts: tuple[Fact, ...]) -> list[TextRef]:
    return [ref for fact in facts for ref in refs_in(fact.body)]
