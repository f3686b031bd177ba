"""A unit with a case in hand (承办单位): sign, contact, report, ask, suspend, reply, or be late."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

from commands.simulation import words
from commands.simulation.desk import DISPATCHER, SUPERVISOR, rule_bindingly, unit_for
from commands.simulation.life import Scene
from commands.simulation.revisiting import second_revisit
from commands.simulation.steps import Act, Await, Look, Step, Who
from commands.simulation.supervised import supervised
from hotline.calendar import SHANGHAI
from hotline.identifiers import UnitCode
from hotline.vocabulary import DeterminationKind, Flag, Role, Status

_RETURNS_ALLOWED: Final = 2


def handler(unit: UnitCode) -> Who:
    """经办人 of a unit."""
    return Who(Role.HANDLER, unit)


def head(unit: UnitCode) -> Who:
    """负责人 of a unit."""
    return Who(Role.UNIT_HEAD, unit)


def _lead(scene: Scene) -> UnitCode:
    assert scene.life.lead is not None, "only a dispatched case is in these statuses"
    return scene.life.lead


def _evidence(scene: Scene, what: str, kind: str) -> dict[str, Any]:
    return {"evidence_id": f"{scene.life.case_no}-{what}", "kind": kind, "made_at": scene.now.isoformat()}


# ── signature 签收 ──────────────────────────────────────────────────────────────────────────────


def awaiting_signature(scene: Scene) -> Step:
    """待签收: sign, return, or let the limit pass first."""
    lead = _lead(scene)
    if returning := _return(scene, lead):
        return returning
    number = scene.life.past.count("assignment:dispatched")
    late = scene.dice.happens(f"late_signature/{number}", 0.04)
    if late and Flag.UNSIGNED not in scene.life.flags and (waiting := _until_due(scene)):
        return waiting
    return Act(handler(lead), "sign_for", {}, scene.thinking_for(f"sign/{number}", 0.05, 0.5))


def _return(scene: Scene, lead: UnitCode) -> Step | None:
    life = scene.life
    returns = len(life.past.returned_by)
    if returns >= _RETURNS_ALLOWED or lead in life.past.returned_by or not life.may("return_case"):
        return None
    if not scene.dice.happens(f"return/{returns}", 0.07 if returns == 0 else 0.2):
        return None
    form = {
        "legal_basis": scene.dice.among(f"basis/{returns}", words.LEGAL_BASES),
        "evidence": [_evidence(scene, f"return-{returns + 1}", "return")],
    }
    return Act(handler(lead), "return_case", form, scene.thinking_for(f"return/{returns}", 0.05, 0.4))


def _until_due(scene: Scene) -> Step | None:
    """Wait for the next clock, unless nobody answers for it any more."""
    if scene.life.next_due_at is None or scene.life.was_waited_for:
        return None
    return Await(scene.life.next_due_at)


# ── in hand 办理中, rework 重办 ─────────────────────────────────────────────────────────────────


def working(scene: Scene) -> Step:
    """办理中 and 退回重办: the first thing that is called for, and the reply in the end."""
    return next(step for task in _TASKS if (step := task(scene)) is not None)


def _wait_for_master(scene: Scene) -> Step | None:
    """A joined case is worked on through the one it was joined to."""
    if scene.life.joined_to is None:
        return None
    return Await(scene.now + max(scene.hours_for(4), timedelta(seconds=2)))


def decide_request(scene: Scene) -> Step | None:
    """认定审批: the dispatcher first, then the supervisor."""
    past = scene.life.past
    if past.determination is None:
        return None
    first = past.determination_level == 0
    approved = scene.dice.happens(f"determined/{past.determination_level}", 0.9 if first else 0.8)
    kind = _DECIDES[past.determination]
    form = {"approved": approved, "reason": words.DETERMINED if approved else words.NOT_DETERMINED}
    thinking_for = scene.thinking_for(f"determined/{past.determination_level}", 0.05, 0.5)
    return Act(DISPATCHER if first else SUPERVISOR, kind, form, thinking_for)


_DECIDES: Final = {
    DeterminationKind.TERMINATION: "decide_termination",
    DeterminationKind.UNREASONABLE: "decide_unreasonable",
}


def _decide_extension(scene: Scene) -> Step | None:
    past = scene.life.past
    if past.extension_days is None:
        return None
    number = past.count("handling:extension_requested")
    approved = scene.dice.happens(f"extension/{number}", 0.85)
    form = {"approved": approved, "reason": words.AGREED if approved else words.REFUSED}
    thinking_for = scene.thinking_for(f"extension/{number}", 0.02, 0.2)
    if past.extended:
        return Act(SUPERVISOR, "decide_extension", form, thinking_for)
    who = head(_lead(scene)) if past.extension_days <= _HEAD_DECIDES_UP_TO else DISPATCHER
    return Act(who, "decide_extension", form, thinking_for)


_HEAD_DECIDES_UP_TO: Final = 5


def _ask_again(scene: Scene) -> Step | None:
    if scene.life.status is not Status.REWORK or not scene.life.may("second_revisit"):
        return None
    past = scene.life.past
    unfavourable = past.count("revisit:rework_ordered") and not past.reviews_failed and not past.asked_twice
    if unfavourable and scene.dice.happens(f"second/{past.count('revisit:recorded')}", 0.15):
        return second_revisit(scene)
    return None


def _contact(scene: Scene) -> Step | None:
    life = scene.life
    if life.past.contacted or not life.has_contact:
        return None
    asked = f"contact/{life.round}"
    silent = life.past.contact_tries == 0 and scene.dice.happens(asked, 0.12)
    form = {
        "outcome": "no_answer" if silent else "reached",
        "at": scene.now.isoformat(),
        "note": words.NO_ANSWER_NOTE if silent else scene.dice.among(asked, words.CONTACT_NOTES),
    }
    # The caller of a secret case is reached by the hotline alone (domain.md §12 rule 5).
    who = Who(Role.REVISITOR, nth=1) if life.secret else handler(_lead(scene))
    return Act(who, "log_contact", form)


def _progress(scene: Scene) -> Step | None:
    done = scene.life.past.count("handling:progressed")
    if done or not scene.life.may("report_progress") or not scene.dice.happens("progress", 0.12):
        return None
    return Act(
        handler(_lead(scene)), "report_progress", {"text": scene.dice.among("progress", words.PROGRESS)}
    )


def _assistance(scene: Scene) -> Step | None:
    """协办: in time, late, or waived by the dispatcher."""
    life = scene.life
    if not life.assists:
        return None
    unit = life.assists[0]
    asked = f"assist/{unit}"
    how = scene.dice.weighted(asked, {"in_time": 0.72, "late": 0.2, "waived": 0.08})
    if how == "waived" and life.may("waive_assist"):
        return Act(DISPATCHER, "waive_assist", {"unit": unit, "reason": words.WAIVED})
    if how == "late" and (waiting := _late_assist(scene, unit)):
        return waiting
    form = {"text": scene.dice.among(asked, words.ASSIST_REPLIES)}
    return Act(handler(unit), "assist_reply", form, scene.thinking_for(asked, 0.05, 0.5))


def _late_assist(scene: Scene, unit: UnitCode) -> Step | None:
    if scene.life.was_waited_for:
        return None
    if not scene.life.dues:
        return Look()
    due_at = scene.life.dues.get(f"assist:{unit}")
    return Await(due_at + scene.working_days_for(0.3)) if due_at and scene.now < due_at else None


def _extension(scene: Scene) -> Step | None:
    """延期: asked for once in a while, and now and then a second time."""
    past = scene.life.past
    asked = past.count("handling:extension_requested")
    share = {0: 0.08, 1: 0.12 if past.extended else 0.0}.get(asked, 0.0)
    if not scene.life.may("request_extension") or not scene.dice.happens(f"extend/{asked}", share):
        return None
    days = scene.dice.among(f"days/{asked}", (2, 3, 5, 5, 8))
    form = {"days": days, "reason": scene.dice.among(f"extend/{asked}", words.EXTENSION_REASONS)}
    return Act(handler(_lead(scene)), "request_extension", form)


def _suspension(scene: Scene) -> Step | None:
    """挂账 until tomorrow, which on a fast clock is soon."""
    life, lead = scene.life, _lead(scene)
    if life.past.count("handling:suspended") or not life.may("suspend_with_plan"):
        return None
    if not scene.dice.happens("suspend", 0.03):
        return None
    tomorrow = scene.now.astimezone(SHANGHAI).date() + timedelta(days=1)
    form = {
        "plan": scene.dice.among("plan", words.PLANS),
        "next_on": tomorrow.isoformat(),
        "owner": handler(lead),
    }
    return Act(head(lead), "suspend_with_plan", form)


def _determination(scene: Scene) -> Step | None:
    """终止办理 and 不合理诉求认定: rare, once in a life."""
    if scene.life.past.count("determination:requested"):
        return None
    kind = scene.dice.weighted("claim", _CLAIMS)
    return claim(scene, kind) if kind and scene.life.may(kind) else None


_CLAIMS: Final = {None: 0.965, "request_termination": 0.015, "claim_unreasonable": 0.02}


def claim(scene: Scene, kind: str) -> Act:
    """The unit head's request to end the case by decision."""
    form: dict[str, Any]
    if kind == "request_termination":
        form = {"ground": "R2", "reason": words.TERMINATION_REASON}
    else:
        form = {"reason": words.UNREASONABLE_REASON, "evidence": [_evidence(scene, "claim", "handling")]}
    return Act(head(_lead(scene)), kind, form, scene.thinking_for(kind, 0.1, 0.6))


