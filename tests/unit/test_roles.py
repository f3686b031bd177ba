"""角色与权限: who may do what on which cases; offers and decisions come from one table (rule 6)."""

from typing import get_args

import pytest

from hotline import facts
from hotline.actions import next_actions
from hotline.case import Actor
from hotline.commands import Command, CommandEnvelope, SignFor
from hotline.decide import RULES, require_version
from hotline.evolve import EVOLVED
from hotline.model import Message
from hotline.refusals import FAMILIES, Refusal, StaleVersion
from hotline.roles import HOTLINE_ROLES, UNIT_ROLES
from hotline.rules import (
    assignment,
    closeout,
    intake,
    rectification,
    recusal,
    review,
    revisit,
    scoring,
    supervision,
    system,
)
from hotline.rules.base import Rule
from hotline.visibility import Viewer, may_see
from hotline.vocabulary import CLOSED, OPEN, TERMINAL, Role, Status
from unit.lives import (
    ACCUSED_UNIT,
    ADMINISTRATOR,
    CITIZEN,
    DISPATCHER,
    HANDLER,
    OTHER_UNIT,
    REVIEWER,
    REVISITOR,
    SUPERVISOR,
    THIRD_UNIT,
    UNIT,
    UNIT_HEAD,
    Stage,
    awaiting_revisit,
    classified,
    completed,
    dispatched,
    emergency,
    handler_of,
    in_hand,
    person,
    registered,
    replied,
    unreached,
)

EVERY_RULE = [
    rule
    for stage in (
        intake,
        assignment,
        rectification,
        review,
        revisit,
        closeout,
        supervision,
        scoring,
        recusal,
        system,
    )
    for rule in stage.RULES
]
READ_ONLY = {Role.AUDITOR, Role.LEADER, Role.DISCIPLINE}
"""They act on no case, except that leaders and the discipline body supervise."""
SUPERVISING = {rule.kind for rule in (*supervision.RULES, *scoring.RULES)}


def test_every_command_has_exactly_one_rule() -> None:
    ruled = [rule.command for rule in EVERY_RULE]
    assert len(ruled) == len(set(ruled))
    assert set(ruled) == set(get_args(Command)) == set(RULES)


def test_every_fact_can_be_applied() -> None:
    assert set(get_args(facts.Body)) == EVOLVED


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.kind)
def test_every_rule_names_somebody_and_some_status(rule: Rule) -> None:
    assert rule.by
    assert rule.when
    assert rule.by.isdisjoint(READ_ONLY) or rule.kind in SUPERVISING | {"recuse"}
    assert Role.AUDITOR not in rule.by or rule.kind == "recuse"
    assert Status.ARCHIVED not in rule.when or rule.kind == "accept_member"


def test_kinds_and_tags_are_unique() -> None:
    kinds = [rule.kind for rule in EVERY_RULE]
    tags = [body.model_fields["tag"].default for body in get_args(facts.Body)]
    assert len(kinds) == len(set(kinds))
    assert len(tags) == len(set(tags))
    assert all(tag.count(":") == 1 for tag in tags)


@pytest.mark.parametrize("command", get_args(Command), ids=lambda command: command.__name__)
def test_no_command_takes_a_field_it_does_not_know(command: type[Message]) -> None:
    assert command.model_config["extra"] == "forbid"
    assert command.model_config["frozen"]


def test_every_open_status_has_a_way_on_for_a_person() -> None:
    """Somebody other than the system, the citizen or who merely writes down can move the case."""
    people = frozenset(Role) - {Role.SYSTEM, Role.CITIZEN}
    passive = {"add_facts", "report_progress", "log_contact", "reclassify_case"}
    moved = {
        status for rule in EVERY_RULE if rule.by & people and rule.kind not in passive for status in rule.when
    }
    assert moved >= OPEN | TERMINAL
    assert CLOSED - moved == {Status.ARCHIVED}


def test_every_role_is_of_the_hotline_of_a_unit_or_the_citizen() -> None:
    assert HOTLINE_ROLES | UNIT_ROLES | {Role.CITIZEN} == set(Role)
    assert HOTLINE_ROLES.isdisjoint(UNIT_ROLES)


# ── what is seen ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("actor", "sees"),
    [
        (HANDLER, True),
        (UNIT_HEAD, True),
        (handler_of(OTHER_UNIT), True),
        (handler_of(THIRD_UNIT), False),
        (person("handler-without-unit", Role.HANDLER), False),
        (CITIZEN, False),
        (DISPATCHER, True),
        (person("auditor-1", Role.AUDITOR), True),
    ],
)
def test_unit_sees_the_cases_it_leads_or_assists(actor: Actor, *, sees: bool) -> None:
    assert may_see(Viewer(actor=actor), in_hand(assists=(OTHER_UNIT,)).state.concern) is sees


