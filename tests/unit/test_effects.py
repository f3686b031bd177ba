"""What joining means for the other case, and what follows when nobody is there."""

from datetime import UTC, datetime

import pytest
from fixtures.cases import (
    DISPATCHER,
    HANDLER,
    OPERATOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    envelope,
    new_number,
    registration,
)

from hotline.case import CaseState, Reply
from hotline.commands import AcceptMember, AddFacts, ReleaseMember, SettleMember
from hotline.decide import Context, register
from hotline.effects import answer_to_silence, effects_of, effects_of_refusal
from hotline.evolve import replay
from hotline.facts import (
    Body,
    CaseClosed,
    CaseJoined,
    Fact,
    FactsAdded,
    MemberAccepted,
    MemberSettled,
    ReplyAccepted,
)
from hotline.identifiers import CaseNo, CommandId
from hotline.policy import default_policy
from hotline.vocabulary import Outcome, Status

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MEMBERS = (CaseNo("260302100000010001"), CaseNo("260302100000010002"))
ACCEPTED = Reply(
    unit=UNIT,
    text=TEXT,
    submitted_at=AT,
    submitted_by=HANDLER.user_id,
    signer=UNIT_HEAD.user_id,
    evidence=(),
    cited=True,
    reviewed_by=DISPATCHER.user_id,
    accepted_at=AT,
)


@pytest.fixture
def master() -> CaseState:
    what = registration(registered_at=AT)
    ctx = Context(AT, OPERATOR, CommandId("command-0"), default_policy())
    return replay(register(what, ctx)).model_copy(update={"members": MEMBERS})


def fact(state: CaseState, body: Body) -> Fact:
    return Fact(
        case_no=state.case_no,
        seq=state.version + 1,
        at=AT,
        actor=DISPATCHER,
        command_id=CommandId("command-1"),
        body=body,
    )


def closed(state: CaseState, reply: Reply | None) -> CaseState:
    return state.model_copy(update={"status": Status.COMPLETED, "reply": reply})


def test_joined_case_asks_its_master_to_accept_it(master: CaseState) -> None:
    into = new_number()
    (effect,) = effects_of(master, fact(master, CaseJoined(into=into, lead=UNIT, reason=TEXT)))
    assert effect.target == into
    assert effect.envelope.command == AcceptMember(member=master.case_no)


def test_accepted_reply_settles_every_member_under_ids_of_their_own(master: CaseState) -> None:
    answered = master.model_copy(update={"reply": ACCEPTED})
    effects = effects_of(answered, fact(answered, ReplyAccepted()))
    assert [effect.target for effect in effects] == list(MEMBERS)
    assert all(isinstance(effect.envelope.command, SettleMember) for effect in effects)
    assert len({effect.envelope.command_id for effect in effects}) == len(MEMBERS)
    assert effects == effects_of(answered, fact(answered, ReplyAccepted()))


def test_end_without_a_reply_releases_every_member(master: CaseState) -> None:
    ended = closed(master, None)
    end = CaseClosed(status=Status.TERMINATED, outcome=Outcome.TERMINATED)
    commands = [effect.envelope.command for effect in effects_of(ended, fact(ended, end))]
    assert commands == [ReleaseMember(by=master.case_no)] * len(MEMBERS)


def test_end_after_a_reply_says_nothing_more(master: CaseState) -> None:
    ended = closed(master, ACCEPTED)
    end = CaseClosed(status=Status.COMPLETED, outcome=Outcome.SATISFIED)
    assert effects_of(ended, fact(ended, end)) == ()


@pytest.mark.parametrize(("reply", "said"), [(ACCEPTED, SettleMember), (None, ReleaseMember)])
def test_late_member_of_a_closed_master_hears_at_once(
    master: CaseState, reply: Reply | None, said: type
) -> None:
    ended = closed(master, reply)
    (effect,) = effects_of(ended, fact(ended, MemberAccepted(member=MEMBERS[0])))
    assert effect.target == MEMBERS[0]
    assert isinstance(effect.envelope.command, said)


def test_case_joined_to_its_own_member_lets_it_go(master: CaseState) -> None:
    joined_back = master.model_copy(update={"joined_to": MEMBERS[0]})
    (effect,) = effects_of(joined_back, fact(joined_back, MemberAccepted(member=MEMBERS[0])))
    assert effect.target == MEMBERS[0]
    assert effect.envelope.command == ReleaseMember(by=master.case_no)


def test_settled_member_settles_members_of_its_own(master: CaseState) -> None:
    settled = master.model_copy(update={"reply": ACCEPTED})
    heard = MemberSettled(
        by=new_number(),
        unit=UNIT,
        reply=TEXT,
        accepted_at=AT,
        signer=UNIT_HEAD.user_id,
        reviewed_by=DISPATCHER.user_id,
    )
    effects = effects_of(settled, fact(settled, heard))
    assert [effect.target for effect in effects] == list(MEMBERS)
    assert {type(effect.envelope.command) for effect in effects} == {SettleMember}


def test_member_of_a_master_still_at_work_waits(master: CaseState) -> None:
    assert effects_of(master, fact(master, MemberAccepted(member=MEMBERS[0]))) == ()


def test_member_that_a_settled_master_knows_already_hears_again(master: CaseState) -> None:
    asked = envelope(DISPATCHER, AcceptMember(member=MEMBERS[1]))
    (effect,) = effects_of_refusal(closed(master, ACCEPTED), asked)
    assert effect.target == MEMBERS[1]
    assert effects_of_refusal(master, asked) == ()


def test_most_facts_concern_nobody_else(master: CaseState) -> None:
    assert effects_of(master, fact(master, FactsAdded(text=TEXT))) == ()


def test_case_whose_master_is_gone_releases_itself(master: CaseState) -> None:
    gone = new_number()
    (asked,) = effects_of(master, fact(master, CaseJoined(into=gone, lead=UNIT, reason=TEXT)))
    answer = answer_to_silence(master, asked)
    assert answer is not None
    assert answer.command == ReleaseMember(by=gone)


def test_member_that_is_gone_needs_no_answer(master: CaseState) -> None:
    answered = master.model_copy(update={"reply": ACCEPTED})
    for effect in effects_of(answered, fact(answered, ReplyAccepted())):
        assert answer_to_silence(answered, effect) is None


def test_other_commands_have_no_answer_to_a_refusal(master: CaseState) -> None:
    assert effects_of_refusal(master, envelope(OPERATOR, AddFacts(text=TEXT))) == ()