def _lateness(scene: Scene) -> Step | None:
    """超期: let the limit pass, and with it one rung or several of the ladder."""
    life = scene.life
    if not scene.dice.happens(f"late/{life.round}", 0.05) or life.was_waited_for:
        return None
    if life.work_due_at is None:
        return Look() if not life.dues else None
    by = scene.dice.weighted(f"late_by/{life.round}", {0.2: 0.5, 1.3: 0.3, 3.3: 0.2})
    until_at = life.work_due_at + scene.working_days_for(by)
    return Await(until_at) if scene.now < until_at else None


def _reply(scene: Scene) -> Step:
    """提交办理结果: an imported case brings the reply that its unit really gave."""
    life, dice = scene.life, scene.dice
    lead, number = _lead(scene), life.past.count("handling:reply_submitted")
    own = words.REDONE if number else dice.among("reply", words.REPLIES)
    form = {
        "text": (life.source_reply if number == 0 else None) or own,
        "evidence": [_evidence(scene, f"photo-{number + 1}", "handling")],
        "signer": head(lead),
    }
    if dice.happens(f"cited/{number}", 0.8):
        form["citation"] = dice.among(f"cited/{number}", words.CITATIONS)
    else:
        form["explanation"] = dice.among(f"cited/{number}", words.EXPLANATIONS)
    return Act(handler(lead), "submit_reply", form, _time_to_reply(scene, number))


