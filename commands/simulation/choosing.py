"""Who does what next (选择下一步): one chooser per status, so that no status is without somebody.

Choosing is pure: the same life, chance and instant give the same step.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from commands.simulation import desk, revisiting, unit
from commands.simulation.life import Scene
from commands.simulation.steps import Act, Done, Step, Who
from commands.simulation.supervised import decide_appeal, rulings
from hotline.vocabulary import CLOSED, OPEN, TERMINAL, Role, Status

Chooser = Callable[[Scene], Step]

CHOOSERS: Final[Mapping[Status, Chooser]] = MappingProxyType(
    {
        Status.RECEIVED: desk.received,
        Status.AWAITING_DETAILS: desk.awaiting_details,
        Status.AWAITING_DISPATCH: desk.awaiting_dispatch,
        Status.AWAITING_SIGNATURE: unit.awaiting_signature,
        Status.RETURN_REVIEW: desk.return_review,
        Status.JOINT_REVIEW: unit.joint_review,
        Status.IN_HAND: unit.working,
        Status.REWORK: unit.working,
        Status.SUSPENDED: unit.suspended,
        Status.REPLY_REVIEW: desk.reply_review,
        Status.AWAITING_REVISIT: revisiting.awaiting_revisit,
        Status.UNREACHED: revisiting.unreached,
        Status.COMPLETED: revisiting.completed,
        Status.TERMINATED: lambda _: Done(),
        Status.NOT_ACCEPTED: lambda _: Done(),
        Status.TRANSFERRED: lambda _: Done(),
        Status.ARCHIVED: lambda _: Done(),
    }
)


def choose(scene: Scene) -> Step:
    """The next step with a case. It first takes the fast clock, unless it is an emergency."""
    if _needs_the_fast_clock(scene):
        return Act(Who(Role.ADMINISTRATOR), "revise_policy", {"revision": scene.revision})
    if ruling := _ruling(scene):
        return ruling
    return CHOOSERS[scene.life.status](scene)


def _ruling(scene: Scene) -> Step | None:
    """An answer is reviewed while the case is open, an appeal decided until it is filed."""
    status = scene.life.status
    if status in OPEN:
        return rulings(scene)
    return decide_appeal(scene) if status in TERMINAL else None


def _needs_the_fast_clock(scene: Scene) -> bool:
    """The two minutes of an emergency would be over before anybody could answer."""
    life = scene.life
    if life.status in CLOSED or life.emergency or not life.may("revise_policy"):
        return False
    return life.policy_revision != scene.revision
