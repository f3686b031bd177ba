"""What is told of facts: to whom, in which words, from when, and under which id."""

from datetime import timedelta

import pytest

from hotline import commands as c
from hotline.case import Actor
from hotline.notices import Notice, in_words, may_disturb_from, notices_of
from hotline.vocabulary import AlarmCode, NoticeKind, RequestType, Role, Urgency
from unit import lives
from unit.lives import DISPATCHER, HANDLER, SUPERVISOR, TEXT, UNIT, UNIT_HEAD, Life

SECOND_HANDLER = lives.person("handler-2", Role.HANDLER, UNIT)
LEADER = lives.person("leader-1", Role.LEADER)
DISCIPLINE = lives.person("discipline-1", Role.DISCIPLINE)
CRITICAL = lives.classified(RequestType.HELP, urgency=Urgency.CRITICAL)


def told(life: Life, since: int = 0) -> list[Notice]:
    return list(notices_of(life.state, life.facts[since:]))


def last(life: Life, command: c.Command, by: Actor) -> list[Notice]:
    """What is told of one command alone."""
    known = len(life.facts)
    life.then(command, by)
    return told(life, known)


def test_dispatch_is_told_to_the_unit_with_its_limit_and_to_nobody_else() -> None:
    [notice] = told(lives.dispatched())
    assert notice.kind is NoticeKind.DISPATCHED
    assert notice.text == (
        f"工单 {lives.NUMBER}：已派给你单位主办，请签收。签收期限：3月3日（星期二）18:00。"
    )
    assert [notice.is_for(actor) for actor in (HANDLER, UNIT_HEAD, SUPERVISOR)] == [True, True, False]
    assert not notice.is_for(lives.handler_of(lives.OTHER_UNIT))


def test_assistants_are_told_apart_from_the_lead() -> None:
    lead, assisting = told(lives.dispatched(assists=(lives.OTHER_UNIT,)))
    assert assisting.kind is NoticeKind.ASSIST_ORDERED
    assert assisting.is_for(lives.handler_of(lives.OTHER_UNIT))
    assert not assisting.is_for(HANDLER)
    assert lead.notice_id != assisting.notice_id


def test_each_rung_is_told_to_whom_the_ladder_names() -> None:
    life = lives.in_hand().sleep_until(lives.at("2026-04-30 09:00"))
    by_rung = {fact.body.alarm: fact.seq for fact in life.facts if isinstance(fact.body, lives.ClockFired)}
    notices = {notice.seq: notice for notice in told(life)}

    def people(seq: int) -> set[str]:
        everybody = (SECOND_HANDLER, UNIT_HEAD, SUPERVISOR, LEADER, DISCIPLINE)
        return {actor.role.value for actor in everybody if notices[seq].is_for(actor)}

    assert people(by_rung[AlarmCode.IMMINENT]) == {"handler", "unit_head"}
    assert people(by_rung[AlarmCode.INTERVIEW]) == {"supervisor", "leader"}
    assert people(by_rung[AlarmCode.ACCOUNTABILITY]) == {"supervisor", "discipline"}
    first_warning = next(
        notice
        for notice in notices.values()
        if notice.kind is NoticeKind.RUNG and "办理时限预警" in notice.text
    )
    assert people(first_warning.seq) == {"handler"}


def test_rung_that_makes_a_measure_is_told_once_and_by_the_measure() -> None:
    life = lives.in_hand().sleep_until(lives.at("2026-03-12 19:00"))
    measured = [notice for notice in told(life) if notice.at == lives.at("2026-03-12 18:00")]
    assert [notice.kind for notice in measured] == [NoticeKind.MEASURE]
    assert "请于3月17日（星期二）18:00前答复" in measured[0].text
    assert measured[0].is_for(SUPERVISOR)


def test_desk_is_told_of_its_own_clocks() -> None:
    life = lives.registered().sleep(timedelta(hours=3))
    [*rungs] = (notice for notice in told(life) if notice.kind is NoticeKind.RUNG)
    assert len(rungs) == 2
    assert all(notice.is_for(DISPATCHER) and not notice.is_for(HANDLER) for notice in rungs)


def test_who_acted_is_not_told_of_it() -> None:
    life = lives.in_hand()
    extension = c.RequestExtension(days=3, reason=TEXT)
    [notice] = last(life, extension, UNIT_HEAD)
    assert not notice.is_for(UNIT_HEAD)
    assert notice.is_for(lives.person("head-2", Role.UNIT_HEAD, UNIT))
    assert notice.is_for(DISPATCHER)


