"""Notices (通知): which fact is told to whom, in words without anything personal, and from when it may disturb them.

A rung fires at its true instant; telling people is another matter (domain.md §6.2). The inbox has every notice
at once; outside channels speak in working hours, and of emergencies at any hour. What is told follows from
facts alone and has an id made from the fact's, so that a replay, a retry or a crash never tells twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from hotline.calendar import SHANGHAI
from hotline.case import Actor, CaseState
from hotline.facts import (
    AnswerReviewed,
    AppealDecided,
    AssistReplied,
    Body,
    CaseDispatched,
    CaseRegistered,
    CaseReopened,
    CaseReturned,
    CaseWithdrawn,
    ClockFired,
    DeterminationDecided,
    DeterminationRequested,
    ExclusionDecided,
    ExclusionRequested,
    ExtensionDecided,
    ExtensionRequested,
    Fact,
    FlagRaised,
    InstructionGiven,
    JointActionAdded,
    JointReviewCalled,
    MeasureAppealed,
    MeasureIssued,
    NoticeDecided,
    OrderAnswered,
    ReplyReturned,
    ReturnRuled,
    ReworkOrdered,
    RungSkipped,
    TakenInCharge,
)
from hotline.identifiers import HOTLINE, CaseNo, MeasureNo, NoticeId, UnitCode, UserId, notice_id
from hotline.model import Record
from hotline.policy import PolicySnapshot
from hotline.vocabulary import AlarmCode, ClockKind, Flag, MeasureKind, NoticeKind, Role, Urgency


class Audience(Record):
    """Who is told (通知对象): everybody of a role, those of one unit in a role, or one person."""

    role: Role | None = None
    unit: UnitCode | None = None
    user: UserId | None = None

    def includes(self, actor: Actor) -> bool:
        """Whether somebody belongs to it."""
        return (
            (self.role is None or actor.role is self.role)
            and (self.unit is None or actor.unit == self.unit)
            and (self.user is None or actor.user_id == self.user)
        )


class Notice(Record):
    """What is told of one fact. `besides` did it and need not be told; an emergency waits for no opening hour."""

    notice_id: NoticeId
    case_no: CaseNo
    seq: int
    kind: NoticeKind
    at: datetime
    text: str
    audiences: tuple[Audience, ...]
    besides: UserId
    is_urgent: bool = False

    def is_for(self, actor: Actor) -> bool:
        """Whether somebody is told, as far as that does not depend on who may know of the case."""
        return actor.user_id != self.besides and any(group.includes(actor) for group in self.audiences)


class _Told(Record):
    """One line of the table: what kind, in which words, to whom."""

    kind: NoticeKind
    words: str
    to: tuple[Audience, ...]


def notices_of(state: CaseState, facts: Sequence[Fact]) -> tuple[Notice, ...]:
    """What is told of newly written facts; `state` is the case with all of them applied."""
    measured = {
        (fact.command_id, fact.body.clock_id) for fact in facts if isinstance(fact.body, MeasureIssued)
    }
    return tuple(
        _notice(state, fact, told)
        for fact in facts
        for told in _told(state, fact.body)
        # A rung that made a measure is told by the measure, which says more.
        if not (isinstance(fact.body, ClockFired) and (fact.command_id, fact.body.clock_id) in measured)
    )


def may_disturb_from(notice: Notice, now: datetime, policy: PolicySnapshot) -> datetime:
    """From when outside channels may tell of it: at once in an emergency, else when offices are open.

    Compressed time has no opening hours.
    """
    if notice.is_urgent or policy.speed != 1:
        return now
    return policy.calendar.next_opening(now)


def _notice(state: CaseState, fact: Fact, told: _Told) -> Notice:
    is_urgent = state.classification.urgency is Urgency.CRITICAL
    return Notice(
        notice_id=notice_id(fact.case_no, fact.seq, told.kind),
        case_no=fact.case_no,
        seq=fact.seq,
        kind=told.kind,
        at=fact.at,
        text=f"{'【特急】' if is_urgent else ''}工单 {fact.case_no}：{told.words}",
        audiences=told.to,
        besides=fact.actor.user_id,
        is_urgent=is_urgent,
    )


# ── who ─────────────────────────────────────────────────────────────────────────────────────────


def _desk(*roles: Role) -> tuple[Audience, ...]:
    """People at the hotline's own desks."""
    return tuple(Audience(role=role) for role in roles)


def _unit(unit: UnitCode) -> tuple[Audience, ...]:
    """The handlers and the heads of a unit."""
    return (Audience(role=Role.HANDLER, unit=unit), *_head(unit))


