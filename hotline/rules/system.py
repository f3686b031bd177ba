"""The system's own commands: alarms that come due, policy that changes, cases that speak to each other.

They are decided like any other command; a refusal of one of them is a bug, not an answer to a person.
"""

from collections.abc import Iterator
from typing import Final

from hotline.case import CaseState, Clock, burdens
from hotline.commands import AcceptMember, ObligationDue, ReleaseMember, RevisePolicy, SettleMember
from hotline.facts import (
    Body,
    CaseArchived,
    CaseClosed,
    ClockFired,
    DetailsOverdue,
    FlagRaised,
    MemberAccepted,
    MemberReleased,
    MemberSettled,
    PolicyRevised,
)
from hotline.obligations import flag_of_breach, revise
from hotline.refusals import GuardFailed
from hotline.rules.base import Context, Rule
from hotline.rules.supervision import measures_of_rung
from hotline.visibility import accuses_who_works
from hotline.vocabulary import CLOSED, OPEN, TERMINAL, ClockKind, Outcome, Role, Status


def _obligation_due(state: CaseState, command: ObligationDue, ctx: Context) -> Iterator[Body]:
    """Fire one alarm, once: the fact carries its true instant, the envelope when it was fired."""
    clock = state.clock(command.clock_id)
    alarm = state.next_alarm_of(clock) if clock else None
    if clock is None or alarm is None or alarm.code is not command.alarm or alarm.at > ctx.now:
        raise GuardFailed("alarm_not_due", "该时限没有到期的提醒")
    stood = clock.next_alarm
    assert stood is not None, "an alarm that may fire stands in the schedule"
    is_burden = burdens(alarm.code, clock.holder)
    yield ClockFired(
        clock_id=clock.clock_id,
        clock=clock.kind,
        holder=clock.holder,
        alarm=alarm.code,
        due_at=stood.at,
        is_due=alarm.is_due,
        waited_until=alarm.at if alarm.at > stood.at else None,
        next_burden_at=ctx.policy.next_burden_at(alarm.at) if is_burden else None,
    )
    if alarm.is_due:
        yield from _consequence(state, clock)
    elif is_burden:
        yield from _marked(state, clock)
    if is_burden and ctx.policy.supervision:
        yield from measures_of_rung(state, clock, alarm.code, ctx)


def _consequence(state: CaseState, clock: Clock) -> Iterator[Body]:
    """What the end of a limit does by itself, apart from telling people."""
    match clock.kind:
        case ClockKind.SUPPLEMENT:
            yield DetailsOverdue()
        case ClockKind.RATING_WINDOW:
            yield CaseClosed(status=Status.COMPLETED, outcome=Outcome.UNREACHED)
        case ClockKind.ARCHIVE:
            yield CaseArchived()
        case _:
            yield from _marked(state, clock)


def _marked(state: CaseState, clock: Clock) -> Iterator[Body]:
    flag = flag_of_breach(clock.kind)
    if flag and flag not in state.flags:
        yield FlagRaised(flag=flag)


def _revise_policy(state: CaseState, command: RevisePolicy, ctx: Context) -> Iterator[Body]:
    if command.policy.revision == state.policy_revision:
        raise GuardFailed("policy_in_force", "该版本已适用于此单", field="policy")
    yield PolicyRevised(
        policy_revision=command.policy.revision, calendar_revision=command.policy.calendar.revision
    )
    yield from revise(state, command.policy, ctx.now)


def _accept_member(state: CaseState, command: AcceptMember, _: Context) -> Iterator[Body]:
    """A member that complains about a unit at work here cannot stay: its matter would be in that unit's hands."""
    if accuses_who_works(state, command.accused_units):
        raise GuardFailed("accused_unit", "被反映单位不得承办", field="member", rule="domain.md §12 rule 6")
    if command.member in state.members and set(command.accused_units) <= set(state.accused_by_members):
        raise GuardFailed("member_known", "该工单已并入", field="member")
    yield MemberAccepted(member=command.member, accused_units=command.accused_units)


def _settle_member(state: CaseState, command: SettleMember, _: Context) -> Iterator[Body]:
    _require_joined(state, command.by)
    yield MemberSettled(
        by=command.by,
        unit=command.unit,
        reply=command.reply,
        accepted_at=command.accepted_at,
        signer=command.signer,
        reviewed_by=command.reviewed_by,
    )


def _release_member(state: CaseState, command: ReleaseMember, _: Context) -> Iterator[Body]:
    _require_joined(state, command.by)
    yield MemberReleased(by=command.by)


def _require_joined(state: CaseState, by: str) -> None:
    if state.joined_to != by:
        raise GuardFailed("not_joined", "该工单未并入此单", field="by")


_SYSTEM: Final = frozenset({Role.SYSTEM})

RULES: Final = (
    Rule(ObligationDue, by=_SYSTEM, when=OPEN | TERMINAL, decide=_obligation_due),
    Rule(
        RevisePolicy,
        by=frozenset({Role.SYSTEM, Role.ADMINISTRATOR}),
        when=OPEN | TERMINAL,
        decide=_revise_policy,
    ),
    Rule(AcceptMember, by=_SYSTEM, when=OPEN | CLOSED, decide=_accept_member),
    Rule(SettleMember, by=_SYSTEM, when=OPEN, decide=_settle_member),
    Rule(ReleaseMember, by=_SYSTEM, when=OPEN, decide=_release_member),
)
