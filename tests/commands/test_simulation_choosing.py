"""The simulated people: whatever a case's status, somebody takes a step that the rules allow."""

from collections import Counter
from dataclasses import fields

import pytest
from town import Resident, residents

from commands.client import KnowledgeSeen
from commands.simulation.choosing import CHOOSERS
from commands.simulation.past import Past
from commands.simulation.steps import Act, Await
from hotline.decide import RULES
from hotline.identifiers import CaseNo, KnowledgeNo
from hotline.rules import supervision
from hotline.vocabulary import CLOSED, EmergencyService, Flag, Outcome, Role, Status

MANY = 400
UNDER_SUPERVISION = {
    "answer_supervision_order",
    "review_supervision_answer",
    "appeal_rung",
    "decide_appeal",
    "hold_interview",
}


@pytest.fixture(scope="module")
def town() -> list[Resident]:
    return residents(MANY)


def test_every_status_has_somebody() -> None:
    assert set(CHOOSERS) == set(Status)


def test_every_case_comes_to_its_end(town: list[Resident]) -> None:
    assert all(resident.paper.state.status in CLOSED for resident in town)


def test_nobody_tries_what_is_not_offered(town: list[Resident]) -> None:
    assert Counter(entry for resident in town for entry in resident.unoffered) == {}


def test_nothing_is_refused_as_long_as_nobody_interferes(town: list[Resident]) -> None:
    assert sum((resident.refusals for resident in town), Counter()) == {}


def test_most_go_smoothly(town: list[Resident]) -> None:
    outcomes = Counter(resident.paper.state.outcome for resident in town)
    overdue = sum(Flag.OVERDUE in resident.paper.state.flags for resident in town)
    assert outcomes[Outcome.SATISFIED] > 0.75 * MANY
    assert 0 < overdue < 0.1 * MANY


def test_everything_happens_somewhere(town: list[Resident]) -> None:
    done = {kind for resident in town for kind in resident.kinds}
    for_others = {
        "join_case",
        "transfer_emergency",
        "reclassify_case",
        "reopen_case",
        "archive_case",
        "exclude_from_score",
        "decide_exclusion",
        "recuse",
        "lift_recusal",
        *(rule.kind for rule in supervision.RULES),
    } - UNDER_SUPERVISION
    public = {"add_facts": "facts", "citizen_rating": "rating"}
    expected = {rule.kind for rule in RULES.values() if rule.by - {Role.SYSTEM}} - for_others
    assert {public.get(kind, kind) for kind in expected} <= done
    assert {Outcome.UNREACHED, Outcome.UNREASONABLE, Outcome.NOT_ACCEPTED, Outcome.ANSWERED_DIRECTLY} <= {
        resident.paper.state.outcome for resident in town
    }


def test_the_same_seed_is_the_same_life() -> None:
    assert [resident.steps for resident in residents(30)] == [resident.steps for resident in residents(30)]


def test_another_seed_is_another_life() -> None:
    assert [resident.kinds for resident in residents(30)] != [
        resident.kinds for resident in residents(30, seed="8")
    ]


def test_who_reads_the_ledger_knows_what_was_done() -> None:
    """A simulation that was killed goes on from facts with the same past that it had in hand."""
    for number in range(60):
        resident = Resident(number)
        while len(resident.steps) < 60:
            assert told(resident.recalled().past) == told(resident.life.past)
            step = resident.choose()
            resident.steps.append(step)
            if not isinstance(step, Act | Await):
                break
            resident.take(step)


def told(past: Past) -> dict[str, object]:
    known = {field.name: getattr(past, field.name) for field in fields(past)}
    asked = (
        "assignment:dispatched",
        "handling:reply_submitted",
        "revisit:recorded",
        "determination:requested",
    )
    return {**known, "counts": [past.count(tag) for tag in asked]}


def test_a_refused_step_is_not_taken_again_at_once() -> None:
    optional = [r for r in residents(60) if "request_extension" in r.kinds]
    for resident in optional:
        again = Resident(resident.number)
        while not (isinstance(step := again.choose(), Act) and step.kind == "request_extension"):
            again.take(step)
        tried_next = again.choose(again.life.refusing("request_extension"))
        assert not (isinstance(tried_next, Act) and tried_next.kind == "request_extension")
    assert optional


def test_an_emergency_is_transferred_before_anything_else() -> None:
    resident = Resident(1, emergency=EmergencyService.FIRE).live()
    assert resident.kinds == ["transfer_emergency"]
    assert resident.paper.state.status is Status.TRANSFERRED


def test_a_secret_caller_is_contacted_by_the_hotline_alone() -> None:
    for resident in residents(20, known={"secret": True}):
        contacts = [s for s in resident.steps if isinstance(s, Act) and s.kind == "log_contact"]
        assert {step.who.role for step in contacts} <= {Role.REVISITOR}
        assert not resident.refusals


def test_without_any_contact_the_window_closes_the_case() -> None:
    ended = residents(40, known={"anonymous": True, "has_contact": False}, code=None)
    revisited = [resident for resident in ended if "log_revisit_attempt" in resident.kinds]
    assert revisited
    assert {resident.paper.state.outcome for resident in revisited} == {Outcome.UNREACHED}


def test_an_imported_reply_is_what_the_unit_replies() -> None:
    for resident in residents(20, known={"source_reply": "已修复路灯。"}):
        replies = [s for s in resident.steps if isinstance(s, Act) and s.kind == "submit_reply"]
        assert not replies or replies[0].form["text"] == "已修复路灯。"


def test_a_question_is_answered_as_the_knowledge_base_answers_it() -> None:
    entry = KnowledgeSeen(
        number=KnowledgeNo("K-000001"), category="城市管理/路灯", stale=False, answer="拨打 12319。"
    )
    lives = residents(60, knowledge=entry)
    answers = [
        step.form
        for life in lives
        for step in life.steps
        if isinstance(step, Act) and step.kind == "answer_directly"
    ]
    assert answers
    assert all(form == {"answer": "拨打 12319。", "knowledge_id": "K-000001"} for form in answers)
    assert not any(life.refusals for life in lives)


def test_a_repeat_is_joined_or_dispatched_with_its_new_facts() -> None:
    master = CaseNo("260302090000019999")
    for number in range(30):
        resident = Resident(number, known={"repeat_of": master, "occurrence": 2})
        resident.take(resident.choose())
        while (
            (step := resident.choose())
            and isinstance(step, Act)
            and step.kind not in {"join_case", "dispatch_case"}
        ):
            if resident.paper.state.status in CLOSED:
                break
            resident.take(step)
        if isinstance(step, Act) and step.kind == "dispatch_case":
            assert step.form["new_facts"]
        elif isinstance(step, Act) and step.kind == "join_case":
            resident.take(step)
            assert isinstance(resident.choose(), Await)