def _head(unit: UnitCode) -> tuple[Audience, ...]:
    return (Audience(role=Role.UNIT_HEAD, unit=unit),)


def _lead(state: CaseState) -> tuple[Audience, ...]:
    return _unit(state.assignment.lead) if state.assignment else ()


def _lead_head(state: CaseState) -> tuple[Audience, ...]:
    return _head(state.assignment.lead) if state.assignment else ()


def _person(user: UserId | None) -> tuple[Audience, ...]:
    return (Audience(user=user),) if user else ()


_DISPATCH: Final = _desk(Role.DISPATCHER)
_SUPERVISION: Final = _desk(Role.SUPERVISOR)

_AT_DESK: Final = {
    ClockKind.REVISIT: _desk(Role.REVISITOR),
    ClockKind.APPEAL: _SUPERVISION,
    ClockKind.EXCLUSION: _desk(Role.DISPATCHER, Role.SUPERVISOR),
    ClockKind.JOINT_REVIEW: _SUPERVISION,
    ClockKind.DETERMINATION: _desk(Role.DISPATCHER, Role.SUPERVISOR),
    ClockKind.EXTENSION_DECISION: _desk(Role.DISPATCHER, Role.SUPERVISOR),
}
"""Who answers for a clock that the hotline itself holds; dispatchers for all others."""

_WITHOUT_LADDER: Final = frozenset({ClockKind.SUPPLEMENT, ClockKind.RATING_WINDOW, ClockKind.ARCHIVE})
"""What ends by itself at its instant and asks nobody for anything."""

_OVERSEEN: Final = {
    AlarmCode.YELLOW_CARD: _SUPERVISION,
    AlarmCode.SUPERVISION: _SUPERVISION,
    AlarmCode.RED_CARD: _SUPERVISION,
    AlarmCode.SPECIAL_SUPERVISION: _desk(Role.SUPERVISOR, Role.DISCIPLINE),
    AlarmCode.INTERVIEW: _desk(Role.SUPERVISOR, Role.LEADER),
    AlarmCode.CIRCULAR: _desk(Role.SUPERVISOR, Role.LEADER),
    AlarmCode.ACCOUNTABILITY: _desk(Role.SUPERVISOR, Role.DISCIPLINE),
}
"""Who besides the unit hears of a rung: whoever acts on it by the ladder of domain.md §6.2."""

_PROPOSED: Final = frozenset({AlarmCode.INTERVIEW, AlarmCode.CIRCULAR, AlarmCode.ACCOUNTABILITY})


# ── what ────────────────────────────────────────────────────────────────────────────────────────


def _told(state: CaseState, body: Body) -> Iterator[_Told]:
    """The table: every fact that somebody is told of. What is in no row here is seen in lists and boards."""
    if isinstance(body, ClockFired):
        yield from _fired(state, body)
    yield from _told_of_dispatch(state, body)
    yield from _told_of_work(state, body)
    yield from _told_of_supervision(state, body)
    yield from _told_of_direction(state, body)
    yield from _told_of_scores(state, body)


def _told_of_dispatch(state: CaseState, body: Body) -> Iterator[_Told]:
    kind = NoticeKind
    match body:
        case CaseRegistered() if state.classification.urgency is Urgency.CRITICAL:
            yield _Told(kind=kind.EMERGENCY, words="特急工单已登记，请立即处置。", to=_DISPATCH)
        case CaseDispatched():
            yield from _dispatched(state, body)
        case CaseWithdrawn(redispatch=True):
            yield _Told(kind=kind.REDISPATCH, words="已从承办单位收回，请重新派遣。", to=_DISPATCH)
        case CaseReturned():
            yield _Told(kind=kind.RETURNED, words="承办单位申请退单，请裁定。", to=_DISPATCH)
        case ReturnRuled(upheld=True):
            yield _Told(kind=kind.REDISPATCH, words="退单成立，请重新派遣。", to=_DISPATCH)
        case ReturnRuled():
            yield _Told(kind=kind.RETURN_RULED, words="退单不成立，请继续办理。", to=_lead(state))
        case JointReviewCalled():
            to = _desk(Role.SUPERVISOR, Role.DISPATCHER)
            yield _Told(kind=kind.JOINT_REVIEW, words="已进入会商，请组织研究并作出裁定。", to=to)
        case CaseReopened():
            yield _Told(kind=kind.REOPENED, words="已重新办理，请派遣。", to=_DISPATCH)
        case _:
            return


