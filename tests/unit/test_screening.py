"""筛查: which facts speak under which rule, once a round, with the facts that show it (domain.md §12 rules 19, 22)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import ValidationError

from hotline import commands as c
from hotline.drafting import DraftFaulty, draft_from_toml
from hotline.facts import (
    CaseReclassified,
    CaseReturned,
    CitizenRated,
    ClockFired,
    ClockStopped,
    FlagRaised,
    ReplyReturned,
    ReworkOrdered,
)
from hotline.oversight import ScreeningRule, ScreeningRules
from hotline.policy import default_policy
from hotline.revision import differences
from hotline.screening import Hit, may_be_hit_by, screen
from hotline.vocabulary import AlarmCode, ClockKind, Flag, RequestType, ScreeningTest
from unit import lives
from unit.lives import (
    CITIZEN,
    DISPATCHER,
    FAVOURABLE,
    HANDLER,
    OTHER_UNIT,
    POLICY,
    REVIEWER,
    REVISITOR,
    TEXT,
    UNTRUE,
    Life,
    classified,
)

DAY = timedelta(days=1)
TOML_RULE = '[[screening.rules]]\ncode = "noise"\nlabel = "噪声"\ntest = "matter"\ncategories = ["noise"]\n'


def hits_of(life: Life, *rules: ScreeningRule) -> tuple[Hit, ...]:
    looked_for = ScreeningRules(rules=rules) if rules else POLICY.screens
    return screen(life.facts, looked_for, "city/7")


def shown(life: Life, *rules: ScreeningRule) -> list[tuple[str, str]]:
    return [(hit.rule, hit.round) for hit in hits_of(life, *rules)]


def rule(test: ScreeningTest, **fields: object) -> ScreeningRule:
    return ScreeningRule.model_validate({"code": "tested", "label": "试", "test": test, **fields})


def late() -> Life:
    return lives.in_hand().sleep_until(lives.at("2026-03-09 18:00"))


def untrue() -> Life:
    return lives.awaiting_revisit().then(UNTRUE, REVISITOR)


def returned_twice() -> Life:
    life = lives.dispatched()
    for unit, following in ((lives.UNIT, OTHER_UNIT), (OTHER_UNIT, lives.THIRD_UNIT)):
        grounds = c.ReturnCase(legal_basis=TEXT, evidence=(lives.evidence(life.now),))
        life.then(grounds, lives.handler_of(unit))
        life.then(c.RuleOnReturn(upheld=True, reason=TEXT), DISPATCHER)
        life.then(lives.dispatch(following), DISPATCHER)
    return life


def reply_returned_twice() -> Life:
    life = lives.replied().then(lives.returned(), REVIEWER)
    return life.then(lives.reply(life.now), HANDLER).then(lives.returned(), REVIEWER)


# ── each rule of the shipped policy ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        (lives.completed, []),
        (late, [("overdue", "1")]),
        (untrue, [("false_closing", "1"), ("low_rating", "1")]),
        (lambda: lives.registered(occurrence=2), []),
        (lambda: lives.registered(occurrence=3), [("repeat", "0")]),
        (returned_twice, [("returned_often", "1")]),
        (reply_returned_twice, [("reply_returned_often", "1")]),
        (lives.reworks_used_up, [("reworked_often", "3")]),
    ],
)
def test_shipped_rules_speak_at_what_they_look_for(
    life: Callable[[], Life], expected: list[tuple[str, str]]
) -> None:
    assert shown(life()) == expected


def test_hit_names_rule_version_instant_and_the_facts_that_show_it() -> None:
    life = late()
    [hit] = hits_of(life)
    fired = next(fact for fact in life.facts if isinstance(fact.body, ClockFired) and fact.body.is_due)
    start = next(fact for fact in life.facts if getattr(fact.body, "clock_id", None) == "handling:1")
    assert hit.evidence == (start.seq, fired.seq)
    assert (hit.revision, hit.at) == ("city/7", fired.at)
    assert hit.because == ("办理期限 2026-03-09 18:00 到期未办结，已到“催办”一级",)


@pytest.mark.parametrize(
    ("life", "bodies"),
    [
        (returned_twice, CaseReturned),
        (reply_returned_twice, ReplyReturned),
        (lives.reworks_used_up, ReworkOrdered),
    ],
)
def test_counting_rules_name_every_fact_they_counted(life: Callable[[], Life], bodies: type) -> None:
    told = life()
    [hit] = hits_of(told)
    assert hit.evidence == tuple(fact.seq for fact in told.facts if isinstance(fact.body, bodies))


# ── once a round ────────────────────────────────────────────────────────────────────────────────


def test_ladder_that_goes_on_climbing_is_one_hit() -> None:
    assert shown(late().sleep(30 * DAY)) == [("overdue", "1")]


def test_next_round_is_looked_at_anew() -> None:
    life = untrue()
    lives.next_round(life, UNTRUE)
    false = [entry for entry in shown(life) if entry[0] == "false_closing"]
    assert false == [("false_closing", "1"), ("false_closing", "2")]


def test_life_after_reopening_is_told_apart_from_the_one_before() -> None:
    life = lives.completed(case_no=lives.NUMBER)
    life.then(c.ReopenCase(new_facts=TEXT, relapse=True), DISPATCHER).then(lives.dispatch(), DISPATCHER)
    life.then(c.SignFor(), HANDLER).sleep(20 * DAY)
    assert shown(life) == [("overdue", "1.1")]


def test_returns_of_an_earlier_life_do_not_count() -> None:
    twice = rule(ScreeningTest.REPLY_RETURNED_OFTEN, at_least=2)
    life = lives.replied().then(lives.returned(), REVIEWER)
    life.then(lives.reply(life.now), HANDLER).then(lives.accepted(), REVIEWER).then(FAVOURABLE, REVISITOR)
    life.then(c.ReopenCase(new_facts=TEXT, relapse=True), DISPATCHER).then(lives.dispatch(), DISPATCHER)
    life.then(c.SignFor(), HANDLER).then(lives.contact(life.now), HANDLER)
    life.then(lives.reply(life.now), HANDLER).then(lives.returned(), REVIEWER)
    assert shown(life, twice) == []
    assert shown(life, twice.model_copy(update={"at_least": 1})) == [("tested", "1"), ("tested", "1.1")]


def test_reading_fact_by_fact_finds_what_reading_at_once_finds() -> None:
    life = lives.next_round(untrue(), UNTRUE)
    seen: dict[tuple[str, str], Hit] = {}
    for count in range(1, len(life.facts) + 1):
        for hit in screen(life.facts[:count], POLICY.screens, "city/7"):
            assert seen.setdefault((hit.rule, hit.round), hit) == hit
    assert tuple(seen.values()) == hits_of(life)


# ── thresholds and fields ───────────────────────────────────────────────────────────────────────


def test_rule_may_wait_for_a_higher_rung() -> None:
    patient = rule(ScreeningTest.OVERDUE, rung=AlarmCode.SUPERVISION)
    assert shown(late(), patient) == []
    [hit] = hits_of(lives.in_hand().sleep(30 * DAY), patient)
    assert "督办" in hit.because[0]


def test_limit_whose_rung_was_skipped_is_found_when_the_clock_stops() -> None:
    life = lives.contacted().then(
        c.SkipRung(clock_id="handling:1", rung=AlarmCode.URGE, reason=TEXT),  # type: ignore[arg-type]  # an id is text
        lives.SUPERVISOR,
    )
    life.wait_until(lives.at("2026-03-09 18:30")).fire_due()
    assert shown(life) == []
    life.then(lives.reply(life.now), HANDLER).then(lives.accepted(), REVIEWER)
    stopped = life.all_of(ClockStopped)
    assert any(body.clock is ClockKind.HANDLING and body.late for body in stopped)
    assert shown(life) == [("overdue", "1")]


def test_warning_before_the_limit_is_no_hit() -> None:
    life = lives.in_hand().sleep_until(lives.at("2026-03-09 17:00"))
    assert AlarmCode.IMMINENT in life.fired(ClockKind.HANDLING)
    assert shown(life) == []


def test_rating_of_a_closed_case_counts() -> None:
    life = lives.completed().then(c.CitizenRating(solved=False, satisfaction=1), CITIZEN)
    [hit] = hits_of(life)
    assert (hit.test, hit.because) == (ScreeningTest.LOW_RATING, ("满意度 1，不高于 1",))
    assert shown(life, rule(ScreeningTest.LOW_RATING, at_most=1, types=(RequestType.HELP,))) == []


@pytest.mark.parametrize(
    ("fields", "is_hit"),
    [
        ({"categories": ("noise",)}, True),
        ({"categories": ("noise/night",)}, True),
        ({"categories": ("water",)}, False),
        ({"words": ("night",)}, True),
        ({"words": ("school",)}, False),
        ({"areas": ("donghu",)}, True),
        ({"areas": ("xishan",)}, False),
        ({"types": (RequestType.COMPLAINT,)}, True),
        ({"types": (RequestType.HELP,)}, False),
        ({"categories": ("noise",), "areas": ("xishan",)}, False),
    ],
)
def test_matters_are_told_by_catalogue_words_area_and_type(fields: dict[str, object], is_hit: bool) -> None:
    life = lives.registered(classified(category="noise/night", area="donghu"))
    assert bool(hits_of(life, rule(ScreeningTest.MATTER, **fields))) is is_hit


def test_case_that_becomes_of_the_matter_is_found_when_it_does() -> None:
    life = lives.registered(classified(category="water"))
    noise = rule(ScreeningTest.MATTER, categories=("noise",))
    assert shown(life, noise) == []
    change = c.ReclassifyCase(classification=classified(category="noise"), reason=TEXT)
    life.then(change, lives.OPERATOR)
    [hit] = hits_of(life, noise)
    assert [type(life.facts[seq - 1].body) for seq in hit.evidence] == [CaseReclassified]
    assert hit.because == ("重新分类后属于重点事项", "属于规则所列范围：事项 noise")


def test_any_rule_may_be_for_some_matters_only() -> None:
    life = lives.awaiting_revisit(classified(category="canteen")).then(UNTRUE, REVISITOR)
    assert shown(life, rule(ScreeningTest.FALSE_CLOSING, categories=("noise",))) == []
    [hit] = hits_of(life, rule(ScreeningTest.FALSE_CLOSING, categories=("canteen",)))
    assert hit.because[1] == "属于规则所列范围：事项 canteen"


def test_mark_that_somebody_set_is_found() -> None:
    life = lives.registered(classified(hard=True))
    assert any(body.flag is Flag.HARD for body in life.all_of(FlagRaised))
    assert shown(life, rule(ScreeningTest.FLAGGED, flag=Flag.HARD)) == [("tested", "0")]


# ── what is read again, and rules as data ───────────────────────────────────────────────────────


def test_every_fact_that_shows_a_hit_is_a_reason_to_read_the_case() -> None:
    for life in (late(), untrue(), returned_twice(), reply_returned_twice(), lives.reworks_used_up()):
        for hit in hits_of(life):
            assert may_be_hit_by([life.facts[hit.evidence[-1] - 1]])
    rated = lives.completed().then(c.CitizenRating(solved=False, satisfaction=1), CITIZEN)
    assert may_be_hit_by([fact for fact in rated.facts if isinstance(fact.body, CitizenRated)])
    assert not may_be_hit_by(lives.in_hand().facts[-1:])


@pytest.mark.parametrize("test", [ScreeningTest.MATTER, ScreeningTest.FLAGGED])
def test_rule_that_would_find_everything_is_no_rule(test: ScreeningTest) -> None:
    with pytest.raises(ValidationError):
        rule(test)


def test_two_rules_of_one_code_are_refused() -> None:
    with pytest.raises(ValidationError, match="more than once"):
        ScreeningRules(rules=(rule(ScreeningTest.REPEAT), rule(ScreeningTest.OVERDUE)))


def test_policy_from_before_screening_is_screened_under_the_shipped_rules() -> None:
    older = POLICY.model_copy(update={"screening": None})
    assert older.screens == default_policy().screening


def test_draft_with_a_rule_tells_the_difference_and_names_a_field_that_no_rule_knows() -> None:
    base = default_policy()
    with pytest.raises(DraftFaulty) as faulty:
        draft_from_toml(TOML_RULE.replace("label", "lable"), base)
    assert "screening.rules.0.lable" in {fault.field for fault in faulty.value.faults}
    changed = base.model_copy(update={"screening": ScreeningRules(rules=(noise_rule(),))})
    told = {line.field: (line.before, line.after) for line in differences(base, changed)}
    assert told["screening.noise"] == (None, "噪声：重点事项（categories=noise）")
    assert told["screening.overdue"] == ("超期未办结：超期未办结", None)


def noise_rule() -> ScreeningRule:
    fields = {"code": "noise", "label": "噪声", "test": "matter", "categories": ["noise"]}
    return ScreeningRule.model_validate(fields)
