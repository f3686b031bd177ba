"""What may be done with several cases at once (批量可选操作): the commands that rows have in common."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from pydantic import Field

from api.forms import commands_for_people, kind_of
from api.reading import titles_of
from api.schemas import View
from api.services import Services
from api.sight import scope_of
from api.suggesting import SuggestionView, Wanted, suggestions_for
from hotline.actions import next_actions
from hotline.case import Actor, CaseState
from hotline.identifiers import CaseNo
from store.cases import states_of
from store.stays import Matter

_DISPATCH: Final = "dispatch_case"


class OfferedCommand(View):
    """A command, and on how many of the cases it may be issued."""

    kind: str
    label: str
    count: int


class OfferedCase(View):
    """One of the cases, and what may be done with it."""

    case_no: str
    title: str | None
    status: str
    status_label: str
    version: int
    next_actions: list[str]
    suggestions: list[SuggestionView] = Field(description="待派遣工单的派单建议")


class Offer(View):
    """The cases that the caller may know of, in the order of the request, and the commands on any of them."""

    cases: list[OfferedCase]
    commands: list[OfferedCommand]


_LABELS = {
    kind_of(command): " ".join((command.__doc__ or "").split()).partition(":")[0]
    for command in commands_for_people()
}


async def offer(services: Services, actor: Actor, numbers: Sequence[CaseNo]) -> Offer:
    """Tell what a caller may do with some cases; one that they may not know of is left out."""
    async with services.database.read() as session:
        states = await states_of(session, scope_of(actor), numbers)
        secrets = {number: state.secret for number, state in states.items()}
        titles = await titles_of(services, session, actor, secrets)
        able = {number: next_actions(state, actor) for number, state in states.items()}
        wanted = {number: _wanted(states[number]) for number, kinds in able.items() if _DISPATCH in kinds}
        likely = await suggestions_for(session, actor, wanted, now=services.now())
    cases = [
        OfferedCase(
            case_no=number,
            title=titles.get(number),
            status=state.status,
            status_label=state.status.label,
            version=state.version,
            next_actions=list(able[number]),
            suggestions=likely.get(number, []),
        )
        for number in dict.fromkeys(numbers)
        if (state := states.get(number)) is not None
    ]
    counts = Counter(kind for case in cases for kind in case.next_actions)
    commands = [
        OfferedCommand(kind=kind, label=label, count=counts[kind])
        for kind, label in _LABELS.items()
        if counts[kind]
    ]
    return Offer(cases=cases, commands=commands)


def _wanted(state: CaseState) -> Wanted:
    what = state.classification
    return Wanted(Matter(what.category, what.area) if what.category else None, what.accused_units)
