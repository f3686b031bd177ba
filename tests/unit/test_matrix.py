"""角色、指令、状态: decide lets in whom the table of rules lets in, where it says, and nobody else anywhere."""

from datetime import date
from typing import Any

import pytest

from hotline import commands as c
from hotline.actions import next_actions
from hotline.case import Actor, CaseState, Reply, Suspension, UnitReturn
from hotline.decide import RULES, decide
from hotline.identifiers import UserId
from hotline.model import Message
from hotline.refusals import Refusal
from hotline.roles import CITIZEN_ACTOR, SYSTEM_ACTOR, UNIT_ROLES, Scope
from hotline.rules.base import Rule
from hotline.vocabulary import RejectReason, Role, Status
from unit.lives import (
    HANDLER,
    MASTER_NUMBER,
    OTHER_UNIT,
    POLICY,
    TEXT,
    THIRD_UNIT,
    UNIT,
    Life,
    classified,
    contact,
    contacted,
    day_of,
    evidence,
    person,
)

AT_THE_DOOR = {"role_not_permitted", "wrong_status", "out_of_scope", "own_unit", "case_not_found"}
LIFE: Life = contacted(assists=(OTHER_UNIT,))


def _somewhere(status: Status) -> CaseState:
    """A case with everything that any rule looks at, in a status."""
    now = LIFE.now
    return LIFE.state.model_copy(
        update={
            "status": status,
            "suspension": Suspension(number=1, next_on=day_of(now), suspended_at=now, back_to=Status.IN_HAND),
            "returns": (
                UnitReturn(unit=UNIT, returned_at=now, returned_by=HANDLER.user_id, back_to=Status.IN_HAND),
            ),
            "reply": Reply(
                unit=UNIT,
                text=TEXT,
                submitted_at=now,
                submitted_by=HANDLER.user_id,
                signer=UserId("head-9"),
                evidence=(),
                cited=True,
                reviewed_by=UserId("reviewer-9"),
                accepted_at=now,
            ),
        }
    )


PLACES = {status: _somewhere(status) for status in Status}


def _actor(role: Role, rule: Rule) -> Actor:
    """Somebody in a role, of a unit that is in the command's scope."""
    if role is Role.SYSTEM:
        return SYSTEM_ACTOR
    if role is Role.CITIZEN:
        return CITIZEN_ACTOR
    if role not in UNIT_ROLES:
        return person(f"{role}-5", role)
    return person(f"{role}-5", role, OTHER_UNIT if rule.scope is Scope.ASSIST else UNIT)