def _dispatched(state: CaseState, body: CaseDispatched) -> Iterator[_Told]:
    lead = f"已派给你单位主办，请签收。{_until(state, ClockKind.SIGNATURE, '签收期限')}"
    yield _Told(kind=NoticeKind.DISPATCHED, words=lead, to=_unit(body.lead))
    assisting = tuple(group for task in body.assists for group in _unit(task.unit))
    if assisting:
        # The same fact in other words is another notice, and so has a number of its own.
        yield _Told(kind=NoticeKind.ASSIST_ORDERED, words="请你单位协办，并按时答复主办单位。", to=assisting)


def _fired(state: CaseState, body: ClockFired) -> Iterator[_Told]:
    if body.clock in _WITHOUT_LADDER:
        return
    words = f"{body.clock.label}时限{body.alarm.label}{_due_of(state, body)}"
    if body.holder == HOTLINE:
        to = _AT_DESK.get(body.clock, _DISPATCH)
    elif body.alarm in _PROPOSED:
        words = f"按规则建议{body.alarm.label}，请研究决定"
        to = _OVERSEEN[body.alarm]
    elif body.alarm is AlarmCode.WARNING:
        to = (Audience(role=Role.HANDLER, unit=body.holder),)
    else:
        to = (*_unit(body.holder), *_OVERSEEN.get(body.alarm, ()))
    yield _Told(kind=NoticeKind.RUNG, words=f"{words}。", to=to)


def _told_of_scores(state: CaseState, body: Body) -> Iterator[_Told]:
    kind = NoticeKind
    match body:
        case ExclusionRequested(ground=ground):
            to = _desk(Role.DISPATCHER, Role.SUPERVISOR)
            yield _Told(
                kind=kind.EXCLUSION_REQUESTED, words=f"申请考核剔除（{ground.label}），请审批。", to=to
            )
        case ExclusionDecided(approved=approved, settled=True):
            words = (
                f"考核剔除申请{'已批准，调整后的指标不再计入此单' if approved else '未批准，指标照常计入'}。"
            )
            yield _Told(kind=kind.EXCLUSION_DECIDED, words=words, to=_lead(state))


def _told_of_work(state: CaseState, body: Body) -> Iterator[_Told]:
    kind = NoticeKind
    match body:
        case ExtensionRequested(days=days):
            to = (*_lead_head(state), *_desk(Role.DISPATCHER, Role.SUPERVISOR))
            yield _Told(
                kind=kind.EXTENSION_REQUESTED, words=f"申请延期 {days} 个工作日，请按权限审批。", to=to
            )
        case ExtensionDecided(approved=approved, days=days):
            words = f"延期 {days} 个工作日{'已批准' if approved else '未批准，请按原期限办理'}。"
            yield _Told(kind=kind.EXTENSION_DECIDED, words=words, to=_lead(state))
        case DeterminationRequested(determination=what):
            to = _desk(Role.DISPATCHER, Role.SUPERVISOR)
            yield _Told(kind=kind.DETERMINATION_REQUESTED, words=f"申请{what.label}，请审批。", to=to)
        case DeterminationDecided(determination=what, approved=approved, settled=True):
            words = f"{what.label}{'已批准' if approved else '未批准，请继续办理'}。"
            yield _Told(kind=kind.DETERMINATION_DECIDED, words=words, to=_lead(state))
        case AssistReplied():
            yield _Told(kind=kind.ASSIST_REPLIED, words="协办单位已答复。", to=_lead(state))
        case ReplyReturned():
            words = f"办理结果审核未通过，请重新办理。{_until(state, ClockKind.HANDLING, '办理期限')}"
            yield _Told(kind=kind.REPLY_RETURNED, words=words, to=_lead(state))
        case FlagRaised(flag=Flag.FALSE_CLOSING):
            to = _desk(Role.SUPERVISOR, Role.DISCIPLINE)
            yield _Told(kind=kind.FALSE_CLOSING, words="回访与答复不符，已标记虚假办结，请核查。", to=to)
        case ReworkOrdered():
            words = f"诉求人不认可办理结果，请重办。{_until(state, ClockKind.REWORK, '重办期限')}"
            yield _Told(kind=kind.REWORK, words=words, to=_lead(state))
        case _:
            return