def test_accused_unit_never_sees_the_complaint_about_it_by_rule_6() -> None:
    state = in_hand().state
    accused = state.model_copy(update={"classification": classified(accused_units=(UNIT,))})
    assert may_see(Viewer(actor=HANDLER), state.concern)
    assert not may_see(Viewer(actor=HANDLER), accused.concern)
    assert next_actions(accused, HANDLER) == ()


def test_case_that_is_not_dispatched_is_seen_by_no_unit() -> None:
    assert not may_see(Viewer(actor=HANDLER), registered().state.concern)
    assert may_see(Viewer(actor=HANDLER), dispatched().state.concern)


# ── what is offered ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("start", "actor", "offered"),
    [
        (dispatched, HANDLER, {"sign_for", "return_case", "log_contact", "report_progress", "recuse"}),
        (dispatched, handler_of(THIRD_UNIT), set()),
        (replied, REVIEWER, {"review_reply", "reclassify_case", "urge", "recuse"}),
        (awaiting_revisit, REVISITOR, {"log_revisit_attempt", "record_revisit", "recuse"}),
        (unreached, REVISITOR, {"record_revisit", "recuse"}),
        (unreached, CITIZEN, {"add_facts", "citizen_rating"}),
        (completed, SUPERVISOR, {"reopen_case", "record_look_back", "exclude_from_score", "recuse"}),
        (completed, ADMINISTRATOR, {"archive_case", "revise_policy", "recuse"}),
        (in_hand, person("auditor-1", Role.AUDITOR), {"recuse"}),
        (
            in_hand,
            person("leader-1", Role.LEADER),
            {
                "recuse",
                "issue_supervision_order",
                "issue_card",
                "hold_interview",
                "circulate_notice",
                "list_for_supervision",
                "start_joint_supervision",
                "take_in_charge",
                "instruct",
            },
        ),
    ],
)
def test_offers_fit_the_person_and_the_status(start: Stage, actor: Actor, offered: set[str]) -> None:
    assert set(next_actions(start().state, actor)) == offered


def test_emergency_is_offered_its_transfer_and_no_dispatch_by_rule_1() -> None:
    plain, urgent = (
        set(next_actions(registered(what).state, DISPATCHER)) for what in (classified(), emergency())
    )
    assert plain - urgent == {
        "answer_directly",
        "call_joint_review",
        "dispatch_case",
        "join_case",
        "reject_case",
    }
    assert "transfer_emergency" in urgent


def test_assisting_unit_is_offered_assistance_and_the_lead_its_reply() -> None:
    state = in_hand(assists=(OTHER_UNIT,)).state
    assert "assist_reply" in next_actions(state, handler_of(OTHER_UNIT))
    assert "submit_reply" not in next_actions(state, handler_of(OTHER_UNIT))
    assert "submit_reply" in next_actions(state, HANDLER)
    assert "assist_reply" not in next_actions(state, HANDLER)


# ── refusals ────────────────────────────────────────────────────────────────────────────────────


def test_refusal_says_who_may_not_and_where_it_applies() -> None:
    role = in_hand().refusal(SignFor(), DISPATCHER)
    status = in_hand().refusal(SignFor(), HANDLER)
    assert role is not None
    assert status is not None
    assert (role.family, role.code) == ("not_permitted", "role_not_permitted")
    assert (status.family, status.code) == ("wrong_status", "wrong_status")
    assert Status.IN_HAND.label in status.message
    assert Status.AWAITING_SIGNATURE.label in str(status.rule)


def test_every_family_of_refusals_is_known_by_name() -> None:
    assert set(FAMILIES.values()) == {Refusal, *Refusal.__subclasses__()}
    assert all(FAMILIES[name].family == name for name in FAMILIES)


def test_who_looked_at_an_older_version_is_refused() -> None:
    state = in_hand().state
    require_version(state, None)
    require_version(state, state.version)
    with pytest.raises(StaleVersion) as refused:
        require_version(state, state.version - 1)
    assert (refused.value.code, refused.value.field) == ("stale_version", "expected_version")


def test_envelope_needs_a_command_id_of_some_length() -> None:
    envelope = {"actor": HANDLER, "command": {"kind": "sign_for"}}
    assert CommandEnvelope.model_validate({**envelope, "command_id": "12345678"}).command == SignFor()
    with pytest.raises(ValueError, match="command_id"):
        CommandEnvelope.model_validate({**envelope, "command_id": "1234567"})


def test_complaint_about_a_unit_is_handled_by_another_by_rule_6() -> None:
    life = in_hand(classified(accused_units=(ACCUSED_UNIT,)))
    assert may_see(Viewer(actor=HANDLER), life.state.concern)
    assert not may_see(Viewer(actor=handler_of(ACCUSED_UNIT)), life.state.concern)
