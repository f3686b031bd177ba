"""The matrix of roles, commands and statuses (角色权限表), and who may use which operation, made from the tables.

The head of docs/roles.md, which says who may know of a case at all, is written by hand.
"""

from collections.abc import Iterable
from typing import Final

from api.access import ACCESS, Access, Door
from hotline.decide import RULES
from hotline.roles import STAFF, UNIT_ROLES, Scope
from hotline.rules.base import Rule
from hotline.vocabulary import Role
from tools.document import Document, table
from tools.glossary import statuses, worded

_ROLES: Final = tuple(role for role in Role if role in STAFF or role in {Role.CITIZEN, Role.SYSTEM})
_SCOPES: Final = {
    Scope.LEAD: "主办",
    Scope.ASSIST: "协办",
    Scope.INVOLVED: "主办、协办",
    Scope.ADDRESSED: "主办、协办、被督办单位",
}
_DOORS: Final = {
    Door.PUBLIC: "任何人",
    Door.CODE: "诉求人，凭提取码",
    Door.SESSION: "浏览器会话，登录未完成亦可",
}
_COMMANDS: Final = frozenset(rule.kind for rule in RULES.values())


def roles() -> str:
    """Everything below the mark of docs/roles.md."""
    return "\n\n".join(
        [
            "## Role × command × status 角色、指令、状态",
            "● may. The second column says of which unit a unit's people must be; the hotline's staff have none.",
            table(
                ("command", "单位", *(role.label for role in _ROLES), "in"), map(_command_row, RULES.values())
            ),
            "## Operations 接口",
            "Commands apart, which have the rows above: one by one, and in bulk `bulk_…`.",
            table(("operation", "who", "of a case the caller may see"), _operation_rows()),
        ]
    )


def _command_row(rule: Rule) -> tuple[str, ...]:
    term, _ = worded((rule.command.__doc__ or "").strip().splitlines()[0])
    unit = _SCOPES[rule.scope] if rule.by & UNIT_ROLES else "–"
    marks = ("●" if role in rule.by else "" for role in _ROLES)
    return f"`{rule.kind}` {term}".strip(), unit, *marks, statuses(rule.when)


def _operation_rows() -> Iterable[tuple[str, ...]]:
    for name, row in ACCESS.items():
        if name.removeprefix("bulk_") not in _COMMANDS:
            yield f"`{name}`", _who(row), "yes" if row.about_case else ""


def _who(row: Access) -> str:
    if row.door is not Door.ACCOUNT:
        return _DOORS[row.door]
    if row.roles == STAFF:
        return "任何账号"
    return "、".join(role.label for role in Role if role in row.roles)


DOCUMENT: Final = Document("roles.md", roles)
