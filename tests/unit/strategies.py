"""What people might ask of a case, sensible or not: Hypothesis strategies for registrations, people, commands.

Every command class has one strategy, drawn for the moment at which it is issued; a test proves that none is
missing. People are few, so that the same person often meets the case again in another role.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fixtures.cases import OPERATOR, TEXT, UNIT, UNIT_HEAD
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hotline import commands as c
from hotline.calendar import HolidayYear
from hotline.case import Actor, CaseState, Classification, EvidenceRef, Registration
from hotline.identifiers import CaseNo, ClockId, UserId
from hotline.model import Message
from hotline.policy import Limit, PolicySnapshot
from hotline.roles import CITIZEN_ACTOR, SYSTEM_ACTOR, UNIT_ROLES
from hotline.vocabulary import (
    AlarmCode,
    Channel,
    ClockKind,
    ContactOutcome,
    Element,
    EmergencyService,
    EvidenceKind,
    ExclusionGround,
    Indicator,
    JointParty,
    RejectReason,
    RequestType,
    Role,
    Urgency,
)
from unit.lives import (
    ACCUSED_UNIT,
    MASTER_NUMBER,
    NUMBER,
    OTHER_UNIT,
    POLICY,
    THIRD_UNIT,
    UNITS,
    at,
    day_of,
    person,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a command may refer to."""

    state: CaseState
    now: datetime


Strategy = SearchStrategy[Any]  # Each strategy yields its own command class.
OPTIONAL_TEXT: Strategy = st.sampled_from((TEXT, None))
TEXTS: Strategy = st.just(TEXT)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEARBY = (timedelta(0), -HOUR, -20 * DAY, HOUR)


# ── people ──────────────────────────────────────────────────────────────────────────────────────


def _colleagues(role: Role) -> tuple[Actor, ...]:
    units = UNITS if role in UNIT_ROLES else (None,)
    return tuple(
        person(name, role, unit)
        for unit in units
        for name in (f"{role}-of-{unit or 'hotline'}-1", f"{role}-of-{unit or 'hotline'}-2", "wears-all-hats")
    )


ACTORS: tuple[Actor, ...] = (
    SYSTEM_ACTOR,
    CITIZEN_ACTOR,
    *(actor for role in Role if role not in {Role.SYSTEM, Role.CITIZEN} for actor in _colleagues(role)),
)


# ── registrations ───────────────────────────────────────────────────────────────────────────────

INSTANTS = (
    at("2026-03-02 09:00"),
    at("2026-02-13 10:00"),
    at("2026-03-07 23:59"),
    at("2026-03-04 17:59"),
    at("2026-12-30 12:30"),
    at("2026-03-03 08:30") + timedelta(microseconds=1),
)

classifications = st.builds(
    Classification,
    type=st.sampled_from(RequestType),
    urgency=st.sampled_from((Urgency.NORMAL, Urgency.NORMAL, Urgency.URGENT, Urgency.CRITICAL)),
    hard=st.sampled_from((False, False, True)),
    accused_units=st.sampled_from(((), (), (ACCUSED_UNIT,), (ACCUSED_UNIT, THIRD_UNIT))),
    emergency=st.sampled_from((None,) * 7 + (EmergencyService.FIRE,)),
)


def registrations() -> SearchStrategy[Registration]:
    return st.builds(
        Registration,
        case_no=st.just(NUMBER),
        registered_at=st.sampled_from(INSTANTS),
        registered_by=st.just(OPERATOR),
        channel=st.sampled_from((Channel.PHONE, Channel.WEB)),
        classification=classifications,
        secret=st.booleans(),
        anonymous=st.booleans(),
        has_contact=st.booleans(),
        missing=st.sampled_from(((), (), (), (Element.PLACE,))),
        repeat_of=st.sampled_from((None, None, MASTER_NUMBER)),
        occurrence=st.integers(1, 4),
        policy_revision=st.just(POLICY.revision),
    )


# ── policies ────────────────────────────────────────────────────────────────────────────────────


def _revised(revision: str, days: int, hours: int) -> PolicySnapshot:
    handling = tuple(
        rule.model_copy(
            update={
                "limit": Limit.wall(hours * HOUR)
                if rule.urgency is Urgency.URGENT
                else Limit.working_days(days)
            }
        )
        for rule in POLICY.handling
    )
    limits = {**POLICY.limits, ClockKind.REVIEW: Limit.working_days(days)}
    return POLICY.model_copy(update={"revision": revision, "handling": handling, "limits": limits})


