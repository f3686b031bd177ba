"""A case as its citizen sees it (进度查询): steps in plain words, the promise, the answer; no inner matters."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from api.schemas import PublicCaseView, PublicStep
from api.services import Services
from api.sight import visible_case
from hotline.actions import next_actions
from hotline.case import CaseState, TextRef
from hotline.facts import AnsweredDirectly, CaseRejected, ContactLogged, Fact
from hotline.identifiers import CaseNo
from hotline.roles import CITIZEN_ACTOR, UNIT_ROLES
from hotline.vocabulary import PHASE_OF, ClockKind, Status
from store.accounts import all_units
from store.engine import ReadSession
from store.ledger import facts_of
from store.vault import read_texts

_STEPS: Final = MappingProxyType(
    {
        "intake:registered": "诉求已登记",
        "intake:details_requested": "请补充信息",
        "intake:facts_added": "已收到您补充的事实",
        "intake:answered": "已直接解答",
        "intake:rejected": "不予受理，请见说明",
        "intake:transferred": "已紧急移送",
        "intake:joined": "已与同类诉求合并办理",
        "assignment:dispatched": "已派承办单位",
        "assignment:signed": "承办单位已签收",
        "handling:contacted": "承办单位已联系您",
        "handling:suspended": "暂不能解决，已列入计划",
        "handling:resumed": "恢复办理",
        "handling:reply_submitted": "承办单位已提交办理结果",
        "review:accepted": "办理结果已审核，等待回访",
        "revisit:rework_ordered": "重新办理",
        "closeout:closed": "已办结",
        "closeout:reopened": "重新办理",
    }
)
# Who disputes with whom is no matter of the citizen's: their case is being assigned.
_SHOWN_AS: Final = MappingProxyType(
    {Status.RETURN_REVIEW: Status.AWAITING_DISPATCH, Status.JOINT_REVIEW: Status.AWAITING_DISPATCH}
)
_FACTS: Final = 2_000
_PROMISES: Final = frozenset({ClockKind.HANDLING, ClockKind.REWORK, ClockKind.PLAN})


async def public_case(services: Services, case_no: CaseNo) -> PublicCaseView:
    """The citizen's view of a case; who asks has proven to know its retrieval code."""
    async with services.database.read() as session:
        state = await visible_case(session, CITIZEN_ACTOR, case_no)
        facts = await facts_of(session, case_no, limit=_FACTS)
        answer = await _answer(services, session, state, facts)
        units = {unit.code: unit.name for unit in await all_units(session)}
    actions = next_actions(state, CITIZEN_ACTOR)
    status = _SHOWN_AS.get(state.status, state.status)
    promise = next((clock.schedule for clock in state.clocks if clock.kind in _PROMISES), None)
    return PublicCaseView(
        case_no=case_no,
        status=status,
        status_label=status.label,
        phase_label=PHASE_OF[status].label,
        registered_at=state.registered_at,
        closed_at=state.closed_at,
        promised_at=promise and promise.due_at,
        promise_provisional=promise is not None and promise.provisional,
        promised_because=list(promise.because) if promise else [],
        handled_by=units.get(state.assignment.lead) if state.assignment else None,
        answer=answer,
        may_add_facts="add_facts" in actions,
        may_rate="citizen_rating" in actions,
        steps=[PublicStep(at=fact.at, label=_label(fact)) for fact in facts if fact.body.tag in _STEPS],
    )


def _label(fact: Fact) -> str:
    """A step in plain words; of a secret case it is the hotline that calls."""
    if isinstance(fact.body, ContactLogged) and fact.actor.role not in UNIT_ROLES:
        return "热线已联系您"
    return _STEPS[fact.body.tag]


async def _answer(
    services: Services, session: ReadSession, state: CaseState, facts: Sequence[Fact]
) -> str | None:
    """What the citizen was told: the accepted reply, a direct answer, or the advice of a refusal."""
    ref = _answer_ref(state, facts)
    if ref is None:
        return None
    return (await read_texts(session, services.keyring, [ref]))[ref.text_id]


def _answer_ref(state: CaseState, facts: Sequence[Fact]) -> TextRef | None:
    if state.reply and state.reply.accepted_at:
        return state.reply.text
    for fact in reversed(facts):
        if isinstance(fact.body, AnsweredDirectly):
            return fact.body.answer
        if isinstance(fact.body, CaseRejected):
            return fact.body.advice
    return None
