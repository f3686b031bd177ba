"""The hotline's desks before and between units (受理与分派): what operators and dispatchers do next."""

from datetime import timedelta
from typing import Any, Final

from commands.simulation import words
from commands.simulation.life import Scene
from commands.simulation.steps import Act, Await, Step, Who
from hotline.identifiers import UnitCode
from hotline.vocabulary import RejectReason, Role

OPERATOR: Final = Who(Role.OPERATOR)
DISPATCHER: Final = Who(Role.DISPATCHER)
REVIEWER: Final = Who(Role.DISPATCHER, nth=1)
SUPERVISOR: Final = Who(Role.SUPERVISOR)

_RETURNS_ALLOWED: Final = 2
_REASONS: Final = (RejectReason.R2, RejectReason.R3, RejectReason.R6)


def received(scene: Scene) -> Step:
    """待受理: transfer, join, ask, answer, refuse or dispatch."""
    life, dice = scene.life, scene.dice
    if life.emergency:
        return Act(OPERATOR, "transfer_emergency", {"service": life.emergency.value})
    if life.repeat_of and life.may("join_case") and dice.happens("join", 0.7):
        return Act(DISPATCHER, "join_case", {"into": life.repeat_of, "reason": words.JOIN_REASON})
    entry = dice.weighted("entry", _ENTRIES)
    if entry == "request_details" and life.past.count("intake:details_requested"):
        entry = "dispatch_case"
    if entry == "dispatch_case" or not life.may(entry):
        return dispatch(scene)
    return _entry(scene, entry)


_ENTRIES: Final = {
    "dispatch_case": 0.86,
    "answer_directly": 0.06,
    "request_details": 0.04,
    "reject_case": 0.025,
    "call_joint_review": 0.015,
}


def _entry(scene: Scene, entry: str) -> Step:
    thinking_for = scene.thinking_for(entry, 0.01, 0.05)
    if entry == "answer_directly":
        return Act(OPERATOR, entry, _answer(scene), thinking_for)
    if entry == "reject_case":
        at = scene.dice.among("reject", range(len(_REASONS)))
        form = {"reason": _REASONS[at].value, "advice": words.ADVICE[at]}
        return Act(OPERATOR, entry, form, thinking_for)
    if entry == "request_details":
        return Act(OPERATOR, entry, {"missing": ["place"], "note": words.DETAILS_NOTE}, thinking_for)
    return call_joint_review(scene, thinking_for)


def _answer(scene: Scene) -> dict[str, Any]:
    """What the city said in truth, what the knowledge base says of the matter, or some courteous words."""
    if scene.life.source_reply:
        return {"answer": scene.life.source_reply}
    if scene.knowledge:
        return {"answer": scene.knowledge.answer, "knowledge_id": scene.knowledge.number}
    return {"answer": scene.dice.among("answer", words.ANSWERS)}


def call_joint_review(scene: Scene, thinking_for: timedelta) -> Act:
    """会商: bring the likely unit and another one together."""
    first = scene.life.lead or unit_for(scene)
    others = [unit for unit in scene.units if unit != first]
    participants = [first, *scene.dice.some("participants", others, 1)]
    form = {"participants": participants, "reason": words.JOINT_REVIEW}
    return Act(DISPATCHER, "call_joint_review", form, thinking_for)


def awaiting_details(scene: Scene) -> Step:
    """待补充: the operator asks, the citizen writes, or nobody does until the clock has run out."""
    life = scene.life
    if life.emergency:
        return Act(OPERATOR, "transfer_emergency", {"service": life.emergency.value})
    how = scene.dice.weighted("details", {"operator": 0.6, "citizen": 0.2, "nobody": 0.2})
    thinking_for = scene.thinking_for("details", 0.05, 0.5)
    if how == "citizen" and life.retrieval_code and life.may("facts"):
        return Act(Who(Role.CITIZEN), "facts", {"text": words.CITIZEN_DETAILS}, thinking_for)
    if how == "nobody" and life.next_due_at and not life.was_waited_for:
        return Await(life.next_due_at)
    return Act(OPERATOR, "complete_case", {"note": words.DETAILS, "has_contact": True}, thinking_for)


def awaiting_dispatch(scene: Scene) -> Step:
    """待派遣: dispatch again, bindingly when units have returned the case as often as they may."""
    if len(scene.life.past.returned_by) >= _RETURNS_ALLOWED:
        return rule_bindingly(scene, unit_for(scene))
    return dispatch(scene)


def dispatch(scene: Scene) -> Act:
    """派单: to the unit that fits and has not returned the case, with assistants now and then."""
    life, dice = scene.life, scene.dice
    number = life.past.count("assignment:dispatched")
    lead = unit_for(scene)
    form: dict[str, Any] = {"lead": lead, "advice": dice.among("advice", words.DISPATCH_ADVICE)}
    if dice.happens(f"assist/{number}", 0.18):
        others = [unit for unit in scene.units if unit != lead and unit not in life.barred]
        count = 1 + dice.happens(f"assists/{number}", 0.25)
        form["assists"] = [{"unit": unit} for unit in dice.some(f"assistants/{number}", others, count)]
    if life.repeat_of:
        form["new_facts"] = words.NEW_FACTS
    return Act(DISPATCHER, "dispatch_case", form, scene.thinking_for(f"dispatch/{number}", 0.01, 0.08))


def unit_for(scene: Scene) -> UnitCode:
    """The unit that a case goes to next."""
    closed = {*scene.life.past.returned_by, *scene.life.barred}
    for choice in (scene.fitting, scene.units):
        if left := [unit for unit in choice if unit not in closed]:
            return scene.dice.among("unit", left)
    return scene.dice.among("unit", scene.units)


def rule_bindingly(scene: Scene, lead: UnitCode) -> Act:
    """审定: the supervisor names the unit, and that is final."""
    number = scene.life.past.count("assignment:dispatched")
    thinking_for = scene.thinking_for(f"ruling/{number}", 0.1, 0.6)
    return Act(SUPERVISOR, "rule_bindingly", {"lead": lead, "reason": words.BINDING}, thinking_for)


def return_review(scene: Scene) -> Step:
    """退单审核: uphold, overturn, or call the units together."""
    number = scene.life.past.count("assignment:returned")
    thinking_for = scene.thinking_for(f"return_ruling/{number}", 0.05, 0.5)
    ruling = scene.dice.weighted(
        f"return_ruling/{number}", {"upheld": 0.45, "overturned": 0.4, "joint": 0.15}
    )
    if ruling == "joint" and scene.life.may("call_joint_review"):
        return call_joint_review(scene, thinking_for)
    upheld = ruling == "upheld"
    reason = words.UPHELD if upheld else words.OVERTURNED
    return Act(DISPATCHER, "rule_on_return", {"upheld": upheld, "reason": reason}, thinking_for)


def reply_review(scene: Scene) -> Step:
    """待审核: most replies pass, some go back once or twice."""
    life, dice = scene.life, scene.dice
    asked = f"review/{life.past.count('handling:reply_submitted')}"
    thinking_for = scene.thinking_for(asked, 0.05, 0.5)
    if life.past.reviews_failed < _REVIEWS_FAILED and dice.happens(asked, 0.1):
        form = {"accepted": False, "opinion": dice.among(asked, words.REVIEW_FAILED)}
        return Act(REVIEWER, "review_reply", form, thinking_for)
    return Act(REVIEWER, "review_reply", {"accepted": True, "opinion": words.REVIEW_PASSED}, thinking_for)


_REVIEWS_FAILED: Final = 2
