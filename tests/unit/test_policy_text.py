"""规则文本: what people read and edit is the policy itself, and the calendar says what a day off is called."""

from datetime import date

import pytest

from hotline.calendar import default_calendar
from hotline.drafting import draft_from_toml
from hotline.holidays import name_of
from hotline.policy import PolicySnapshot
from hotline.policy_text import policy_text, word_for
from hotline.revision import differences
from unit.lives import POLICY

SIMPLE = POLICY.model_copy(
    update={
        "critical": {},
        "ladder_of": {},
        "ladders": {},
        "screening": None,
        "triggers": None,
        "scoring": None,
    }
)


@pytest.mark.parametrize("policy", [POLICY, SIMPLE], ids=["whole", "bare"])
def test_text_reads_back_as_the_policy_that_it_was_made_from(policy: PolicySnapshot) -> None:
    assert draft_from_toml(policy_text(policy), policy) == policy


def test_text_says_beside_the_codes_what_they_mean() -> None:
    lines = policy_text(POLICY).splitlines()
    assert 'rework = "3 wd"  # 重办' in lines
    assert 'types = ["help", "suggestion", "praise"]  # 求助、建议、表扬' in lines
    assert 'plan = "5 wd"  # 制定方案' in lines


def test_every_line_that_can_differ_has_a_word_except_lists_with_names_of_their_own() -> None:
    """What changes is told to whoever approves it, so that a figure without a word would be a riddle."""
    bare = POLICY.model_copy(
        update={"critical": {}, "ladder_of": {}, "supervision": None, "scoring": None, "caps": POLICY.caps}
    )
    told = {line.field for line in differences(bare, POLICY)}
    assert told
    assert [field for field in told if not word_for(field)] == []


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-02", "元旦"),
        ("2026-02-15", "春节"),
        ("2026-04-06", "清明节"),
        ("2026-05-05", "劳动节"),
        ("2026-06-19", "端午节"),
        ("2026-09-25", "中秋节"),
        ("2026-10-07", "国庆节"),
        ("2022-12-31", "元旦"),
        ("2015-09-03", None),
        ("2026-02-14", None),
        ("2026-07-04", None),
    ],
)
def test_day_off_is_called_by_its_holiday(day: str, name: str | None) -> None:
    assert name_of(default_calendar(), date.fromisoformat(day)) == name
