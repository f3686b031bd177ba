"""What an entry of a file's ledger says in a line (案卷台账用语), besides its name and its texts."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter

from hotline.accountability import facts as f
from hotline.accountability.facts import DossierBody
from hotline.accountability.measures import said_of
from hotline.accountability.state import (
    Advice,
    Clearing,
    Conclusion,
    Opening,
    Plan,
    Publicity,
    Sanctioning,
    Substance,
)

_BODY: Final[TypeAdapter[DossierBody]] = TypeAdapter(Annotated[DossierBody, Field(discriminator="tag")])

QUIET: Final = frozenset({"dossier_clock:started", "dossier_clock:stopped"})
"""What the ledger of a file does not show at once: the clocks have a panel of their own."""

Names = Callable[[str], str]
"""What a unit or an account is called."""


def gist_of(tag: str, body: Mapping[str, Any], called: Names) -> str:
    """The line; empty where the name of the fact says it all."""
    said = _BODY.validate_python({"tag": tag, **body})
    return next((words(said, called) for kind, words in _WORDS.items() if isinstance(said, kind)), "")


def substance_of(substance: Substance, called: Names) -> str:
    """What is proposed, in a line."""
    match substance:
        case Plan(disposal=disposal):
            said = disposal.label
        case Conclusion(opinion=opinion):
            said = opinion.label
        case Opening(team=team):
            said = _several(team, called)
        case Sanctioning(decision=number):
            said = f"第 {number} 号处理决定"
        case Advice(unit=unit):
            said = called(unit)
        case Publicity(decision=number, scope=scope):
            said = f"第 {number} 号处理决定，{scope.label}"
        case Clearing(scope=scope):
            said = scope.label
    return f"{substance.matter.label}：{said}"


def texts_in(body: object, texts: Mapping[str, str]) -> list[str]:
    """The texts that an entry refers to, however deep, in their order."""
    if isinstance(body, Mapping):
        if "text_id" in body:
            return [texts[body["text_id"]]] if body["text_id"] in texts else []
        # What somebody's post was called stands with their name.
        parts = (part for name, part in body.items() if name != "position")
        return [text for part in parts for text in texts_in(part, texts)]
    if isinstance(body, list | tuple):
        return [text for part in body for text in texts_in(part, texts)]
    return []


def _several(accounts: tuple[str, ...], called: Names) -> str:
    return "、".join(map(called, accounts))


# The words of a kind are about a body of just that kind, which the type system cannot tie to its key.
_WORDS: Final[Mapping[type, Callable[[Any, Names], str]]] = {
    f.ClueRegistered: lambda said, _: said.registration.source.label,
    f.OfficerRecused: lambda said, called: called(said.person),
    f.Proposed: lambda said, called: substance_of(said.proposal.substance, called),
    f.ProposalEndorsed: lambda said, _: f"第 {said.proposal} 项，{said.level.label}",
    f.ProposalApproved: lambda said, _: f"第 {said.proposal} 项，{said.level.label}",
    f.ProposalRejected: lambda said, _: f"第 {said.proposal} 项，{said.level.label}",
    f.InquirySent: lambda said, _: f"第 {said.number} 号，{said.form.label}",
    f.InquiryAnswered: lambda said, called: (
        f"第 {said.number} 号" + (f"，{_several(said.officers, called)}" if said.officers else "")
    ),
    f.TeamAppointed: lambda said, called: _several(said.team, called),
    f.DecisionProposed: lambda said, _: f"第 {said.number} 号，{said_of(said.draft.measure)}",
    f.DefenceHeard: lambda said, _: (
        f"第 {said.number} 号，{'已陈述申辩' if said.hearing.statement else '放弃陈述申辩'}"
    ),
    f.DecisionRevised: lambda said, _: (
        f"第 {said.number} 号，由{said_of(said.before)}改为{said_of(said.after)}"
    ),
    f.DecisionServed: lambda said, _: f"第 {said.number} 号",
    f.ExecutionReported: lambda said, _: f"第 {said.number} 号",
    f.HandoverAcknowledged: lambda said, _: f"第 {said.number} 号",
    f.ProbationDecided: lambda said, _: (
        f"第 {said.number} 号，{'恢复党员权利' if said.restored else '延长察看期'}"
    ),
    f.EffectEnded: lambda said, _: f"第 {said.number} 号",
    f.AppealFiled: lambda said, _: f"第 {said.decision} 号处理决定，{said.remedy.label}",
    f.AppealExtended: lambda said, _: f"第 {said.decision} 号处理决定，延长至 {said.decided_within.words}",
    f.AppealDecided: lambda said, _: f"第 {said.decision} 号处理决定，{said.outcome.label}",
    f.RecommendationExtended: lambda said, _: f"第 {said.number} 号",
    f.RecommendationReplied: lambda said, _: f"第 {said.number} 号",
    f.RecommendationFollowedUp: lambda said, _: (
        f"第 {said.number} 号，{'已落实' if said.holds else '未落实'}"
    ),
    f.RectificationOrdered: lambda said, called: (
        f"第 {said.number} 项，{called(said.unit)}，{said.due_on} 前完成"
    ),
    f.RectificationConfirmed: lambda said, _: f"第 {said.number} 项",
    f.NoticePublished: lambda said, _: f"第 {said.number} 号",
    f.DossierClockFired: lambda said, _: f"{said.clock.label}，{said.alarm.label}",
}
