"""What a reply will be asked for (办结要件): the guards of the reply, told before somebody runs into them.

Each line asks what `hotline.rules.rectification` asks, by the same functions; what only the form can answer is left open.
"""

from collections.abc import Iterable
from datetime import datetime

from hotline.case import CaseState, EvidenceRef
from hotline.model import Record, Term
from hotline.policy import PolicySnapshot
from hotline.rules.rectification import open_assists, was_contacted
from hotline.vocabulary import EvidenceKind


class Requirement(Term):
    """One thing that a reply is asked for (domain.md §12 rules 13, 17)."""

    ASSISTS = "assists", "协办单位均已回复"
    REQUESTS = "requests", "没有待审批的终止或者认定申请"
    CONTACT = "contact", "本轮已联系诉求人"
    HANDLING = "handling", "有派单之后形成的办理证据"
    CITATION = "citation", "引用依据或者说明理由"
    SIGNER = "signer", "由本单位负责人签发"


class Check(Record):
    """Whether a requirement is met; `None` where the form has to say it."""

    requirement: Requirement
    met: bool | None


def closing_checks(
    state: CaseState, policy: PolicySnapshot, files: Iterable[EvidenceRef], now: datetime
) -> tuple[Check, ...]:
    """Tell what stands between a case and its reply, from its state and the files that were uploaded to it."""
    needed = policy.evidence
    checks = {
        Requirement.ASSISTS: not open_assists(state),
        Requirement.REQUESTS: state.determination is None,
        Requirement.CONTACT: was_contacted(state, policy) if needed.contact else None,
        Requirement.HANDLING: _has_handling(state, files, now) if needed.handling else None,
        Requirement.CITATION: None,
        Requirement.SIGNER: None,
    }
    not_asked = {
        Requirement.CONTACT: not needed.contact,
        Requirement.HANDLING: not needed.handling,
        Requirement.CITATION: not needed.citation,
    }
    return tuple(Check(requirement=one, met=met) for one, met in checks.items() if not not_asked.get(one))


def _has_handling(state: CaseState, files: Iterable[EvidenceRef], now: datetime) -> bool:
    """Evidence of what was done, made since the dispatch: a picture from before proves nothing (rule 17)."""
    since = state.assignment.dispatched_at if state.assignment else now
    return any(file.kind is EvidenceKind.HANDLING and since <= file.made_at <= now for file in files)
