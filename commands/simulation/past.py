"""What has been done with a case before (经过): counts that people's next steps depend on.

It is folded from the tags of facts: from the ledger when a case is met in the middle of its life, and
from what the simulated people do themselves afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from hotline.identifiers import UnitCode
from hotline.vocabulary import ContactOutcome, DeterminationKind, MeasureKind, Status

Body = Mapping[str, Any]  # A fact's fields, or the form that led to it.


@dataclass(frozen=True, slots=True)
class Past:
    """Counts and open requests; `counts` is by tag."""

    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    returned_by: tuple[UnitCode, ...] = ()
    contacted: bool = False
    contact_tries: int = 0
    attempts: int = 0
    reviews_failed: int = 0
    extension_days: int | None = None
    extended: bool = False
    determination: DeterminationKind | None = None
    determination_level: int = 0
    settling: bool = False
    asked_twice: bool = False
    cards: tuple[tuple[str, UnitCode, str], ...] = ()
    interviewed: bool = False
    answered: str | None = None
    appealed: str | None = None
    appeals: tuple[str, ...] = ()

    def count(self, tag: str) -> int:
        """How often a fact was recorded."""
        return self.counts.get(tag, 0)

    def after(self, tag: str, body: Body) -> "Past":
        """The past with one more fact."""
        counted = replace(self, counts=MappingProxyType({**self.counts, tag: self.count(tag) + 1}))
        change = _CHANGES.get(tag)
        return replace(counted, **change(counted, body)) if change else counted


Change = Callable[[Past, Body], dict[str, Any]]


def _dispatched(_: Past, __: Body) -> dict[str, Any]:
    return {"settling": False, "reviews_failed": 0, "determination": None, **_FRESH_ROUND}


def _returned(past: Past, body: Body) -> dict[str, Any]:
    return {"returned_by": (*past.returned_by, UnitCode(body["unit"]))}


def _contacted(past: Past, body: Body) -> dict[str, Any]:
    reached = body["outcome"] == ContactOutcome.REACHED
    return {"contacted": past.contacted or reached, "contact_tries": past.contact_tries + 1}


def _extended(past: Past, body: Body) -> dict[str, Any]:
    return {"extension_days": None, "extended": past.extended or body["approved"]}


def _requested(_: Past, body: Body) -> dict[str, Any]:
    return {"determination": DeterminationKind[body["determination"].upper()], "determination_level": 0}


def _decided(past: Past, body: Body) -> dict[str, Any]:
    if body["approved"] and past.determination_level == 0:
        return {"determination_level": 1}
    return {"determination": None, "determination_level": 0}


def _joint_review(past: Past, body: Body) -> dict[str, Any]:
    """A joint review without a reason is what follows when reworks are used up."""
    return {"settling": past.settling or not body.get("reason")}


def _revisited(_: Past, body: Body) -> dict[str, Any]:
    return {"asked_twice": bool(body.get("second"))}


def _issued(past: Past, body: Body) -> dict[str, Any]:
    """A card has its number, its unit and its colour; of an interview it is enough that it was held."""
    if body.get("measure") == MeasureKind.CARD:
        return {"cards": (*past.cards, (body["number"], UnitCode(body["unit"]), body["rung"]))}
    return {"interviewed": past.interviewed or body.get("measure") == MeasureKind.INTERVIEW}


def _appealed(past: Past, body: Body) -> dict[str, Any]:
    return {"appealed": body["number"], "appeals": (*past.appeals, body["number"])}


_FRESH_ROUND: Final = MappingProxyType({"contacted": False, "contact_tries": 0, "extension_days": None})
_CHANGES: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "assignment:dispatched": _dispatched,
        "assignment:returned": _returned,
        "assignment:joint_review_called": _joint_review,
        "handling:contacted": _contacted,
        "handling:extension_requested": lambda _, body: {"extension_days": body["days"]},
        "handling:extension_decided": _extended,
        "handling:extension_lapsed": lambda _, __: {"extension_days": None},
        "handling:reply_submitted": lambda _, __: {"extension_days": None, "attempts": 0},
        "intake:member_settled": lambda _, __: {"attempts": 0},
        "review:returned": lambda past, _: {"reviews_failed": past.reviews_failed + 1},
        "determination:requested": _requested,
        "determination:decided": _decided,
        "revisit:attempted": lambda past, _: {"attempts": past.attempts + 1},
        "revisit:recorded": _revisited,
        "revisit:rework_ordered": lambda _, __: dict(_FRESH_ROUND) | {"reviews_failed": 0},
        "supervision:issued": _issued,
        "supervision:answered": lambda _, body: {"answered": body["number"]},
        "supervision:reviewed": lambda _, __: {"answered": None},
        "supervision:appealed": _appealed,
        "supervision:appeal_decided": lambda _, __: {"appealed": None},
        "closeout:reopened": lambda _, __: {"returned_by": (), "settling": False},
    }
)

_TAG_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "request_details": "intake:details_requested",
        "complete_case": "intake:completed",
        "facts": "intake:facts_added",
        "join_case": "intake:joined",
        "dispatch_case": "assignment:dispatched",
        "rule_bindingly": "assignment:dispatched",
        "sign_for": "assignment:signed",
        "return_case": "assignment:returned",
        "rule_on_return": "assignment:return_ruled",
        "call_joint_review": "assignment:joint_review_called",
        "log_contact": "handling:contacted",
        "report_progress": "handling:progressed",
        "assist_reply": "handling:assist_replied",
        "waive_assist": "handling:assist_waived",
        "request_extension": "handling:extension_requested",
        "decide_extension": "handling:extension_decided",
        "suspend_with_plan": "handling:suspended",
        "resume": "handling:resumed",
        "submit_reply": "handling:reply_submitted",
        "request_termination": "determination:requested",
        "claim_unreasonable": "determination:requested",
        "decide_termination": "determination:decided",
        "decide_unreasonable": "determination:decided",
        "log_revisit_attempt": "revisit:attempted",
        "record_revisit": "revisit:recorded",
        "second_revisit": "revisit:recorded",
        "rating": "revisit:recorded",
        "hold_interview": "supervision:issued",
        "answer_supervision_order": "supervision:answered",
        "review_supervision_answer": "supervision:reviewed",
        "appeal_rung": "supervision:appealed",
        "decide_appeal": "supervision:appeal_decided",
        "reopen_case": "closeout:reopened",
        "record_look_back": "closeout:looked_back",
        "revise_policy": "policy:revised",
    }
)
_ASKED_FOR: Final = MappingProxyType(
    {
        "request_termination": DeterminationKind.TERMINATION,
        "claim_unreasonable": DeterminationKind.UNREASONABLE,
    }
)


def after_command(past: Past, kind: str, form: Body, was: Status, now: Status, unit: UnitCode | None) -> Past:
    """The past after a command that was accepted and took the case from one status to another."""
    tag = _tag_of(kind, form, was)
    if tag is None:
        return past
    body = {**form, "unit": form.get("unit", unit), "second": kind == "second_revisit"}
    if kind in _ASKED_FOR:
        body["determination"] = _ASKED_FOR[kind]
    if kind == "hold_interview":
        body["measure"] = MeasureKind.INTERVIEW
    after = past.after(tag, body)
    return _aftermath(after, now) if kind in _ANSWERS and tag != _RATED else after


def _tag_of(kind: str, form: Body, was: Status) -> str | None:
    if kind == "review_reply":
        return "review:accepted" if form["accepted"] else "review:returned"
    if kind == "rating" and was is Status.COMPLETED:
        return _RATED
    return _TAG_OF.get(kind)


def _aftermath(past: Past, now: Status) -> Past:
    """What the rules add by themselves to a first answer that is unfavourable."""
    if now is Status.REWORK:
        return past.after("revisit:rework_ordered", {})
    if now is Status.JOINT_REVIEW:
        return past.after("assignment:joint_review_called", {})
    return past


_RATED: Final = "revisit:rated"
_ANSWERS: Final = frozenset({"record_revisit", "rating"})
