"""What each role looks at in the list of cases without having saved anything (预设视图)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from hotline.roles import STAFF
from hotline.vocabulary import Role

_DESK: Final = frozenset({Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})
_UNITS: Final = frozenset({Role.HANDLER, Role.UNIT_HEAD})
_OVERSIGHT: Final = frozenset({Role.SUPERVISOR, Role.LEADER, Role.DISCIPLINE, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Preset:
    """A name for filters of the list, and the roles to which it is offered."""

    name: str
    filters: Mapping[str, str | list[str]]
    roles: frozenset[Role] = STAFF

    @property
    def query(self) -> str:
        """What follows `?` in the address of the list."""
        return urlencode(self.filters, doseq=True)


PRESETS: Final = (
    Preset("全部", {}),
    Preset("在办", {"open": "true", "order": "due"}),
    Preset("待补充", {"status": ["awaiting_details"], "order": "oldest"}, frozenset({Role.OPERATOR})),
    Preset("待派遣", {"status": ["received", "awaiting_dispatch"], "order": "due"}, _DESK),
    Preset("退单与会商", {"status": ["return_review", "joint_review"], "order": "due"}, _DESK),
    Preset("待签收", {"status": ["awaiting_signature"], "order": "due"}, _DESK | _UNITS),
    Preset(
        "待审核", {"status": ["reply_review"], "order": "due"}, _UNITS | {Role.DISPATCHER, Role.SUPERVISOR}
    ),
    Preset(
        "待回访",
        {"status": ["awaiting_revisit", "unreached"], "order": "due"},
        frozenset({Role.REVISITOR, Role.SUPERVISOR}),
    ),
    Preset("挂账", {"status": ["suspended"], "order": "oldest"}, _UNITS | _OVERSIGHT),
    Preset("退回重办", {"status": ["rework"], "order": "due"}, _UNITS | _OVERSIGHT),
    Preset("已超期", {"overdue": "true", "order": "due"}),
)
"""In the order of a case's life."""


def presets_of(role: Role) -> Iterator[Preset]:
    """Yield what is offered to a role."""
    return (preset for preset in PRESETS if role in preset.roles)