ANSWER: dict[str, Any] = {"contacted": True, "solved": True, "truthful": True, "satisfaction": 5}
ONE: dict[type[Message], dict[str, Any]] = {
    c.RequestDetails: {"missing": ("place",)},
    c.CompleteCase: {"note": TEXT},
    c.AddFacts: {"text": TEXT},
    c.ReclassifyCase: {"classification": classified(category="noise"), "reason": TEXT},
    c.AnswerDirectly: {"answer": TEXT},
    c.RejectCase: {"reason": RejectReason.R2, "advice": TEXT},
    c.TransferEmergency: {"service": "119"},
    c.JoinCase: {"into": MASTER_NUMBER, "lead": UNIT, "reason": TEXT},
    c.DispatchCase: {"lead": THIRD_UNIT},
    c.SignFor: {},
    c.ReturnCase: {"legal_basis": TEXT, "evidence": (evidence(LIFE.now),)},
    c.RuleOnReturn: {"upheld": True, "reason": TEXT},
    c.CallJointReview: {"participants": (UNIT,), "reason": TEXT},
    c.RuleBindingly: {"lead": THIRD_UNIT, "reason": TEXT},
    c.LogContact: contact(LIFE.now).model_dump(exclude={"kind"}),
    c.ReportProgress: {"text": TEXT},
    c.AssistReply: {"text": TEXT},
    c.WaiveAssist: {"unit": OTHER_UNIT, "reason": TEXT},
    c.RequestExtension: {"days": 1, "reason": TEXT},
    c.DecideExtension: {"approved": True, "reason": TEXT},
    c.SuspendWithPlan: {"plan": TEXT, "next_on": day_of(LIFE.now), "owner": HANDLER.user_id},
    c.Resume: {"reason": TEXT},
    c.SubmitReply: {"text": TEXT},
    c.ReviewReply: {"accepted": True},
    c.RequestTermination: {"ground": "R2", "reason": TEXT},
    c.DecideTermination: {"approved": True, "reason": TEXT},
    c.ClaimUnreasonable: {"reason": TEXT, "evidence": (evidence(LIFE.now),)},
    c.DecideUnreasonable: {"approved": True, "reason": TEXT},
    c.LogRevisitAttempt: {"outcome": "no_answer"},
    c.RecordRevisit: ANSWER,
    c.SecondRevisit: ANSWER,
    c.CitizenRating: {"solved": True, "satisfaction": 5},
    c.CloseCase: {"reason": TEXT},
    c.ReopenCase: {"new_facts": TEXT},
    c.RecordLookBack: {"holds": True, "finding": TEXT},
    c.ArchiveCase: {},
    c.Urge: {"unit": UNIT, "reason": TEXT},
    c.IssueSupervisionOrder: {"unit": UNIT, "demand": TEXT},
    c.AnswerSupervisionOrder: {"number": f"{MASTER_NUMBER}-DB01", "text": TEXT},
    c.ReviewSupervisionAnswer: {"number": f"{MASTER_NUMBER}-DB01", "accepted": True, "opinion": TEXT},
    c.IssueCard: {"unit": UNIT, "card": "yellow_card", "reason": TEXT},
    c.HoldInterview: {"unit": UNIT, "record": TEXT},
    c.CirculateNotice: {"unit": UNIT, "text": TEXT},
    c.ApproveNotice: {"number": f"{MASTER_NUMBER}-TB01", "approved": True, "reason": TEXT},
    c.TakeInCharge: {"plan": TEXT},
    c.Instruct: {"text": TEXT},
    c.ListForSupervision: {"unit": UNIT, "demand": TEXT, "due_on": date(2026, 3, 20)},
    c.EndListing: {"number": f"{MASTER_NUMBER}-GP01", "reason": TEXT},
    c.StartJointSupervision: {"plan": TEXT},
    c.AddJointAction: {
        "party": "office",
        "person": HANDLER.user_id,
        "due_on": date(2026, 3, 20),
        "task": TEXT,
    },
    c.DropJointAction: {"action": 1, "reason": TEXT},
    c.ReportJointAction: {"action": 1, "text": TEXT},
    c.CloseJointSupervision: {"conclusion": TEXT},
    c.SkipRung: {"clock_id": "handling:1", "rung": "urge", "reason": TEXT},
    c.AppealRung: {"number": f"{MASTER_NUMBER}-CB01", "grounds": TEXT},
    c.DecideAppeal: {"number": f"{MASTER_NUMBER}-CB01", "upheld": True, "reason": TEXT},
    c.ExcludeFromScore: {
        "ground": "system_failure",
        "reason": TEXT,
        "evidence": (evidence(LIFE.now),),
    },
    c.DecideExclusion: {"approved": True, "reason": TEXT},
    c.Recuse: {"person": "somebody", "reason": TEXT},
    c.LiftRecusal: {"person": "somebody", "reason": TEXT},
    c.ObligationDue: {"clock_id": "handling:1", "alarm": "due"},
    c.RevisePolicy: {"policy": POLICY},
    c.AcceptMember: {"member": MASTER_NUMBER},
    c.SettleMember: {
        "by": MASTER_NUMBER,
        "unit": UNIT,
        "reply": TEXT,
        "accepted_at": LIFE.now,
        "signer": HANDLER.user_id,
        "reviewed_by": HANDLER.user_id,
    },
    c.ReleaseMember: {"by": MASTER_NUMBER},
}


def _code(rule: Rule, state: CaseState, actor: Actor) -> str | None:
    command = rule.command.model_validate(ONE[rule.command])
    try:
        decide(state, command, LIFE.context(actor))  # type: ignore[arg-type]  # one of the union, made by its class
    except Refusal as refusal:
        return refusal.code
    return None


def _expected(rule: Rule, role: Role, status: Status) -> str | None:
    if role not in rule.by:
        return "role_not_permitted"
    return None if status in rule.when else "wrong_status"


EVERY_RULE = [rule for rule in RULES.values() if rule.command in ONE]


def test_every_command_is_tried() -> None:
    assert set(ONE) == set(RULES)


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.kind)
def test_decide_keeps_the_table(rule: Rule) -> None:
    for role in Role:
        actor = _actor(role, rule)
        for status, state in PLACES.items():
            code = _code(rule, state, actor)
            at_the_door = code if code in AT_THE_DOOR else None
            assert at_the_door == _expected(rule, role, status), (role, status)


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.kind)
def test_nothing_is_offered_that_the_table_does_not_give(rule: Rule) -> None:
    for role in Role:
        actor = _actor(role, rule)
        for status, state in PLACES.items():
            if rule.kind in next_actions(state, actor):
                assert _expected(rule, role, status) is None, (role, status)


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.kind)
@pytest.mark.parametrize("role", sorted(UNIT_ROLES))
def test_unit_that_is_not_at_work_does_nothing_in_any_status(role: Role, rule: Rule) -> None:
    """A district looks on at its street's case, and acts on nothing."""
    onlooker = person(f"{role}-5", role, THIRD_UNIT)
    for state in PLACES.values():
        assert _code(rule, state, onlooker) in {"role_not_permitted", "out_of_scope"}