NEW_HOLIDAY = POLICY.calendar.with_notice(
    HolidayYear(year=2027, off=("2027-01-01/03",), work=("2027-01-09",)),
    "cn-2027-for-tests",
)
_POLICIES = (
    POLICY,
    _revised("tests/short", 2, 6),
    _revised("tests/long", 12, 72),
    POLICY.model_copy(update={"revision": "tests/calendar", "calendar": NEW_HOLIDAY}),
    POLICY.compressed(60, "tests/compressed"),
)
POLICIES = {policy.revision: policy for policy in _POLICIES}
"""By revision, so that a failing life is told by names."""


# ── commands ────────────────────────────────────────────────────────────────────────────────────


def _instants(moment: Moment) -> SearchStrategy[datetime]:
    return st.sampled_from([moment.now + offset for offset in NEARBY])


def _evidence(moment: Moment) -> SearchStrategy[tuple[EvidenceRef, ...]]:
    kinds = st.sampled_from((EvidenceKind.HANDLING, EvidenceKind.HANDLING, EvidenceKind.CONTACT))
    one = st.builds(EvidenceRef, evidence_id=st.just("photo-1"), kind=kinds, made_at=_instants(moment))
    return st.lists(one, min_size=1, max_size=2).map(tuple)


def _assists() -> SearchStrategy[tuple[c.AssistOrder, ...]]:
    order = st.builds(
        c.AssistOrder,
        unit=st.sampled_from((OTHER_UNIT, THIRD_UNIT, UNIT)),
        days=st.sampled_from((None, None, 1, 9)),
    )
    return st.lists(order, max_size=2).map(tuple)


def _measures(moment: Moment) -> Strategy:
    known = [measure.number for measure in moment.state.measures]
    return st.sampled_from([*known, f"{MASTER_NUMBER}-DB01"])


def _days_ahead(moment: Moment) -> SearchStrategy[date]:
    return st.integers(0, 30).map(lambda days: day_of(moment.now) + days * DAY)


def _clock_ids(moment: Moment) -> SearchStrategy[ClockId]:
    return st.sampled_from([*(clock.clock_id for clock in moment.state.clocks), ClockId("handling:99")])


def _user_ids() -> SearchStrategy[UserId | None]:
    known = (UNIT_HEAD.user_id, UserId("wears-all-hats"), UserId(f"dispatcher-of-hotline-{1}"), None)
    return st.sampled_from(known)


def _others_accused(moment: Moment) -> SearchStrategy[Classification]:
    """The same matter, but it turns out that other units are meant."""
    accused = st.sampled_from(((), (UNIT,), (OTHER_UNIT,), (ACCUSED_UNIT, THIRD_UNIT)))
    return accused.map(lambda units: moment.state.classification.model_copy(update={"accused_units": units}))


def _numbers(moment: Moment) -> SearchStrategy[CaseNo]:
    return st.sampled_from((MASTER_NUMBER, MASTER_NUMBER, moment.state.case_no))


LEADS = st.sampled_from((UNIT, UNIT, OTHER_UNIT, THIRD_UNIT, ACCUSED_UNIT))
OUTCOMES = st.sampled_from((ContactOutcome.REACHED, ContactOutcome.NO_ANSWER, ContactOutcome.NO_CONTACT))
SATISFACTION = st.integers(1, 5)
ANSWERS = {
    "contacted": st.sampled_from((True, True, False)),
    "solved": st.booleans(),
    "truthful": st.sampled_from((True, True, False)),
    "satisfaction": SATISFACTION,
    "opinion": OPTIONAL_TEXT,
}

PEOPLE: Strategy = st.sampled_from([actor.user_id for actor in ACTORS])

