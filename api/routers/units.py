"""Units and stationed groups (单位与派驻组管理), for administrators: who there is to send a case to, and who watches whom."""

from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.address import AddressDep
from api.deps import ActorDep, PrincipalDep, ServicesDep
from api.errors import ApiError, responses
from api.examples import as_body
from api.parts import Operations
from api.principal import Principal
from api.schemas import View
from api.services import Services
from hotline.identifiers import UnitCode
from hotline.vocabulary import UnitLevel
from store import organisation
from store.accounts import DisciplineGroup, Unit
from store.administration import By
from store.organisation import UnitLine

router = Operations(tags=["units"], prefix="/organisation", responses=responses(401, 403))

_CODE: Final = r"^[A-Za-z0-9][\w.-]{0,63}$"
_UNIT: Final[dict[str, Any]] = {"code": "U180", "name": "市交通运输局", "level": "city"}

_LEVELS: Final = {level.value: level.label for level in UnitLevel}

Code = Annotated[str, Path(pattern=_CODE, description="代码")]
_Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$", description="名称")]
_Parent = Annotated[str, Field(pattern=_CODE, description="上级单位代码")]


class NewUnit(BaseModel):
    """A unit that cases are to go to."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=_CODE, description="启用后不得更改，停用后不得重复使用")
    name: _Name
    level: UnitLevel
    parent: _Parent | None = None


class UnitChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: _Name | None = None
    level: UnitLevel | None = None
    parent: _Parent | None = Field(default=None, description="为空值则没有上级单位")
    active: bool | None = Field(default=None, description="停用前须没有在办工单、在用账号和下级单位")


class GroupForm(BaseModel):
    """A stationed group and the units that it supervises, with those below them."""

    model_config = ConfigDict(extra="forbid")

    name: _Name
    units: tuple[UnitCode, ...] = Field(default=(), max_length=500, description="监督的单位，含其下级")


class UnitView(View):
    """A unit, and what is left in it."""

    code: str
    name: str
    level: str
    level_label: str
    parent: str | None
    active: bool
    accounts: int = Field(description="在用账号数")
    open_cases: int = Field(description="主办和协办的在办工单数")
    groups: list[str] = Field(description="派驻监督该单位的纪检监察组")

    @classmethod
    def of(cls, line: UnitLine) -> "UnitView":
        """The view of a line."""
        return cls(
            **line.unit.model_dump(),
            level_label=_label(line.unit.level),
            accounts=line.accounts,
            open_cases=line.open_cases,
            groups=[*line.groups],
        )


def _label(level: str) -> str:
    """A level by its term; one that an installation brought along before there were terms is told as it is."""
    return _LEVELS.get(level, level)


class UnitList(View):
    """Every unit by its code, also those that are retired."""

    items: list[UnitView]


class GroupList(View):
    """Every stationed group by its code."""

    items: list[DisciplineGroup]


@router.get("/units", summary="全部单位，含已停用的")
async def every(_: ActorDep, services: ServicesDep) -> UnitList:
    """Every unit with its place in the tree, and what is left in it."""
    async with services.database.read() as session:
        return UnitList(items=[UnitView.of(line) for line in await organisation.every_unit(session)])


@router.post("/units", status_code=201, summary="新建单位", openapi_extra=as_body(_UNIT))
async def create(body: NewUnit, principal: PrincipalDep, services: ServicesDep, address: AddressDep) -> Unit:
    """Add a unit; cases can be dispatched to it from now on."""
    unit = Unit(
        code=UnitCode(body.code),
        name=body.name,
        level=body.level,
        parent=UnitCode(body.parent) if body.parent else None,
    )
    async with services.database.write() as session:
        await organisation.create_unit(session, unit, _by(services, principal, address))
    return unit


@router.patch(
    "/units/{code}",
    summary="变更、停用单位",
    responses=responses(404, 409),
    openapi_extra=as_body({"name": "市交通运输局（市邮政管理局）"}),
)
async def change(
    code: Code, body: UnitChange, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> Unit:
    """Change name, level or the unit above, retire a unit or take it into use again."""
    given = body.model_dump(exclude_unset=True)
    changes = {name: value for name, value in given.items() if value is not None or name == "parent"}
    async with services.database.write() as session:
        by = _by(services, principal, address)
        unit = await organisation.change_unit(session, UnitCode(code), changes, by)
    if unit is None:
        raise ApiError(404, "unit_not_found", "没有这个单位")
    return unit


@router.get("/groups", summary="派驻纪检监察组")
async def groups(_: ActorDep, services: ServicesDep) -> GroupList:
    """Every stationed group, and the units that it names."""
    async with services.database.read() as session:
        return GroupList(items=[*await organisation.every_group(session)])


@router.put(
    "/groups/{code}",
    summary="新建或者变更派驻组",
    openapi_extra=as_body({"name": "市纪委监委驻市交通运输局纪检监察组", "units": ["U120"]}),
)
async def put_group(
    code: Code, body: GroupForm, principal: PrincipalDep, services: ServicesDep, address: AddressDep
) -> DisciplineGroup:
    """Say what a stationed group is called and which units it supervises; it counts from the next request on."""
    group = DisciplineGroup(code=code, name=body.name, units=body.units)
    async with services.database.write() as session:
        await organisation.put_group(session, group, _by(services, principal, address))
    return group


def _by(services: Services, principal: Principal, address: str) -> By:
    return By(principal.actor, services.now(), address)
