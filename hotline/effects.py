"""What a fact of one case means for another (并单联动): commands that follow from joining cases.

A joined case tells its master; the master's accepted reply settles every member, and a master that ends
without one releases them. Command ids derive from their cause, so telling twice is telling once.
"""

from hotline.case import CaseState, Classification
from hotline.commands import (
    AcceptMember,
    Command,
    CommandEnvelope,
    ReleaseMember,
    SettleMember,
)
from hotline.facts import (
    CaseClosed,
    CaseJoined,
    CaseReclassified,
    Fact,
    MemberAccepted,
    MemberSettled,
    ReplyAccepted,
)
from hotline.identifiers import CaseNo, derived_command
from hotline.model import Record
from hotline.roles import SYSTEM_ACTOR
from hotline.visibility import accuses_who_works


class Effect(Record):
    """A command for another case."""

    target: CaseNo
    envelope: CommandEnvelope


def effects_of(state: CaseState, fact: Fact) -> tuple[Effect, ...]:
    """What follows elsewhere from a fact; `state` is the case with that fact applied."""
    match fact.body:
        case CaseJoined(into=master):
            return (_tell(master, _membership(state), fact.command_id),)
        case CaseReclassified(before=before, after=after) if state.joined_to:
            return _more_accused(state, before, after, fact.command_id)
        # A case that was joined while another was on its way to it passes on what it hears.
        case ReplyAccepted() | MemberSettled():
            return _tell_members(state, state.members, fact.command_id)
        # Two cases that joined each other at the same moment would wait for each other for ever.
        case MemberAccepted(member=member) if state.joined_to == member:
            return (_tell(member, ReleaseMember(by=state.case_no), fact.command_id),)
        case CaseClosed() if not _has_answer(state):
            return _tell_members(state, state.members, fact.command_id)
        case MemberAccepted(member=member) if _is_settled(state):
            return _tell_members(state, (member,), fact.command_id)
    return ()


def effects_of_refusal(state: CaseState, envelope: CommandEnvelope) -> tuple[Effect, ...]:
    """A master that knows its member already, and has nothing more to say, says it again.

    One that must not work for this member, because the member complains about who works here, lets it go.
    """
    match envelope.command:
        case AcceptMember(member=member, accused_units=accused) if accuses_who_works(state, accused):
            return (_tell(member, ReleaseMember(by=state.case_no), envelope.command_id),)
        case AcceptMember(member=member) if _is_settled(state):
            return _tell_members(state, (member,), envelope.command_id)
    return ()


def answer_to_silence(state: CaseState, effect: Effect) -> CommandEnvelope | None:
    """What a case tells itself when a target is not there: joined to one that has gone, it goes on alone."""
    if not isinstance(effect.envelope.command, AcceptMember):
        return None
    released = ReleaseMember(by=effect.target)
    return _tell(state.case_no, released, effect.envelope.command_id).envelope


def _membership(state: CaseState) -> AcceptMember:
    return AcceptMember(member=state.case_no, accused_units=state.classification.accused_units)


def _more_accused(
    state: CaseState, before: Classification, after: Classification, cause: str
) -> tuple[Effect, ...]:
    """A joined case that complains about more units tells its master, unless it leaves it for that reason."""
    known = set(after.accused_units) <= set(before.accused_units)
    if known or state.joined_to is None or accuses_who_works(state, after.accused_units):
        return ()
    return (_tell(state.joined_to, _membership(state), cause),)


def _tell_members(state: CaseState, members: tuple[CaseNo, ...], cause: str) -> tuple[Effect, ...]:
    verdict = _verdict(state)
    return tuple(_tell(member, verdict, cause) for member in members)


def _verdict(state: CaseState) -> SettleMember | ReleaseMember:
    reply = state.reply
    if reply is None or reply.accepted_at is None or reply.reviewed_by is None:
        return ReleaseMember(by=state.case_no)
    return SettleMember(
        by=state.case_no,
        unit=reply.unit,
        reply=reply.text,
        accepted_at=reply.accepted_at,
        signer=reply.signer,
        reviewed_by=reply.reviewed_by,
    )


def _has_answer(state: CaseState) -> bool:
    return isinstance(_verdict(state), SettleMember)


def _is_settled(state: CaseState) -> bool:
    return _has_answer(state) or not state.is_open


def _tell(target: CaseNo, command: Command, cause: str) -> Effect:
    command_id = derived_command(cause, f"{command.kind}/{target}")
    return Effect(
        target=target,
        envelope=CommandEnvelope(command_id=command_id, actor=SYSTEM_ACTOR, command=command),
    )