COMMANDS: dict[type[Message], Callable[[Moment], Strategy]] = {
    c.RequestDetails: lambda _: st.builds(
        c.RequestDetails, missing=st.just((Element.PLACE,)), note=OPTIONAL_TEXT
    ),
    c.CompleteCase: lambda _: st.builds(c.CompleteCase, note=TEXTS, has_contact=st.booleans()),
    c.AddFacts: lambda _: st.builds(c.AddFacts, text=TEXTS),
    c.ReclassifyCase: lambda m: st.builds(
        c.ReclassifyCase, classification=st.one_of(classifications, _others_accused(m)), reason=TEXTS
    ),
    c.AnswerDirectly: lambda _: st.builds(c.AnswerDirectly, answer=TEXTS),
    c.RejectCase: lambda _: st.builds(c.RejectCase, reason=st.sampled_from(RejectReason), advice=TEXTS),
    c.TransferEmergency: lambda _: st.builds(
        c.TransferEmergency, service=st.sampled_from(EmergencyService), note=OPTIONAL_TEXT
    ),
    c.JoinCase: lambda m: st.builds(c.JoinCase, into=_numbers(m), lead=LEADS, reason=TEXTS),
    c.DispatchCase: lambda _: st.builds(
        c.DispatchCase, lead=LEADS, assists=_assists(), new_facts=OPTIONAL_TEXT
    ),
    c.SignFor: lambda _: st.builds(c.SignFor),
    c.ReturnCase: lambda m: st.builds(c.ReturnCase, legal_basis=TEXTS, evidence=_evidence(m)),
    c.RuleOnReturn: lambda _: st.builds(c.RuleOnReturn, upheld=st.booleans(), reason=TEXTS),
    c.CallJointReview: lambda _: st.builds(c.CallJointReview, participants=st.just((UNIT,)), reason=TEXTS),
    c.RuleBindingly: lambda _: st.builds(c.RuleBindingly, lead=LEADS, assists=_assists(), reason=TEXTS),
    c.LogContact: lambda m: st.builds(c.LogContact, outcome=OUTCOMES, at=_instants(m), note=OPTIONAL_TEXT),
    c.ReportProgress: lambda _: st.builds(c.ReportProgress, text=TEXTS),
    c.AssistReply: lambda m: st.builds(c.AssistReply, text=TEXTS, evidence=_evidence(m)),
    c.WaiveAssist: lambda _: st.builds(
        c.WaiveAssist, unit=st.sampled_from((OTHER_UNIT, THIRD_UNIT)), reason=TEXTS
    ),
    c.RequestExtension: lambda _: st.builds(
        c.RequestExtension, days=st.sampled_from((1, 5, 6, 10, 11)), reason=TEXTS
    ),
    c.DecideExtension: lambda _: st.builds(c.DecideExtension, approved=st.booleans(), reason=TEXTS),
    c.SuspendWithPlan: lambda m: st.builds(
        c.SuspendWithPlan,
        plan=TEXTS,
        next_on=st.sampled_from([day_of(m.now) + n * DAY for n in (1, 3, 7, 40, 0, 181)]),
        owner=st.just(UNIT_HEAD.user_id),
    ),
    c.Resume: lambda _: st.builds(c.Resume, reason=TEXTS),
    c.SubmitReply: lambda m: st.builds(
        c.SubmitReply,
        text=TEXTS,
        evidence=_evidence(m),
        citation=OPTIONAL_TEXT,
        explanation=OPTIONAL_TEXT,
        signer=_user_ids(),
    ),
    c.ReviewReply: lambda _: st.builds(c.ReviewReply, accepted=st.booleans(), opinion=OPTIONAL_TEXT),
    c.RequestTermination: lambda _: st.builds(
        c.RequestTermination, ground=st.sampled_from(("R2", "R5")), reason=TEXTS
    ),
    c.DecideTermination: lambda _: st.builds(c.DecideTermination, approved=st.booleans(), reason=TEXTS),
    c.ClaimUnreasonable: lambda m: st.builds(c.ClaimUnreasonable, reason=TEXTS, evidence=_evidence(m)),
    c.DecideUnreasonable: lambda _: st.builds(c.DecideUnreasonable, approved=st.booleans(), reason=TEXTS),
    c.LogRevisitAttempt: lambda _: st.builds(c.LogRevisitAttempt, outcome=OUTCOMES),
    c.RecordRevisit: lambda _: st.builds(c.RecordRevisit, **ANSWERS),
    c.SecondRevisit: lambda _: st.builds(c.SecondRevisit, **ANSWERS),
    c.CitizenRating: lambda _: st.builds(c.CitizenRating, solved=st.booleans(), satisfaction=SATISFACTION),
    c.CloseCase: lambda _: st.builds(c.CloseCase, reason=TEXTS),
    c.ReopenCase: lambda _: st.builds(c.ReopenCase, new_facts=TEXTS, relapse=st.booleans()),
    c.RecordLookBack: lambda _: st.builds(c.RecordLookBack, holds=st.booleans(), finding=TEXTS),
    c.ArchiveCase: lambda _: st.builds(c.ArchiveCase),
    c.Urge: lambda _: st.builds(c.Urge, unit=LEADS, reason=TEXTS),
    c.IssueSupervisionOrder: lambda _: st.builds(c.IssueSupervisionOrder, unit=LEADS, demand=TEXTS),
    c.AnswerSupervisionOrder: lambda m: st.builds(c.AnswerSupervisionOrder, number=_measures(m), text=TEXTS),
    c.ReviewSupervisionAnswer: lambda m: st.builds(
        c.ReviewSupervisionAnswer, number=_measures(m), accepted=st.booleans(), opinion=TEXTS
    ),
    c.IssueCard: lambda _: st.builds(
        c.IssueCard,
        unit=LEADS,
        card=st.sampled_from((AlarmCode.YELLOW_CARD, AlarmCode.RED_CARD)),
        person=st.sampled_from((None, UNIT_HEAD.user_id)),
        reason=TEXTS,
    ),
    c.HoldInterview: lambda _: st.builds(c.HoldInterview, unit=LEADS, record=TEXTS),
    c.CirculateNotice: lambda _: st.builds(c.CirculateNotice, unit=LEADS, text=TEXTS, public=st.booleans()),
    c.ApproveNotice: lambda m: st.builds(
        c.ApproveNotice, number=_measures(m), approved=st.booleans(), reason=TEXTS
    ),
    c.TakeInCharge: lambda _: st.builds(c.TakeInCharge, plan=TEXTS),
    c.Instruct: lambda _: st.builds(c.Instruct, text=TEXTS),
    c.ListForSupervision: lambda m: st.builds(
        c.ListForSupervision, unit=LEADS, demand=TEXTS, due_on=_days_ahead(m), public_text=OPTIONAL_TEXT
    ),
    c.EndListing: lambda m: st.builds(c.EndListing, number=_measures(m), reason=TEXTS),
    c.StartJointSupervision: lambda _: st.builds(c.StartJointSupervision, plan=TEXTS),
    c.AddJointAction: lambda m: st.builds(
        c.AddJointAction,
        party=st.sampled_from(JointParty),
        unit=st.one_of(st.none(), LEADS),
        person=PEOPLE,
        due_on=_days_ahead(m),
        task=TEXTS,
    ),
    c.DropJointAction: lambda _: st.builds(c.DropJointAction, action=st.integers(1, 3), reason=TEXTS),
    c.ReportJointAction: lambda _: st.builds(c.ReportJointAction, action=st.integers(1, 3), text=TEXTS),
    c.CloseJointSupervision: lambda _: st.builds(c.CloseJointSupervision, conclusion=TEXTS),
    c.SkipRung: lambda m: st.builds(
        c.SkipRung, clock_id=_clock_ids(m), rung=st.sampled_from(AlarmCode), reason=TEXTS
    ),
    c.AppealRung: lambda m: st.builds(c.AppealRung, number=_measures(m), grounds=TEXTS),
    c.DecideAppeal: lambda m: st.builds(
        c.DecideAppeal, number=_measures(m), upheld=st.booleans(), reason=TEXTS
    ),
    c.ExcludeFromScore: lambda m: st.builds(
        c.ExcludeFromScore,
        ground=st.sampled_from(ExclusionGround),
        indicators=st.sampled_from(((), (), (Indicator.ON_TIME,))),
        reason=TEXTS,
        evidence=_evidence(m),
    ),
    c.DecideExclusion: lambda _: st.builds(c.DecideExclusion, approved=st.booleans(), reason=TEXTS),
    c.Recuse: lambda _: st.builds(c.Recuse, person=PEOPLE, reason=TEXTS),
    c.LiftRecusal: lambda _: st.builds(c.LiftRecusal, person=PEOPLE, reason=TEXTS),
    c.ObligationDue: lambda m: st.builds(
        c.ObligationDue, clock_id=_clock_ids(m), alarm=st.sampled_from(AlarmCode)
    ),
    c.RevisePolicy: lambda _: st.builds(c.RevisePolicy, policy=st.sampled_from(_POLICIES)),
    c.AcceptMember: lambda m: st.builds(
        c.AcceptMember, member=_numbers(m), accused_units=st.sampled_from(((), (), (ACCUSED_UNIT,), (UNIT,)))
    ),
    c.SettleMember: lambda m: st.builds(
        c.SettleMember,
        by=_numbers(m),
        unit=st.just(UNIT),
        reply=TEXTS,
        accepted_at=st.just(m.now),
        signer=st.just(UNIT_HEAD.user_id),
        reviewed_by=st.just(UserId("dispatcher-of-hotline-2")),
    ),
    c.ReleaseMember: lambda m: st.builds(c.ReleaseMember, by=_numbers(m)),
}
