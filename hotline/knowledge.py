"""The knowledge base (知识库): what an operator answers from at once, and what keeps it true.

A unit looks after the knowledge of its own matters (domain.md §1.6): it writes, revises,
confirms and withdraws, and each entry says until when it holds. One that is past that day is 待更新: it is still
found, with its date beside it, and the unit is seen to be behind. An entry is for everybody, so no number
of a person may stand in it.
"""

from datetime import date, timedelta
from typing import Final

from hotline.case import Actor
from hotline.identifiers import UnitCode
from hotline.model import Record
from hotline.redaction import has_number_of_a_person
from hotline.refusals import GuardFailed, NotPermitted
from hotline.roles import UNIT_ROLES
from hotline.vocabulary import Role

LONGEST_FOR: Final = timedelta(days=731)
"""Set by us, two years: an entry that never ends is never looked at again."""

KEEPERS: Final = UNIT_ROLES | {Role.ADMINISTRATOR}
"""Who looks after entries: a unit's people after their own, administrators after any."""


class Knowledge(Record):
    """What an entry says: a question in few words, its answer, of which matter and where, whose it is, until when it holds."""

    title: str
    answer: str
    category: str
    area: str | None = None
    unit: UnitCode
    valid_until: date


def is_stale(valid_until: date, today: date) -> bool:
    """Whether an entry is 待更新: the last day for which somebody vouched for it has passed."""
    return valid_until < today


def may_keep(actor: Actor, unit: UnitCode) -> bool:
    """Whether somebody looks after the entries of a unit."""
    return actor.role is Role.ADMINISTRATOR or (actor.role in UNIT_ROLES and actor.unit == unit)


def require_keeper(actor: Actor, unit: UnitCode) -> None:
    """NotPermitted: the entries of this unit are another's to look after."""
    if not may_keep(actor, unit):
        raise NotPermitted(
            "knowledge_of_another_unit", "知识由其维护单位更新，只能维护本单位的知识", field="unit"
        )


def require_impersonal(**texts: str) -> None:
    """GuardFailed: a text by its field has the number of a mobile telephone, an identity card or a bank card in it."""
    for field, text in texts.items():
        if has_number_of_a_person(text):
            raise GuardFailed(
                "number_of_a_person",
                "此处对全体人员公开，不得含手机号码、身份证号或者银行卡号",
                field=field,
                rule="domain.md §1.5",
            )


def require_term(valid_until: date, today: date) -> None:
    """GuardFailed: the day until which an entry is to hold has passed, or is too far away."""
    if is_stale(valid_until, today):
        raise GuardFailed("validity_passed", "有效期须为今天或者以后", field="valid_until")
    if valid_until > today + LONGEST_FOR:
        raise GuardFailed("validity_too_long", "有效期最长两年，到期后确认或者修订", field="valid_until")
