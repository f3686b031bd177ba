"""Units and stationed groups (单位与派驻组): the tree of whom a case can go to, and who supervises whom."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import HTMLResponse
from pydantic import Field

from api.address import AddressDep
from api.errors import ApiError
from api.parts import Part
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
from console import sheets
from console.forms import How, Widget
from console.speaking import marked as _
from console.visit import Here, Visit

router = Part()

_NEW_UNIT: Final = "新建单位"
_CHANGE_UNIT: Final = "变更单位"
_NEW_GROUP: Final = "新建派驻组"
_CHANGE_GROUP: Final = "变更派驻组"

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
    return sheets.ask(visit, _new(known, parent))


@router.post("/admin/new-unit", operation_id="units_create")
async def create(visit: Here, known: Units, address: AddressDep) -> HTMLResponse:
    """Add the unit."""

    async def created(sent: sheets.Sent[NewUnit]) -> HTMLResponse:
        await units.create(sent.form, visit.principal, visit.services, address)
        return sheets.done(visit, _NEW_UNIT)

    return await sheets.take(visit, _new(known), created)


def _new(known: UnitList, parent: str | None = None) -> sheets.Sheet[NewUnit]:
    return sheets.Sheet("/admin/new-unit", _NEW_UNIT, NewUnit, given={"parent": parent}, how=_of_unit(known))


@router.get("/admin/units/{code}/change", operation_id="units_change")
async def ask_for_change(visit: Here, code: Code, known: Units) -> HTMLResponse:
    """The form as the unit is now."""
    return sheets.ask(visit, _change(known, code))


@router.post("/admin/units/{code}/change", operation_id="units_change")
async def change(visit: Here, code: Code, known: Units, address: AddressDep) -> HTMLResponse:
    """Change what was filled in otherwise, or retire the unit."""

    async def changed(sent: sheets.Sent[UnitChange]) -> HTMLResponse:
        now, wanted = _of(known, code).model_dump(), sent.form.model_dump()
        body = UnitChange(**{name: value for name, value in wanted.items() if value != now[name]})
        await units.change(code, body, visit.principal, visit.services, address)
        return sheets.done(visit, _CHANGE_UNIT)

    return await sheets.take(visit, _change(known, code), changed)


def _of(known: UnitList, code: str) -> UnitView:
    found = next((one for one in known.items if one.code == code), None)
    if found is None:
        raise ApiError(404, "unit_not_found", "没有这个单位")
    return found


def _change(known: UnitList, code: str) -> sheets.Sheet[UnitChange]:
    return sheets.Sheet(
        f"/admin/units/{code}/change",
        _CHANGE_UNIT,
        UnitChange,
        code,
        given=_of(known, code).model_dump(include=set(UnitChange.model_fields)),
        how=_of_unit(known, code),
        is_drafted=False,
    )


def _of_unit(known: UnitList, own: str | None = None) -> How:
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
    return sheets.ask(visit, _new_group(known))


@router.post("/admin/new-group", operation_id="units_put_group")
async def create_group(visit: Here, known: Units, address: AddressDep) -> HTMLResponse:
    """Add the group."""

    async def created(sent: sheets.Sent[NewGroup]) -> HTMLResponse:
        await _put(visit, sent.form.code, sent.form, address)
        return sheets.done(visit, _NEW_GROUP)

    return await sheets.take(visit, _new_group(known), created)


def _new_group(known: UnitList) -> sheets.Sheet[NewGroup]:
    return sheets.Sheet("/admin/new-group", _NEW_GROUP, NewGroup, how=_of_group(known))


@router.get("/admin/groups/{code}/change", operation_id="units_put_group")
async def ask_to_change_group(visit: Here, code: Code, known: Units, stationed: Groups) -> HTMLResponse:
    """The form as the group is now."""
    return sheets.ask(visit, _change_group(known, stationed, code))


@router.post("/admin/groups/{code}/change", operation_id="units_put_group")
async def change_group(
    visit: Here, code: Code, known: Units, stationed: Groups, address: AddressDep
) -> HTMLResponse:
    """Say what the group is called and what it supervises from now on."""

    async def changed(sent: sheets.Sent[GroupForm]) -> HTMLResponse:
        await _put(visit, code, sent.form, address)
        return sheets.done(visit, _CHANGE_GROUP)

    return await sheets.take(visit, _change_group(known, stationed, code), changed)


async def _put(visit: Visit, code: str, form: GroupForm, address: str) -> None:
    body = GroupForm(name=form.name, units=form.units)
    await units.put_group(code, body, visit.principal, visit.services, address)


def _change_group(known: UnitList, stationed: GroupList, code: str) -> sheets.Sheet[GroupForm]:
    found = next((one for one in stationed.items if one.code == code), None)
    if found is None:
        raise ApiError(404, "group_not_found", "没有这个派驻组")
    return sheets.Sheet(
        f"/admin/groups/{code}/change",
        _CHANGE_GROUP,
        GroupForm,
        code,
        given={"name": found.name, "units": [*found.units]},
        how=_of_group(known),
        is_drafted=False,
    )


def _of_group(known: UnitList) -> How:
    in_use = [(one.code, f"{one.name} {one.code}") for one in known.items if one.active]
    return {"name": {"label": _("名称"), "help": ""}, "units": {"options": in_use}}
