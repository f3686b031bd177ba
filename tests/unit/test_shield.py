"""被反映单位: a complaint about a unit is never in its hands, nor of those who answer to it (§12 rule 6)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hotline.case import Actor, Lineage
from hotline.commands import (
    AcceptMember,
    AssistOrder,
    CallJointReview,
    CommandEnvelope,
    DispatchCase,
    JoinCase,
    LogContact,
    ReclassifyCase,
    RecordLookBack,
    ReleaseMember,
    RequestExtension,
    ReturnCase,
    RuleBindingly,
    SettleMember,
    SignFor,
    SuspendWithPlan,
)
from hotline.effects import effects_of, effects_of_refusal
from hotline.evolve import replay
from hotline.facts import CaseJoined, CaseReclassified, CaseWithdrawn, ClockStopped
from hotline.identifiers import CommandId, UnitCode
from hotline.roles import SYSTEM_ACTOR
from hotline.visibility import Viewer, may_see
from hotline.vocabulary import ClockKind, ContactOutcome, EvidenceKind, RequestType, Role, Status
from unit.lives import (
    ACCUSED_UNIT,
    DISPATCHER,
    FAVOURABLE,
    HANDLER,
    MASTER_NUMBER,
    OPERATOR,
    OTHER_UNIT,
    REVIEWER,
    REVISITOR,
    SUPERVISOR,
    TEXT,
    THIRD_UNIT,
    UNIT,
    UNIT_HEAD,
    Life,
    accepted,
    awaiting_revisit,
    classified,
    completed,
    contact,
    contacted,
    day_of,
    dispatch,
    dispatched,
    evidence,
    handler_of,
    in_hand,
    person,
    registered,
    replied,
    reply,
    reworking,
    reworks_used_up,
    unreached,
)

DISTRICT = UnitCode("district")
BELOW_THE_DISTRICT = (Lineage(unit=UNIT, above=(DISTRICT,)),)


def turn_against(life: Life, *units: UnitCode) -> Life:
    """It turns out that these units are meant."""
    what = life.state.classification.model_copy(update={"accused_units": units})
    return life.then(ReclassifyCase(classification=what, reason=TEXT), DISPATCHER)


def returned() -> Life:
    life = dispatched()
    proof = (evidence(life.now, EvidenceKind.RETURN),)
    return life.then(ReturnCase(legal_basis=TEXT, evidence=proof), HANDLER)


def suspended() -> Life:
    life = contacted()
    next_on = day_of(life.now) + timedelta(days=10)
    return life.then(SuspendWithPlan(plan=TEXT, next_on=next_on, owner=HANDLER.user_id), UNIT_HEAD)


def asked_for_more_time() -> Life:
    return in_hand().then(RequestExtension(days=3, reason=TEXT), HANDLER)


AT_WORK: list[Callable[[], Life]] = [
    dispatched,
    returned,
    in_hand,
    asked_for_more_time,
    suspended,
    replied,
    reworking,
    awaiting_revisit,
    unreached,
    reworks_used_up,
]


@pytest.mark.parametrize("stage", AT_WORK)
def test_unit_that_turns_out_to_be_meant_loses_the_case_at_once(stage: Callable[[], Life]) -> None:
    life = stage()
    assert may_see(Viewer(actor=HANDLER), life.state.concern)
    turn_against(life, UNIT)
    assert life.all_of(CaseWithdrawn) == [CaseWithdrawn(units=(UNIT,), redispatch=True)]
    assert (life.state.status, life.state.units) == (Status.AWAITING_DISPATCH, ())
    assert not may_see(Viewer(actor=HANDLER), life.state.concern)
    assert {clock.kind for clock in life.state.clocks} == {ClockKind.DISPATCH}
    assert (life.state.reply, life.state.determination, life.state.suspension) == (None, None, None)
    assert life.state.pending_extension is None


@pytest.mark.parametrize("stage", AT_WORK)
def test_case_that_was_taken_away_goes_its_whole_way_with_another_unit(stage: Callable[[], Life]) -> None:
    life = turn_against(stage(), UNIT)
    assert life.refusal_code(dispatch(UNIT), DISPATCHER) == "accused_unit"
    other, started = handler_of(OTHER_UNIT), len(life.facts)
    life.then(dispatch(OTHER_UNIT), DISPATCHER).then(SignFor(), other)
    life.then(contact(life.now), other).then(reply(life.now), other)
    life.then(accepted(), REVIEWER).then(FAVOURABLE, REVISITOR)
    assert life.state.status is Status.COMPLETED
    stopped = [fact.body.clock_id for fact in life.facts if isinstance(fact.body, ClockStopped)]
    assert len(stopped) == len(set(stopped)), "no clock's id is used twice"
    assert not any(fact.actor.unit == UNIT for fact in life.facts[started:])


def test_assistant_that_turns_out_to_be_meant_is_let_go_and_the_lead_works_on() -> None:
    life = turn_against(contacted(assists=(OTHER_UNIT, THIRD_UNIT)), OTHER_UNIT)
    assert life.all_of(CaseWithdrawn) == [CaseWithdrawn(units=(OTHER_UNIT,), redispatch=False)]
    assert (life.state.status, life.state.units) == (Status.IN_HAND, (UNIT, THIRD_UNIT))
    assert not may_see(Viewer(actor=handler_of(OTHER_UNIT)), life.state.concern)
    assert [clock.holder for clock in life.state.clocks if clock.kind is ClockKind.ASSIST] == [THIRD_UNIT]


def test_another_unit_that_turns_out_to_be_meant_takes_nothing_away() -> None:
    life = turn_against(in_hand(), ACCUSED_UNIT)
    assert life.all_of(CaseWithdrawn) == []
    assert life.state.status is Status.IN_HAND


def test_unit_loses_the_case_when_the_one_above_it_is_meant() -> None:
    life = registered().then(DispatchCase(lead=UNIT, lineages=BELOW_THE_DISTRICT), DISPATCHER)
    turn_against(life, DISTRICT)
    assert life.state.status is Status.AWAITING_DISPATCH


@pytest.mark.parametrize(
    "command",
    [
        DispatchCase(lead=UNIT, lineages=BELOW_THE_DISTRICT),
        DispatchCase(lead=OTHER_UNIT, assists=(AssistOrder(unit=UNIT),), lineages=BELOW_THE_DISTRICT),
        CallJointReview(participants=(UNIT,), lineages=BELOW_THE_DISTRICT, reason=TEXT),
        CallJointReview(participants=(OTHER_UNIT, DISTRICT), reason=TEXT),
        JoinCase(into=MASTER_NUMBER, lead=UNIT, lineages=BELOW_THE_DISTRICT, reason=TEXT),
        JoinCase(into=MASTER_NUMBER, lead=OTHER_UNIT, lineages=BELOW_THE_DISTRICT, reason=TEXT),
    ],
)
def test_complaint_about_a_district_goes_to_nobody_below_it(
    command: DispatchCase | CallJointReview | JoinCase,
) -> None:
    about_it = registered(classified(accused_units=(DISTRICT,)))
    assert about_it.refusal_code(command, DISPATCHER) == "accused_unit"
    if not isinstance(command, CallJointReview) or DISTRICT not in command.participants:
        assert registered().refusal(command, DISPATCHER) is None


def test_binding_ruling_names_no_accused_unit_either() -> None:
    life = turn_against(in_hand(), UNIT)
    for lead in (UNIT, OTHER_UNIT):
        ruling = RuleBindingly(lead=lead, reason=TEXT)
        assert (life.refusal_code(ruling, SUPERVISOR) == "accused_unit") is (lead == UNIT)


def test_once_dispatched_only_what_sets_no_limit_is_classified_anew() -> None:
    life = in_hand()
    for change, code in (
        ({"type": RequestType.REPORT}, "classification_fixed"),
        ({"hard": True}, "classification_fixed"),
        ({"category": "noise", "area": "donghu"}, None),
        ({"accused_units": (ACCUSED_UNIT,)}, None),
    ):
        what = life.state.classification.model_copy(update=change)
        assert life.refusal_code(ReclassifyCase(classification=what, reason=TEXT), OPERATOR) == code


# ── joined cases 并单 ───────────────────────────────────────────────────────────────────────────


def joined(*accused: UnitCode) -> Life:
    life = registered(classified(accused_units=accused))
    return life.then(JoinCase(into=MASTER_NUMBER, lead=UNIT, reason=TEXT), DISPATCHER)


def test_master_hears_whom_a_member_complains_about() -> None:
    life = joined(OTHER_UNIT)
    fact = next(fact for fact in life.facts if isinstance(fact.body, CaseJoined))
    (effect,) = effects_of(life.state, fact)
    assert effect.envelope.command == AcceptMember(member=life.state.case_no, accused_units=(OTHER_UNIT,))


def test_master_is_not_dispatched_to_whom_a_member_complains_about() -> None:
    master = registered().then(AcceptMember(member=MASTER_NUMBER, accused_units=(OTHER_UNIT,)), SYSTEM_ACTOR)
    assert master.refusal_code(dispatch(OTHER_UNIT), DISPATCHER) == "accused_unit"
    assert master.refusal(dispatch(UNIT), DISPATCHER) is None


def test_master_in_the_hands_of_the_accused_lets_the_member_go() -> None:
    """The desk saw another lead; the case itself has the last word."""
    master = in_hand(assists=(OTHER_UNIT,))
    for accused in (UNIT, OTHER_UNIT):
        command = AcceptMember(member=MASTER_NUMBER, accused_units=(accused,))
        assert master.refusal_code(command, SYSTEM_ACTOR) == "accused_unit"
        envelope = CommandEnvelope(command_id=CommandId("command-0"), actor=SYSTEM_ACTOR, command=command)
        (effect,) = effects_of_refusal(master.state, envelope)
        assert (effect.target, effect.envelope.command) == (
            MASTER_NUMBER,
            ReleaseMember(by=master.state.case_no),
        )


def test_member_that_turns_against_its_lead_leaves_and_is_not_settled_by_it() -> None:
    life = turn_against(joined(), UNIT)
    assert (life.state.status, life.state.joined_to) == (Status.AWAITING_DISPATCH, None)
    turned = next(fact for fact in life.facts if isinstance(fact.body, CaseReclassified))
    before = replay(life.facts[: turned.seq])
    assert before.joined_to == MASTER_NUMBER
    assert effects_of(before, turned) == ()
    settle = SettleMember(
        by=MASTER_NUMBER,
        unit=UNIT,
        reply=TEXT,
        accepted_at=life.now,
        signer=UNIT_HEAD.user_id,
        reviewed_by=REVIEWER.user_id,
    )
    assert life.refusal_code(settle, SYSTEM_ACTOR) == "not_joined"


def test_member_that_turns_against_another_unit_tells_its_master() -> None:
    life = turn_against(joined(), OTHER_UNIT)
    turned = next(fact for fact in life.facts if isinstance(fact.body, CaseReclassified))
    (effect,) = effects_of(life.state, turned)
    assert effect.target == MASTER_NUMBER
    assert effect.envelope.command == AcceptMember(member=life.state.case_no, accused_units=(OTHER_UNIT,))
    master = in_hand().then(AcceptMember(member=MASTER_NUMBER), SYSTEM_ACTOR)
    told = AcceptMember(member=MASTER_NUMBER, accused_units=(OTHER_UNIT,))
    master.then(told, SYSTEM_ACTOR)
    assert (master.state.members, master.state.accused_by_members) == ((MASTER_NUMBER,), (OTHER_UNIT,))
    assert master.refusal_code(told, SYSTEM_ACTOR) == "member_known"


# ── two people, two units (rules 6, 18, 20) ─────────────────────────────────────────────────────


def on_loan(role: Role) -> Actor:
    return person(f"{role}-on-loan", role, UNIT)


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.SUPERVISOR])
def test_reviewer_is_not_of_the_unit_that_replied(role: Role) -> None:
    assert replied().refusal_code(accepted(), on_loan(role)) == "own_unit"
    assert replied().refusal(accepted(), person("another", role, OTHER_UNIT)) is None


def test_revisitor_is_not_of_the_unit_that_replied() -> None:
    assert awaiting_revisit().refusal_code(FAVOURABLE, on_loan(Role.REVISITOR)) == "own_unit"


def test_whoever_kept_contact_for_the_unit_does_not_ask_whether_it_was_kept() -> None:
    life = in_hand(secret=True)
    life.then(LogContact(outcome=ContactOutcome.REACHED, at=life.now), REVISITOR)
    life.then(reply(life.now), HANDLER).then(accepted(), REVIEWER)
    assert life.refusal_code(FAVOURABLE, REVISITOR) == "own_case"
    assert life.refusal(FAVOURABLE, person("revisitor-2", Role.REVISITOR)) is None


def test_looking_back_is_for_who_did_not_review() -> None:
    life = replied().then(accepted(), SUPERVISOR).then(FAVOURABLE, REVISITOR)
    check = RecordLookBack(holds=True, finding=TEXT)
    assert life.refusal_code(check, SUPERVISOR) == "own_case"
    assert life.refusal(check, REVISITOR) is None
    assert completed().refusal(check, SUPERVISOR) is None
