"""Where each role finds its work (导航): the pages of the console, the operations they stand on, and who lands where.

An entry is offered to whoever may use its operation; the order is that of a day's work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from api.access import roles_of
from hotline.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the menu. With `roles` it is offered to these alone, out of those who may."""

    path: str
    label: str
    icon: str
    operation: str
    roles: frozenset[Role] = frozenset()

    def is_for(self, role: Role) -> bool:
        """Whether somebody in a role finds it in the menu."""
        return role in roles_of(self.operation) and (not self.roles or role in self.roles)


_UNITS: Final = frozenset({Role.HANDLER, Role.UNIT_HEAD})
_TO_DISPATCH: Final = (
    "/cases?status=received&status=awaiting_dispatch&status=return_review&status=joint_review&order=due"
)
_TO_REVIEW: Final = "/cases?status=reply_review&order=due"
_IN_HAND: Final = "/cases?open=true&order=due"
_TO_REVISIT: Final = "/cases?status=awaiting_revisit&status=unreached&order=due"
_OVERDUE: Final = "/cases?overdue=true&order=due"

MENU: Final = (
    Entry("/intake", "登记", "headset", "intake_register"),
    Entry(_TO_DISPATCH, "待派遣", "sitemap", "dispatch_case"),
    Entry(_TO_REVIEW, "待审核", "list-check", "review_reply"),
    Entry(_IN_HAND, "我的待办", "inbox", "cases_list_cases", _UNITS),
    Entry(_TO_REVISIT, "待回访", "phone-call", "record_revisit"),
    Entry(_OVERDUE, "已超期", "alert-triangle", "boards_timers", frozenset({Role.SUPERVISOR, Role.LEADER})),
    Entry("/timers", "时限板", "alarm", "boards_timers"),
    Entry("/cases", "全部工单", "clipboard-list", "cases_list_cases"),
)

HOME: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.OPERATOR: "/intake",
        Role.DISPATCHER: _TO_DISPATCH,
        Role.HANDLER: _IN_HAND,
        Role.UNIT_HEAD: _IN_HAND,
        Role.REVISITOR: _TO_REVISIT,
        Role.SUPERVISOR: "/timers",
        Role.LEADER: "/timers",
        Role.DISCIPLINE: "/cases",
        Role.ADMINISTRATOR: "/timers",
        Role.AUDITOR: "/cases",
    }
)
"""The page that each role lands on."""


def menu_of(role: Role) -> Iterator[Entry]:
    """Yield the pages that somebody in a role works with."""
    return (entry for entry in MENU if entry.is_for(role))