def _told_of_supervision(state: CaseState, body: Body) -> Iterator[_Told]:
    kind = NoticeKind
    match body:
        case MeasureIssued():
            yield from _issued(state, body)
        case NoticeDecided(number=number, approved=approved):
            words = f"通报 {number} {'已批准公开' if approved else '未批准公开'}。"
            yield _Told(kind=kind.NOTICE_DECIDED, words=words, to=(*_SUPERVISION, *_of(state, number)))
        case OrderAnswered(number=number):
            yield _Told(kind=kind.ORDER_ANSWERED, words=f"督办单 {number} 已答复，请审核。", to=_SUPERVISION)
        case AnswerReviewed(number=number, accepted=accepted):
            words = f"督办单 {number} 的答复{'已通过' if accepted else '未通过，请重新答复'}。"
            yield _Told(kind=kind.ANSWER_REVIEWED, words=words, to=_of(state, number))
        case MeasureAppealed(number=number):
            yield _Told(kind=kind.APPEALED, words=f"{number} 已申诉，请审理。", to=_SUPERVISION)
        case AppealDecided(number=number, upheld=upheld):
            words = f"{number} 的申诉{'成立，记分已撤销' if upheld else '不成立'}。"
            yield _Told(kind=kind.APPEAL_DECIDED, words=words, to=_of(state, number))
        case _:
            return


def _told_of_direction(state: CaseState, body: Body) -> Iterator[_Told]:
    """What leaders and supervisors lay upon people by name, or order."""
    kind = NoticeKind
    match body:
        case JointActionAdded(person=person, due_on=due_on, action=action, number=number):
            words = f"联动督办 {number} 第 {action} 项由您负责，请于{due_on.isoformat()}前完成。"
            yield _Told(kind=kind.JOINT_ACTION, words=words, to=_person(person))
        case TakenInCharge(leader=leader):
            to = (*_person(leader), *_lead_head(state), *_SUPERVISION)
            yield _Told(kind=kind.IN_CHARGE, words="已由领导包案。", to=to)
        case InstructionGiven():
            words = "领导已批示，请按批示办理。"
            yield _Told(kind=kind.INSTRUCTED, words=words, to=(*_lead(state), *_SUPERVISION))
        case RungSkipped(rung=rung):
            to = (*_lead_head(state), *_desk(Role.SUPERVISOR, Role.DISCIPLINE))
            yield _Told(kind=kind.RUNG_SKIPPED, words=f"{rung.label}已按指令跳过。", to=to)
        case _:
            return


def _issued(state: CaseState, body: MeasureIssued) -> Iterator[_Told]:
    if body.public:
        words = f"{body.measure.label} {body.number} 的公开文本待审批。"
        yield _Told(kind=NoticeKind.NOTICE_PROPOSED, words=words, to=_desk(Role.SUPERVISOR, Role.LEADER))
    if body.public and body.measure is MeasureKind.NOTICE:
        return
    name = body.rung.label if body.rung and body.measure is MeasureKind.CARD else body.measure.label
    words = f"{name} {body.number} 已下达。{_what_follows(state, body)}"
    overseen = _OVERSEEN.get(body.rung, ()) if body.rung else ()
    to = (*_unit(body.unit), *_person(body.person), *overseen)
    yield _Told(kind=NoticeKind.MEASURE, words=words, to=to)


def _what_follows(state: CaseState, body: MeasureIssued) -> str:
    if body.measure is MeasureKind.ORDER:
        waiting = f"{ClockKind.ORDER}:{body.number.partition('-')[2]}"
        answer = _due_at(
            clock.due_at for clock in state.clocks if clock.clock_id.partition(".")[0] == waiting
        )
        return f"请于{answer}前答复。" if answer else "请按时答复。"
    if body.measure is MeasureKind.URGE:
        return "请抓紧办理。"
    return f"如有异议，请于{in_words(body.appeal_until)}前申诉。"


def _of(state: CaseState, number: MeasureNo) -> tuple[Audience, ...]:
    """Whom a measure was laid upon: the heads of its unit, and the person it names."""
    measure = state.measure(number)
    return (*_head(measure.unit), *_person(measure.person)) if measure else _lead_head(state)


# ── words ───────────────────────────────────────────────────────────────────────────────────────

_WEEKDAYS: Final = "一二三四五六日"


def in_words(at: datetime) -> str:
    """An instant as people in Shanghai say it: 11月26日（星期四）18:00."""
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日（星期{_WEEKDAYS[local.weekday()]}）{local:%H:%M}"


def _due_at(instants: Iterable[datetime]) -> str:
    earliest = min(instants, default=None)
    return in_words(earliest) if earliest else ""


def _until(state: CaseState, kind: ClockKind, name: str) -> str:
    due = _due_at(clock.due_at for clock in state.clocks if clock.kind is kind and clock.held_at is None)
    return f"{name}：{due}。" if due else ""


def _due_of(state: CaseState, body: ClockFired) -> str:
    """Until when there is time, or since when there is none; the clock may have ended with its rung."""
    clock = state.clock(body.clock_id)
    if clock is None:
        return ""
    is_over = clock.due_at <= body.due_at
    return f"，{'已于' if is_over else '到期时间'}{in_words(clock.due_at)}{'到期' if is_over else ''}"
