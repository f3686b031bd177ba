"""Units and accounts (单位与账号). How somebody proves to be one of them is in tokens, credentials and sessions."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

from pydantic import model_validator
from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from hotline.accountability.vocabulary import Level
from hotline.case import Actor
from hotline.identifiers import UnitCode, UserId
from hotline.model import Record
from hotline.roles import UNIT_ROLES
from hotline.vocabulary import Role
from store.conditions import among
from store.engine import ReadSession, WriteSession
from store.tables.reference import discipline_groups, supervised_units, units, users

# Any number will do, so long as nothing else in the database locks the same.
_ADMINISTRATORS: Final = 1234500005


class Unit(Record):
    """A unit (承办单位): its code, its name, its level such as city or district, and the unit above it."""

    code: UnitCode
    name: str
    level: str
    parent: UnitCode | None = None
    active: bool = True


class DisciplineGroup(Record):
    """A stationed discipline group (派驻纪检监察组) and the units that it supervises."""

    code: str
    name: str
    units: tuple[UnitCode, ...]


class User(Record):
    """An account: one person in one role, for one unit if the role belongs to units.

    A `demo` account (演示账号) is an invention of demo mode and has no way in outside it.
    A discipline officer of no group is of the commission itself; of no level, they handle files and approve none.
    """

    user_id: UserId
    display_name: str
    role: Role
    unit: UnitCode | None = None
    active: bool = True
    demo: bool = False
    discipline_group: str | None = None
    discipline_level: Level | None = None

    @model_validator(mode="after")
    def _has_its_unit(self) -> "User":
        if self.discipline_group is not None and self.role is not Role.DISCIPLINE:
            message = "discipline_group: only a discipline officer is of a stationed group"
            raise ValueError(message)
        if self.discipline_level is not None and self.role is not Role.DISCIPLINE:
            message = "discipline_level: only a discipline officer has a level of approval"
            raise ValueError(message)
        if self.discipline_level is Level.SYSTEM:
            message = "discipline_level: nobody is the engine"
            raise ValueError(message)
        if self.role in UNIT_ROLES and self.unit is None:
            message = f"unit: a {self.role.value} belongs to a unit"
            raise ValueError(message)
        return self

    @cached_property
    def actor(self) -> Actor:
        """The user as rules know them."""
        return Actor(user_id=self.user_id, role=self.role, unit=self.unit)


async def put_units(session: WriteSession, rows: Iterable[Unit]) -> None:
    """Add units or bring them up to date; a parent comes before its children."""
    for unit in rows:
        values = unit.model_dump()
        statement = insert(units).values(values).on_conflict_do_update(index_elements=["code"], set_=values)
        await session.execute(statement)


async def put_groups(session: WriteSession, rows: Iterable[DisciplineGroup]) -> None:
    """Add discipline groups or bring them and what they supervise up to date."""
    for group in rows:
        values = {"code": group.code, "name": group.name}
        await session.execute(
            insert(discipline_groups)
            .values(values)
            .on_conflict_do_update(index_elements=["code"], set_=values)
        )
        await session.execute(delete(supervised_units).where(supervised_units.c.group == group.code))
        if group.units:
            lines = [{"group": group.code, "unit": unit} for unit in dict.fromkeys(group.units)]
            await session.execute(insert(supervised_units), lines)


async def put_users(session: WriteSession, rows: Iterable[User]) -> None:
    """Add users or bring them up to date."""
    for user in rows:
        values = _values(user)
        statement = (
            insert(users).values(values).on_conflict_do_update(index_elements=["user_id"], set_=values)
        )
        await session.execute(statement)


async def has_group(session: ReadSession, code: str) -> bool:
    """Tell whether there is a discipline group of that code."""
    found = await session.scalar(select(discipline_groups.c.code).where(discipline_groups.c.code == code))
    return found is not None


async def all_units(session: ReadSession) -> tuple[Unit, ...]:
    """Return every active unit by its code."""

    async def read() -> tuple[Unit, ...]:
        found = await session.execute(select(units).where(units.c.active).order_by(units.c.code))
        return tuple(_unit(row) for row in found)

    return await session.once(all_units, read)


async def unknown_units(session: ReadSession, codes: Iterable[UnitCode]) -> tuple[UnitCode, ...]:
    """Return those of some codes that name no active unit, so that no case goes nowhere."""
    wanted = tuple(dict.fromkeys(codes))
    if not wanted:
        return ()
    found = await session.execute(select(units.c.code).where(among(units.c.code, wanted), units.c.active))
    known = set(found.scalars())
    return tuple(code for code in wanted if code not in known)


async def all_users(session: ReadSession) -> tuple[User, ...]:
    """Return every active user by id."""
    found = await session.execute(select(users).where(users.c.active).order_by(users.c.user_id))
    return tuple(account_in(row) for row in found)


# Select is generic in the types of its columns, which a Table does not tell.
def with_account(query: Select[Any], user_id: ColumnElement[Any]) -> Select[Any]:
    """Add to rows the account that each names, for `account_in`; those whose account is not in use are left out."""
    is_named = and_(users.c.user_id == user_id, users.c.active)
    return query.add_columns(*(one for one in users.c if one is not users.c.user_id)).join(users, is_named)


async def user_of(session: ReadSession, user_id: UserId) -> User | None:
    """Return one active user."""
    row = (
        await session.execute(select(users).where(users.c.user_id == user_id, users.c.active))
    ).one_or_none()
    return account_in(row) if row else None


async def every_account(session: ReadSession) -> tuple[User, ...]:
    """Return every account by id, also those that are switched off."""
    return tuple(account_in(row) for row in await session.execute(select(users).order_by(users.c.user_id)))


async def account(session: ReadSession, user_id: UserId) -> User | None:
    """Return one account, also one that is switched off."""
    row = (await session.execute(select(users).where(users.c.user_id == user_id))).one_or_none()
    return account_in(row) if row else None


async def add_user(session: WriteSession, user: User) -> bool:
    """Add an account; False if there is one of that id already."""
    values = _values(user)
    return (await session.execute(insert(users).values(values).on_conflict_do_nothing())).rowcount == 1


async def administrators(session: WriteSession) -> frozenset[UserId]:
    """Return the active administrators that are no demo accounts, and keep others from changing who they are.

    Two administrators who switch each other off at the same moment must not both succeed.
    """
    await session.execute(select(func.pg_advisory_xact_lock(_ADMINISTRATORS)))
    found = await session.execute(
        select(users.c.user_id).where(users.c.role == Role.ADMINISTRATOR, users.c.active, ~users.c.demo)
    )
    return frozenset(UserId(user_id) for user_id in found.scalars())


def _values(user: User) -> dict[str, Any]:
    return user.model_dump() | {
        "role": user.role.value,
        "discipline_level": user.discipline_level and user.discipline_level.value,
    }


def _unit(row: Row[Any]) -> Unit:
    return Unit(code=row.code, name=row.name, level=row.level, parent=row.parent, active=row.active)


def account_in(row: Row[Any]) -> User:  # Any: a row is of as many types as it has columns
    """The account of a row that has its columns."""
    return User(
        user_id=row.user_id,
        display_name=row.display_name,
        role=row.role,
        unit=row.unit,
        active=row.active,
        demo=row.demo,
        discipline_group=row.discipline_group,
        discipline_level=row.discipline_level,
    )