def _time_to_reply(scene: Scene, number: int) -> timedelta:
    """Most units use some of their limit, and leave some of it."""
    due_at = scene.life.work_due_at or scene.life.next_due_at
    if scene.is_brisk or due_at is None or due_at <= scene.now:
        return timedelta(0)
    return (due_at - scene.now) * scene.dice.between(f"time/reply/{number}", 0.05, 0.6)


_TASKS: Final[tuple[Callable[[Scene], Step | None], ...]] = (
    _wait_for_master,
    decide_request,
    supervised,
    _decide_extension,
    _ask_again,
    _contact,
    _progress,
    _determination,
    _extension,
    _suspension,
    _assistance,
    _lateness,
    _reply,
)


# ── suspended 挂账, joint review 会商 ───────────────────────────────────────────────────────────


def suspended(scene: Scene) -> Step:
    """挂账: the head resumes, before the planned date or after it was missed."""
    life = scene.life
    early = scene.dice.happens("resume_early", 0.5)
    reached = life.next_due_at is None or scene.now >= life.next_due_at
    if early or reached or life.was_waited_for:
        thinking_for = scene.thinking_for("resume", 0.1, 1.0) if early else timedelta(0)
        return Act(head(_lead(scene)), "resume", {"reason": words.RESUMED}, thinking_for)
    assert life.next_due_at is not None
    return Await(life.next_due_at)


def joint_review(scene: Scene) -> Step:
    """会商: name the unit, or settle what reworks could not."""
    if not scene.life.past.settling:
        lead = scene.life.lead
        again = lead is not None and scene.dice.happens("same_unit", 0.5)
        return rule_bindingly(scene, lead if again and lead is not None else unit_for(scene))
    return next(_settlements(scene))


def _settlements(scene: Scene) -> Iterator[Step]:
    life = scene.life
    if request := decide_request(scene):
        yield request
    way = scene.dice.weighted(f"settle/{life.past.count('assignment:dispatched')}", _SETTLEMENTS)
    if way == "second_revisit" and not life.past.asked_twice and life.may(way):
        yield second_revisit(scene)
    if way == "claim_unreasonable" and not life.past.count("determination:requested") and life.may(way):
        yield claim(scene, way)
    if way == "rule_bindingly" and life.past.count("assignment:joint_review_called") < 2 and life.may(way):
        yield rule_bindingly(scene, unit_for(scene))
    thinking_for = scene.thinking_for("close", 0.1, 0.8)
    yield Act(SUPERVISOR, "close_case", {"reason": words.CLOSED}, thinking_for)


_SETTLEMENTS: Final = {
    "close_case": 0.55,
    "second_revisit": 0.2,
    "claim_unreasonable": 0.15,
    "rule_bindingly": 0.1,
}
