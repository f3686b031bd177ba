"""Who may know of a case (可见范围): the one rule, which store/scope.py repeats in SQL.

The hotline's own staff know of every case. A unit knows of the cases that it or a unit below it works on
(a township's ticket is known to its district, domain.md §2), a stationed discipline group 派驻纪检监察组 of
those that concern a unit it supervises, and the commission 纪委监委 of all. Before any of that: nobody knows
of a complaint about their own unit or one above it, nor of a case from which they are recused
(domain.md §1.5, §12 rules 5 and 6; 济南条例 art. 32, 信访工作条例 art. 30).
"""

from collections.abc import Iterable, Mapping

from hotline.case import Actor, CaseState, Concern, Lineage
from hotline.identifiers import UnitCode
from hotline.model import Record
from hotline.roles import STAFF, UNIT_ROLES
from hotline.vocabulary import Role

Parents = Mapping[UnitCode, UnitCode | None]
"""The tree of units: the unit above each, or None at the top."""


class Viewer(Record):
    """Somebody who looks, with what the tree of units and the discipline groups say about them.

    `supervised` are the units that their stationed group answers for; None if they are of no such group.
    """

    actor: Actor
    above: tuple[UnitCode, ...] = ()
    below: tuple[UnitCode, ...] = ()
    supervised: tuple[UnitCode, ...] | None = None


def may_see(viewer: Viewer, concern: Concern) -> bool:
    """Whether somebody may know that a case exists."""
    actor = viewer.actor
    if actor.role is Role.SYSTEM:
        return True
    if actor.role is Role.CITIZEN or is_shut_out(viewer, concern):
        return False
    if actor.role in UNIT_ROLES:
        return actor.unit is not None and _meet((actor.unit, *viewer.below), concern.units)
    if viewer.supervised is not None:
        return _meet(viewer.supervised, (*concern.units, *concern.accused_units))
    return True


def is_shut_out(viewer: Viewer, concern: Concern) -> bool:
    """Whether a case is kept from somebody whatever their role: recused, or of the unit complained about.

    Whoever answers to an accused unit is kept out with it; the unit above it is not, for it has to act.
    """
    actor = viewer.actor
    if actor.role not in STAFF:
        return False
    if actor.user_id in concern.recused:
        return True
    return actor.unit is not None and _meet((actor.unit, *viewer.above), concern.accused_units)


def viewer_of(actor: Actor, parents: Parents, supervised: Iterable[UnitCode] | None = None) -> Viewer:
    """Somebody's view, given the tree; a group answers for the units it names and those below them."""
    reach = (
        None if supervised is None else [u for named in supervised for u in (named, *below(named, parents))]
    )
    return Viewer(
        actor=actor,
        above=above(actor.unit, parents) if actor.unit else (),
        below=below(actor.unit, parents) if actor.unit else (),
        supervised=None if reach is None else tuple(dict.fromkeys(reach)),
    )


def above(unit: UnitCode, parents: Parents) -> tuple[UnitCode, ...]:
    """The units above one, the nearest first. A tree that was made a ring by mistake ends where it began."""
    line: list[UnitCode] = []
    upper = parents.get(unit)
    while upper is not None and upper != unit and upper not in line:
        line.append(upper)
        upper = parents.get(upper)
    return tuple(line)


def below(unit: UnitCode, parents: Parents) -> tuple[UnitCode, ...]:
    """Every unit below one, in the order of the tree's listing."""
    return tuple(other for other in parents if unit in above(other, parents))


def as_of_dispatch(actor: Actor, state: CaseState) -> Viewer:
    """Somebody's view as the case itself knows it: the line above their unit as it stood at dispatch."""
    lines = state.assignment.lineages if state.assignment else ()
    return Viewer(actor=actor, above=next((line.above for line in lines if line.unit == actor.unit), ()))


def barred(
    units: Iterable[UnitCode], lineages: Iterable[Lineage], accused: Iterable[UnitCode]
) -> tuple[UnitCode, ...]:
    """Those of some units that are complained about, or are below one that is."""
    lines = {line.unit: line.units for line in lineages}
    return tuple(unit for unit in units if _meet(lines.get(unit, (unit,)), accused))


def accuses_who_works(state: CaseState, accused: Iterable[UnitCode]) -> bool:
    """Whether one of the units complained about, or one below it, works on a case."""
    task = state.assignment
    return task is not None and bool(barred(task.units, task.lineages, accused))


def _meet(some: Iterable[UnitCode], others: Iterable[UnitCode]) -> bool:
    return not frozenset(some).isdisjoint(others)
