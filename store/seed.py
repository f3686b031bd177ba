"""Demonstration data (演示数据): the units of an invented city, a discipline group stationed in it, and an account
for every role and unit.

Nothing here is used unless `hotline up` or `hotline seed` asks for it; running it again changes nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from hotline.accountability.vocabulary import Level
from hotline.identifiers import UnitCode, UserId
from hotline.vocabulary import Role
from store.accounts import DisciplineGroup, Unit, User, put_groups, put_units, put_users
from store.engine import WriteSession
from store.policies import ensure_default
from store.seed_knowledge import seed_knowledge
from store.seed_matters import seed_matters
from store.tokens import has_live_token, holder, issue_token, revoke_tokens

TOKEN_NAME: Final = "demo"  # noqa: S105  the label of a token, not a token

_UNITS: Final = (
    ("U110", "市公安局", "city", None),
    ("U120", "市城市管理局", "city", None),
    ("U130", "市生态环境局", "city", None),
    ("U140", "市住房和城乡建设局", "city", None),
    ("U150", "市人力资源和社会保障局", "city", None),
    ("U160", "市市场监督管理局", "city", None),
    ("U170", "市水务集团", "enterprise", None),
    ("U310", "东湖区人民政府", "district", None),
    ("U311", "东湖区滨江街道办事处", "street", "U310"),
    ("U312", "东湖区新城街道办事处", "street", "U310"),
    ("U320", "西山区人民政府", "district", None),
    ("U321", "西山区青石镇人民政府", "street", "U320"),
)
# Review and revisit, and the two levels of a determination, are for different people (domain.md §12 rules
# 18 and 20), so the roles that decide are held twice.
_STAFF: Final = (
    ("operator1", "话务员一号", Role.OPERATOR),
    ("operator2", "话务员二号", Role.OPERATOR),
    ("dispatcher1", "分办员一号", Role.DISPATCHER),
    ("dispatcher2", "分办员二号", Role.DISPATCHER),
    ("revisitor1", "回访员一号", Role.REVISITOR),
    ("revisitor2", "回访员二号", Role.REVISITOR),
    ("supervisor1", "督办员一号", Role.SUPERVISOR),
    ("supervisor2", "督办员二号", Role.SUPERVISOR),
    ("discipline1", "派驻城管局纪检监察组干部", Role.DISCIPLINE),
    ("discipline2", "市纪委监委干部", Role.DISCIPLINE),
    ("discipline3", "市纪委监委干部二号", Role.DISCIPLINE),
    ("discipline4", "市纪委监委审理干部", Role.DISCIPLINE),
    ("section1", "市纪委监委室主任", Role.DISCIPLINE),
    ("deputy1", "市纪委监委分管领导", Role.DISCIPLINE),
    ("deputy2", "市纪委监委分管领导（复查）", Role.DISCIPLINE),
    ("principal1", "市纪委监委主要负责人", Role.DISCIPLINE),
    ("superior1", "省纪委监委干部", Role.DISCIPLINE),
    ("leader1", "分管领导", Role.LEADER),
    ("administrator1", "系统管理员", Role.ADMINISTRATOR),
    ("administrator2", "规则复核管理员", Role.ADMINISTRATOR),
    ("auditor1", "审计员", Role.AUDITOR),
)

_STATIONED: Final = {UserId("discipline1"): "JZ120"}

# Everything of weight in an accountability file is proposed by one, approved by the levels above, and looked at
# again by somebody who had no part in it (domain.md §7.3, §7.6).
_LEVELS: Final = {
    UserId("section1"): Level.SECTION,
    UserId("deputy1"): Level.DEPUTY,
    UserId("deputy2"): Level.DEPUTY,
    UserId("principal1"): Level.PRINCIPAL,
    UserId("superior1"): Level.SUPERIOR,
}

DEMO_GROUPS: Final = (
    DisciplineGroup(
        code="JZ120",
        name="市纪委监委驻市城市管理局纪检监察组",
        units=(UnitCode("U120"), UnitCode("U170")),
    ),
)
DEMO_UNITS: Final = tuple(
    Unit(code=UnitCode(code), name=name, level=level, parent=UnitCode(parent) if parent else None)
    for code, name, level, parent in _UNITS
)


def demo_users() -> Iterator[User]:
    """Yield one account for each desk of the hotline, and a handler and a head for each unit."""
    for user_id, name, role in _STAFF:
        yield User(
            user_id=UserId(user_id),
            display_name=name,
            role=role,
            discipline_group=_STATIONED.get(UserId(user_id)),
            discipline_level=_LEVELS.get(UserId(user_id)),
            demo=True,
        )
    for unit in DEMO_UNITS:
        for prefix, title, role in (("handler", "经办人", Role.HANDLER), ("head", "负责人", Role.UNIT_HEAD)):
            user_id, name = UserId(f"{prefix}-{unit.code}"), f"{unit.name}{title}"
            yield User(user_id=user_id, display_name=name, role=role, unit=unit.code, demo=True)


async def seed_demo(
    session: WriteSession, *, at: datetime, known: Mapping[UserId, str] | None = None
) -> dict[UserId, str]:
    """Add units, users, matters, knowledge, the default policy and demo tokens, as far as they are missing; return the tokens.

    Without `known`, only tokens made now are returned, for none can be read again. With `known`, the
    content of an earlier return, every user has a working token afterwards and all of them are returned:
    those that still work are kept, the others are replaced.
    """
    await ensure_default(session, at=at)
    await put_units(session, DEMO_UNITS)
    await put_groups(session, DEMO_GROUPS)
    users = tuple(demo_users())
    await put_users(session, users)
    await seed_matters(session)
    await seed_knowledge(session, at=at)
    tokens: dict[UserId, str] = {}
    for user in users:
        token = await _token(session, user, at, known)
        if token is not None:
            tokens[user.user_id] = token
    return tokens


async def _token(
    session: WriteSession, user: User, at: datetime, known: Mapping[UserId, str] | None
) -> str | None:
    if known is None and await has_live_token(session, user.user_id, name=TOKEN_NAME, at=at):
        return None
    if known is not None:
        kept = known.get(user.user_id)
        held = await holder(session, kept, at=at, demo_mode=True) if kept is not None else None
        if held is not None and held.user.user_id == user.user_id:
            return kept
        await revoke_tokens(session, user.user_id, at=at, name=TOKEN_NAME)
    return await issue_token(session, user.user_id, name=TOKEN_NAME, at=at)
