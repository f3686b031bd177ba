"""Units under supervision (被督办): heads answer orders, attend interviews and appeal; supervision rules on it.

What the ladder makes by itself nobody in the city did, so a case that was late is read with its ledger before
somebody goes on with it.
"""

from collections.abc import Callable
from typing import Final

from commands.simulation import words
from commands.simulation.desk import SUPERVISOR
from commands.simulation.life import Scene
from commands.simulation.steps import Act, Await, Look, Step, Who
from hotline.vocabulary import AlarmCode, Flag, Role

_LATE: Final = frozenset({Flag.OVERDUE, Flag.UNSIGNED})


def supervised(scene: Scene) -> Step | None:
    """The first thing that supervision asks of the unit which has a case in hand."""
    if scene.life.lead is None or not scene.life.flags & _LATE:
        return None
    if not scene.life.knows_measures:
        return Look(ledger=True)
    return next((step for task in _TASKS if (step := task(scene)) is not None), None)


def rulings(scene: Scene) -> Step | None:
    """What supervision has to rule on: an answer that was given, an appeal that was made."""
    past = scene.life.past
    if (number := past.answered) and scene.life.may("review_supervision_answer"):
        accepted = scene.dice.happens(f"answer/{number}/{past.count('supervision:answered')}", 0.85)
        opinion = words.ANSWER_ACCEPTED if accepted else words.ANSWER_RETURNED
        form = {"number": number, "accepted": accepted, "opinion": opinion}
        return Act(SUPERVISOR, "review_supervision_answer", form, scene.thinking_for("answer", 0.05, 0.4))
    return decide_appeal(scene)


def decide_appeal(scene: Scene) -> Step | None:
    """申诉裁定, which a case that has ended waits for as well."""
    number = scene.life.past.appealed
    if number is None or not scene.life.may("decide_appeal"):
        return None
    upheld = scene.dice.happens(f"upheld/{number}", 0.35)
    reason = words.APPEAL_UPHELD if upheld else words.APPEAL_DISMISSED
    form = {"number": number, "upheld": upheld, "reason": reason}
    return Act(SUPERVISOR, "decide_appeal", form, scene.thinking_for(f"appeal/{number}", 0.1, 0.6))


def _head(scene: Scene) -> Who:
    return Who(Role.UNIT_HEAD, scene.life.lead)


def _answer(scene: Scene) -> Step | None:
    """督办答复: mostly in time; who lets the limit pass gets a red card, and answers then.

    A red card may have to wait for the working day after another rung.
    """
    for number, due_at in scene.life.orders:
        ignored = scene.dice.happens(f"ignore/{number}", 0.4)
        if ignored and scene.now <= due_at and not scene.life.was_waited_for:
            return Await(due_at + scene.working_days_for(1.2))
        if scene.life.may("answer_supervision_order"):
            form = {"number": number, "text": scene.dice.among(f"answer/{number}", words.ORDER_ANSWERS)}
            thinking_for = scene.thinking_for(f"answering/{number}", 0.05, 0.3)
            return Act(_head(scene), "answer_supervision_order", form, thinking_for)
    return None


def _attend(scene: Scene) -> Step | None:
    """约谈: a red card leads to one, once, which the head attends."""
    past = scene.life.past
    red = [
        number for number, unit, rung in past.cards if rung == AlarmCode.RED_CARD and unit == scene.life.lead
    ]
    if not red or past.interviewed:
        return None
    form = {"unit": scene.life.lead, "person": _head(scene), "record": words.INTERVIEWED}
    return Act(SUPERVISOR, "hold_interview", form, scene.thinking_for("interview", 0.1, 0.5))


def _appeal(scene: Scene) -> Step | None:
    """申诉: some heads find that a card was not deserved."""
    past = scene.life.past
    for number, unit, _ in past.cards:
        if unit != scene.life.lead or number in past.appeals or not scene.life.may("appeal_rung"):
            continue
        if scene.dice.happens(f"appeal/{number}", 0.3):
            form = {"number": number, "grounds": scene.dice.among(f"appeal/{number}", words.APPEALS)}
            return Act(
                _head(scene), "appeal_rung", form, scene.thinking_for(f"appealing/{number}", 0.05, 0.3)
            )
    return None


_TASKS: Final[tuple[Callable[[Scene], Step | None], ...]] = (_answer, _attend, _appeal)
