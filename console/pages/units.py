"""Units and stationed groups (单位与派驻组): the tree of whom a case can go to, and who supervises whom."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from api.address import AddressDep
from api.errors import ApiError
from api.routers import units
from api.routers.units import (
    Code,
    GroupForm,
    GroupList,
    NewUnit,
    UnitChange,
    UnitList,
    UnitView,
    every,
    groups,
)
from console.forms import Catalogue, How, Widget, fields_of, fill
from console.forms import Field as Asked
from console.sheets import REFUSED, Sheet, done, refused, shown
from console.speaking import marked as _
from console.visit import Here, Visit

router = APIRouter()

Units = Annotated[UnitList, Depends(every)]
Groups = Annotated[GroupList, Depends(groups)]


@router.get("/admin/units", operation_id="units_every")
async def tree(visit: Here, known: Units, stationed: Groups) -> HTMLResponse:
    """The tree, each unit with what is left in it, and the stationed groups."""
    return visit.page(
        "units_parts.html" if visit.is_part else "units.html",
        lines=[*_tree(known.items)],
        retired=[one for one in known.items if not one.active],
        groups=stationed.items,
        names={one.code: one.name for one in known.items},
    )


def _tree(every_unit: Sequence[UnitView]) -> Iterator[tuple[int, UnitView]]:
    """Each unit in use below the one above it, with its depth. One below a retired unit stands at the top."""
    in_use = {one.code: one for one in every_unit if one.active}
    below: defaultdict[str | None, list[UnitView]] = defaultdict(list)
    for one in in_use.values():
        below[one.parent if one.parent in in_use else None].append(one)

    def walk(parent: str | None, depth: int) -> Iterator[tuple[int, UnitView]]:
        for one in below[parent]:
            yield depth, one
            yield from walk(one.code, depth + 1)

    return walk(None, 0)


@router.get("/admin/new-unit", operation_id="units_create")
async def ask_for_new(visit: Here, known: Units, parent: str | None = None) -> HTMLResponse:
    """An empty form, below a unit if one was named."""
    return shown(visit, _new(fields_of(NewUnit, Catalogue(), {"parent": parent}, _how(known))))


@router.post("/admin/new-unit", operation_id="units_create")
async def create(visit: Here, known: Units, request: Request, address: AddressDep) -> HTMLResponse:
    """Add the unit."""
    filled = fill(NewUnit, Catalogue(), await request.form(), _how(known))
    if not isinstance(filled.form, NewUnit):
        return shown(visit, _new(filled.fields), status=422)
    try:
        unit = await units.create(filled.form, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, _new(filled.fields), error)
    return done(visit, _("已建立单位：%(name)s"), name=unit.name)


def _new(fields: tuple[Asked, ...]) -> Sheet:
    return Sheet(_("新建单位"), "/admin/new-unit", fields, button=_("建立"))


@router.get("/admin/units/{code}/change", operation_id="units_change")
async def ask_for_change(visit: Here, code: Code, known: Units) -> HTMLResponse:
    """The form as the unit is now."""
    now = _of(known, code).model_dump(include=set(UnitChange.model_fields))
    return shown(visit, _change(code, fields_of(UnitChange, Catalogue(), now, _how(known, code))))


@router.post("/admin/units/{code}/change", operation_id="units_change")
async def change(
    visit: Here, code: Code, known: Units, request: Request, address: AddressDep
) -> HTMLResponse:
    """Change what was filled in otherwise, or retire the unit."""
    filled = fill(UnitChange, Catalogue(), await request.form(), _how(known, code))
    sheet = _change(code, filled.fields)
    if not isinstance(filled.form, UnitChange):
        return shown(visit, sheet, status=422)
    now, wanted = _of(known, code).model_dump(), filled.form.model_dump()
    body = UnitChange(**{name: value for name, value in wanted.items() if value != now[name]})
    try:
        await units.change(code, body, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, sheet, error)
    return done(visit, _("单位已变更"))


def _of(known: UnitList, code: str) -> UnitView:
    found = next((one for one in known.items if one.code == code), None)
    if found is None:
        raise ApiError(404, "unit_not_found", "没有这个单位")
    return found


def _change(code: str, fields: tuple[Asked, ...]) -> Sheet:
    return Sheet("变更单位", f"/admin/units/{code}/change", fields, about=code, button="保存")


def _how(known: UnitList, own: str | None = None) -> How:
    others = [(one.code, f"{one.name} {one.code}") for one in known.items if one.active and one.code != own]
    return {
        "name": {"label": _("名称"), "help": ""},
        "parent": {"widget": Widget.UNIT, "options": others, "help": _("不填则没有上级单位")},
    }


class NewGroup(GroupForm):
    """A stationed group with its code, which is in the address once there is the group."""

    code: str = Field(
        pattern=r"^[A-Za-z0-9][\w.-]{0,63}$", description=_("建立后不得更改；已有的代码即变更该组")
    )


@router.get("/admin/new-group", operation_id="units_put_group")
async def ask_for_group(visit: Here, known: Units) -> HTMLResponse:
    """An empty form, which asks for the code as well."""
    return shown(visit, _new_group(fields_of(NewGroup, Catalogue(), how=_of_group(known))))


@router.post("/admin/new-group", operation_id="units_put_group")
async def create_group(visit: Here, known: Units, request: Request, address: AddressDep) -> HTMLResponse:
    """Add the group."""
    filled = fill(NewGroup, Catalogue(), await request.form(), _of_group(known))
    sheet = _new_group(filled.fields)
    if not isinstance(filled.form, NewGroup):
        return shown(visit, sheet, status=422)
    return await _put(visit, sheet, filled.form.code, filled.form, address)


@router.get("/admin/groups/{code}/change", operation_id="units_put_group")
async def ask_to_change_group(visit: Here, code: Code, known: Units, stationed: Groups) -> HTMLResponse:
    """The form as the group is now."""
    found = next((one for one in stationed.items if one.code == code), None)
    if found is None:
        raise ApiError(404, "group_not_found", "没有这个派驻组")
    given = {"name": found.name, "units": [*found.units]}
    return shown(visit, _group(code, fields_of(GroupForm, Catalogue(), given, _of_group(known))))


@router.post("/admin/groups/{code}/change", operation_id="units_put_group")
async def change_group(
    visit: Here, code: Code, known: Units, request: Request, address: AddressDep
) -> HTMLResponse:
    """Say what the group is called and what it supervises from now on."""
    filled = fill(GroupForm, Catalogue(), await request.form(), _of_group(known))
    sheet = _group(code, filled.fields)
    if not isinstance(filled.form, GroupForm):
        return shown(visit, sheet, status=422)
    return await _put(visit, sheet, code, filled.form, address)


async def _put(visit: Visit, sheet: Sheet, code: str, form: GroupForm, address: str) -> HTMLResponse:
    body = GroupForm(name=form.name, units=form.units)
    try:
        await units.put_group(code, body, visit.principal, visit.services, address)
    except REFUSED as error:
        return refused(visit, sheet, error)
    return done(visit, _("派驻组已保存"))


def _new_group(fields: tuple[Asked, ...]) -> Sheet:
    return Sheet(_("新建派驻组"), "/admin/new-group", fields, button=_("建立"))


def _group(code: str, fields: tuple[Asked, ...]) -> Sheet:
    return Sheet("变更派驻组", f"/admin/groups/{code}/change", fields, about=code, button="保存")


def _of_group(known: UnitList) -> How:
    in_use = [(one.code, f"{one.name} {one.code}") for one in known.items if one.active]
    return {"name": {"label": _("名称"), "help": ""}, "units": {"options": in_use}}
