"""联动规则 as data: which months count, and what a draft may say."""

import pytest
from pydantic import ValidationError

from hotline.oversight import Trigger, Triggers, month_of, span_of
from hotline.policy import default_policy
from hotline.revision import differences
from unit.lives import POLICY, at, shown

CARDS = {
    "code": "red_cards",
    "label": "红牌",
    "measure": "card",
    "rung": "red_card",
    "at_least": 2,
    "proposes": "interview",
}


def trigger(**fields: object) -> Trigger:
    return Trigger.model_validate({**CARDS, **fields})


@pytest.mark.parametrize(
    ("months", "month", "since", "until"),
    [
        (1, "2026-03", "2026-03-01 00:00", "2026-04-01 00:00"),
        (1, "2026-12", "2026-12-01 00:00", "2027-01-01 00:00"),
        (3, "2026-02", "2025-12-01 00:00", "2026-03-01 00:00"),
        (12, "2026-12", "2026-01-01 00:00", "2027-01-01 00:00"),
    ],
)
def test_rule_counts_whole_months_of_shanghai(months: int, month: str, since: str, until: str) -> None:
    assert tuple(map(shown, span_of(trigger(months=months), month))) == (since, until)


def test_month_of_an_instant_is_that_of_shanghai() -> None:
    assert month_of(at("2026-04-01 00:30")) == "2026-04"


def test_one_measure_alone_is_no_rule() -> None:
    with pytest.raises(ValidationError):
        trigger(at_least=1)


def test_two_rules_of_one_code_are_refused() -> None:
    with pytest.raises(ValidationError, match="more than once"):
        Triggers(rules=(trigger(), trigger()))


def test_policy_from_before_has_the_shipped_rules_and_a_change_is_told_in_words() -> None:
    assert POLICY.model_copy(update={"triggers": None}).leads_to == default_policy().triggers
    stricter = POLICY.model_copy(update={"triggers": Triggers(rules=(trigger(at_least=3),))})
    told = {line.field: (line.before, line.after) for line in differences(POLICY, stricter)}
    assert told["triggers.red_cards"] == ("1 个月内红牌 2 次，提请约谈", "1 个月内红牌 3 次，提请约谈")
    assert told["triggers.interviews"][1] is None