def test_card_is_told_to_the_person_it_names_and_so_is_the_appeal() -> None:
    life = lives.in_hand()
    card = c.IssueCard(unit=UNIT, card=AlarmCode.RED_CARD, person=HANDLER.user_id, reason=TEXT)
    [carded] = last(life, card, SUPERVISOR)
    assert carded.is_for(HANDLER)
    number = life.state.measures[0].number
    [appealed] = last(life, c.AppealRung(number=number, grounds=TEXT), UNIT_HEAD)
    assert appealed.is_for(SUPERVISOR)
    decision = c.DecideAppeal(number=number, upheld=True, reason=TEXT)
    [decided] = last(life, decision, lives.SECOND_SUPERVISOR)
    assert decided.text.endswith(f"{number} 的申诉成立，记分已撤销。")
    assert decided.is_for(HANDLER)


def test_return_and_its_ruling_reach_the_desk_and_then_the_unit() -> None:
    life = lives.dispatched()
    basis = lives.evidence(life.now, lives.EvidenceKind.RETURN)
    [asked] = last(life, c.ReturnCase(legal_basis=TEXT, evidence=(basis,)), UNIT_HEAD)
    assert (asked.kind, asked.is_for(DISPATCHER), asked.is_for(HANDLER)) == (NoticeKind.RETURNED, True, False)
    ruled, charged = last(life, c.RuleOnReturn(upheld=False, reason=TEXT), DISPATCHER)
    assert (ruled.kind, ruled.is_for(HANDLER)) == (NoticeKind.RETURN_RULED, True)
    assert (charged.kind, charged.is_for(UNIT_HEAD)) == (NoticeKind.MEASURE, True)


def test_rework_and_false_closing_are_told_to_unit_and_supervision() -> None:
    kinds = {notice.kind: notice for notice in told(lives.reworking(lives.UNTRUE))}
    assert kinds[NoticeKind.REWORK].is_for(HANDLER)
    assert kinds[NoticeKind.FALSE_CLOSING].is_for(DISCIPLINE)


def test_part_of_a_joint_supervision_is_told_to_who_answers_for_it() -> None:
    life = lives.in_hand().then(c.StartJointSupervision(plan=TEXT), lives.SUPERVISOR)
    part = {"party": "group", "person": DISCIPLINE.user_id, "due_on": "2026-03-06", "task": TEXT}
    [told_to] = last(life, c.AddJointAction.model_validate(part), lives.SUPERVISOR)
    assert (told_to.kind, told_to.is_for(DISCIPLINE), told_to.is_for(HANDLER)) == (
        NoticeKind.JOINT_ACTION,
        True,
        False,
    )


def test_listing_is_told_to_its_unit_and_its_public_text_to_who_approves() -> None:
    listing = {"unit": lives.UNIT, "demand": TEXT, "due_on": "2026-03-06", "public_text": TEXT}
    proposed, listed = last(lives.in_hand(), c.ListForSupervision.model_validate(listing), LEADER)
    assert (proposed.kind, proposed.is_for(UNIT_HEAD)) == (NoticeKind.NOTICE_PROPOSED, False)
    assert (listed.kind, listed.is_for(UNIT_HEAD)) == (NoticeKind.MEASURE, True)


@pytest.mark.parametrize(
    ("classification", "now", "told_at"),
    [
        (None, "2026-03-02 10:00", "2026-03-02 10:00"),
        (None, "2026-03-02 20:00", "2026-03-03 08:30"),
        (None, "2026-02-28 10:00", "2026-02-28 10:00"),  # a make-up Saturday 调休
        (None, "2026-10-01 10:00", "2026-10-08 08:30"),
        (CRITICAL, "2026-10-01 03:00", "2026-10-01 03:00"),
    ],
)
def test_people_are_disturbed_in_working_hours_and_by_emergencies_at_once(
    classification: lives.Classification | None, now: str, told_at: str
) -> None:
    life = lives.dispatched(classification or lives.classified())
    notice = told(life)[0]
    assert lives.shown(may_disturb_from(notice, lives.at(now), lives.POLICY)) == told_at


def test_compressed_time_has_no_opening_hours() -> None:
    [notice] = told(lives.dispatched())
    night = lives.at("2026-03-02 23:00")
    assert may_disturb_from(notice, night, lives.POLICY.compressed(1000, "fast")) == night


def test_the_same_facts_are_told_under_the_same_ids_however_they_come() -> None:
    life = lives.in_hand().sleep_until(lives.at("2026-03-12 19:00"))
    at_once = {notice.notice_id for notice in told(life)}
    again = {notice.notice_id for start in range(len(life.facts)) for notice in told(life, start)}
    assert at_once <= again
    assert len(at_once) == len(told(life))


def test_instants_are_said_in_the_time_of_shanghai() -> None:
    assert in_words(lives.at("2026-11-26 18:00")) == "11月26日（星期四）18:00"
