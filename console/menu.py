"""Where each role finds its work (导航): the pages of the console, the operations they stand on, and who lands where.

An entry is offered to whoever may use its operation; the order is that of a day's work. What a role opens every
day stands in the bar, the rest in groups that open.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from types import MappingProxyType
from typing import Final

from api.access import roles_of
from hotline.vocabulary import Role


class Group(StrEnum):
    """What opens in the bar, by its name there."""

    SUPERVISION = "督办"
    FIGURES = "考核"
    DISCIPLINE = "执纪"
    SYSTEM = "系统"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the menu. With `roles` it is offered to these alone, out of those who may; without a group it is in the bar."""

    path: str
    label: str
    icon: str
    operation: str
    roles: frozenset[Role] = frozenset()
    group: Group | None = None

    def is_for(self, role: Role) -> bool:
        """Whether somebody in a role finds it in the menu."""
        return role in roles_of(self.operation) and (not self.roles or role in self.roles)


_UNITS: Final = frozenset({Role.HANDLER, Role.UNIT_HEAD})
_ADMINISTRATORS: Final = frozenset({Role.ADMINISTRATOR})
_RULE_BOOK: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.SUPERVISOR, Role.LEADER})
_TO_REVISIT: Final = "/revisits"
_OFFICERS: Final = frozenset({Role.DISCIPLINE})
_TO_SCREEN: Final = "/screening?state=pending"

_WATCHING: Final = frozenset({Role.SUPERVISOR, Role.LEADER})

_WATCHED: Final = _WATCHING | _UNITS | {Role.DISPATCHER, Role.ADMINISTRATOR, Role.AUDITOR}

_ANSWERING: Final = _UNITS | {Role.OPERATOR, Role.DISPATCHER, Role.REVISITOR}
_KEEPING_WATCH: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})

_BOARDS: Final = _WATCHING | {Role.ADMINISTRATOR, Role.AUDITOR}

MENU: Final = (
    Entry("/board", "督办总览", "layout-dashboard", "boards_board", _WATCHING),
    Entry("/intake", "登记", "headset", "intake_register"),
    Entry("/dispatch", "派遣台", "sitemap", "work_listed", frozenset({Role.DISPATCHER})),
    Entry("/inbox", "我的待办", "inbox", "work_listed", _UNITS),
    Entry(_TO_REVISIT, "回访", "phone-call", "revisits_queue", frozenset({Role.REVISITOR})),
    Entry(_TO_SCREEN, "筛查", "scan", "screening_hits", _OFFICERS),
    Entry("/screening", "工单筛查", "scan", "screening_hits", frozenset({Role.AUDITOR}), Group.DISCIPLINE),
    Entry("/dossiers?open=true", "案卷", "folder", "dossiers_every"),
    Entry("/dossiers?yours=true", "待我审批", "list-check", "dossiers_every"),
    Entry("/periods?running=true", "影响期", "hourglass", "dossiers_periods", group=Group.DISCIPLINE),
    Entry("/persons", "被反映人", "users", "dossiers_persons", group=Group.DISCIPLINE),
    Entry("/accountability/statistics", "问责统计", "scale", "dossiers_statistics", group=Group.DISCIPLINE),
    Entry("/knowledge", "知识库", "books", "knowledge_listed", _ANSWERING),
    Entry("/knowledge", "知识库", "books", "knowledge_listed", _WATCHING, Group.SUPERVISION),
    Entry("/knowledge", "知识库", "books", "knowledge_listed", _OFFICERS, Group.DISCIPLINE),
    Entry("/knowledge", "知识库", "books", "knowledge_listed", _KEEPING_WATCH, Group.SYSTEM),
    Entry("/timers", "时限板", "alarm", "boards_timers"),
    Entry("/measures/orders", "督办措施", "gavel", "supervision_measures", _WATCHED, Group.SUPERVISION),
    Entry("/proposals", "联动提请", "bulb", "supervision_proposals", group=Group.SUPERVISION),
    Entry("/mass", "群体性诉求", "users-group", "mass_bursts", group=Group.SUPERVISION),
    Entry("/problems", "重复性问题", "repeat", "problems_list_lines", _WATCHED, Group.SUPERVISION),
    Entry("/holdings", "时长台账", "hourglass", "boards_holdings", _BOARDS, Group.SUPERVISION),
    Entry("/rates", "三率与排名", "percentage", "indicators_figures", _WATCHED, Group.FIGURES),
    Entry("/cases", "全部工单", "clipboard-list", "cases_list_cases"),
    Entry("/audit", "审计日志", "shield-check", "trail_entries", frozenset({Role.AUDITOR})),
    Entry("/audit/openings", "开启记录", "lock", "openings_list_openings"),
    Entry("/admin/health", "系统状况", "heart-rate-monitor", "system_every_part"),
    Entry("/admin/users", "账号", "users", "accounts_every"),
    Entry("/admin/units", "单位", "building-community", "units_every", group=Group.SYSTEM),
    Entry("/admin/policy", "办理规则", "scale", "policy_list_drafts", _RULE_BOOK, Group.SYSTEM),
    Entry("/admin/calendar", "工作日历", "calendar", "policy_calendar", _RULE_BOOK, Group.SYSTEM),
    Entry("/admin/catalogue", "事项目录", "table", "reference_every_matter", _RULE_BOOK, Group.SYSTEM),
    Entry("/audit", "审计日志", "shield-check", "trail_entries", _ADMINISTRATORS, Group.SYSTEM),
    Entry("/audit/anchors", "台账锚定", "history", "ledger_anchors", group=Group.SYSTEM),
)

HOME: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.OPERATOR: "/intake",
        Role.DISPATCHER: "/dispatch",
        Role.HANDLER: "/inbox",
        Role.UNIT_HEAD: "/inbox",
        Role.REVISITOR: _TO_REVISIT,
        Role.SUPERVISOR: "/board",
        Role.LEADER: "/board",
        Role.DISCIPLINE: _TO_SCREEN,
        Role.ADMINISTRATOR: "/admin/health",
        Role.AUDITOR: "/audit",
    }
)
"""The page that each role lands on."""


def menu_of(role: Role) -> Iterator[Entry]:
    """Yield the pages that somebody in a role works with."""
    return (entry for entry in MENU if entry.is_for(role))


def groups_of(role: Role) -> Iterable[tuple[Group | None, list[Entry]]]:
    """The same pages: those of the bar under None, then each group that has any."""
    order = [None, *Group]
    entries = sorted(menu_of(role), key=lambda entry: order.index(entry.group))
    return [(group, list(of_it)) for group, of_it in groupby(entries, key=lambda entry: entry.group)]
