"""Screening as it is sent out (筛查): the queue of the officers, one hit with its evidence, and what is decided on it.

A hit is known to whoever may know of its case, and is told to the discipline body and the auditor alone. The
reasons that officers give lie in the vault with the case's own texts, and go with them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import uuid4

from pydantic import Field

from api.dossier_desk import Clue, clue_from_case, raise_clue
from api.errors import ApiError
from api.schemas import Instant, View
from api.services import Services
from hotline.accountability.decide import SYSTEM_OFFICER
from hotline.accountability.secrecy import may_work_on
from hotline.accountability.state import Officer, unit_of
from hotline.accountability.vocabulary import ClueSource
from hotline.case import Actor
from hotline.facts import Fact
from hotline.identifiers import DossierNo, HitNo, TextId, UnitCode
from hotline.refusals import GuardFailed, Refusal
from hotline.vocabulary import HitRuling
from store.cases import state_of
from store.clues import registered_clue
from store.dossiers import dossier
from store.engine import ReadSession, WriteSession
from store.ledger import facts_of
from store.scope import visible_to
from store.screening import (
    HitRow,
    RuleSum,
    Ruling,
    Verdict,
    hit_of,
    lock_hit,
    require_ruling,
    rule_on_hit,
    rulings_of,
    sum_hits,
    waiting_since,
)
from store.vault import read_texts, redacted_texts, store_text

_PURPOSE = "screening_reason"


class HitView(View):
    """One hit of screening: the case, the rule that spoke, and what was decided last."""

    hit_no: str = Field(examples=["261120103000010001-SC01"])
    case_no: str
    rule: str = Field(description="规则代码")
    label: str = Field(description="规则名称", examples=["超期未办结"])
    test: str
    test_label: str
    round: str = Field(description="第几轮办理；重新办理过的形如 1.1")
    revision: str = Field(description="规则版本")
    because: list[str] = Field(description="命中理由")
    evidence: list[int] = Field(description="所据事实的序号")
    shown_at: Instant = Field(description="事实形成的时间")
    found_at: Instant = Field(description="筛出的时间")
    state: str
    state_label: str
    status: str = Field(description="工单当前状态")
    status_label: str
    category: str | None
    area: str | None
    lead_unit: str | None
    ruled_at: Instant | None
    ruled_by: str | None

    @classmethod
    def of(cls, row: HitRow) -> Self:
        """The view of a row."""
        return cls(**_hit_fields(row))


# The fields of a view are of as many types as it has.
def _hit_fields(row: HitRow) -> dict[str, object]:
    # Which file a hit became is for those who may know of the file, and is told with the decision.
    told = row.model_dump(exclude={"ruling", "dossier_no"}) | {
        "state": row.state,
        "state_label": row.state.label,
    }
    told |= {"because": list(row.because), "evidence": list(row.evidence)}
    return told | {"test_label": row.test.label, "status_label": row.status.label}


class HitPage(View):
    """Hits, the newest first."""

    items: list[HitView]
    next_cursor: str | None = None


class EvidenceView(View):
    """One fact that shows what the rule looks for; `GET /cases/{no}/facts` tells all of it."""

    seq: int
    at: Instant
    tag: str
    actor_role: str

    @classmethod
    def of(cls, fact: Fact) -> Self:
        """The view of a fact."""
        return cls(seq=fact.seq, at=fact.at, tag=fact.body.tag, actor_role=fact.actor.role.value)


class RulingView(View):
    """One decision on a hit."""

    number: int
    ruling: str
    ruling_label: str
    ruled_at: Instant
    ruled_by: str
    reason: str
    dossier_no: str | None = Field(description="所转案卷；不得知悉该案卷的不显示")

    @classmethod
    def of(cls, ruling: Ruling, reason: str, *, tells_file: bool) -> Self:
        """The view of a decision with its reason, and the file for who may know of it."""
        told = ruling.model_dump(exclude={"reason", "dossier_no"})
        number = ruling.dossier_no if tells_file else None
        return cls(**told, ruling_label=ruling.ruling.label, reason=reason, dossier_no=number)


class HitDetail(HitView):
    """A hit with its evidence and everything that was decided on it."""

    shown_by: list[EvidenceView]
    rulings: list[RulingView]
    next_actions: list[str] = Field(description="现在可以作出的处理", examples=[["clue", "dismissed"]])


class RuleSumView(View):
    """What one rule has come to."""

    rule: str
    label: str
    hits: int
    pending: int
    clues: int
    dismissed: int
    clue_share: float = Field(description="转问题线索的比例")
    oldest_pending_at: Instant | None

    @classmethod
    def of(cls, line: RuleSum) -> Self:
        """The view of a line."""
        return cls(**line.model_dump(), clue_share=line.clues / line.hits)


class ScreeningStatistics(View):
    """Hits per rule within a span, how many cases are still to be read, and since when the oldest hit waits."""

    since: Instant
    until: Instant
    items: list[RuleSumView]
    oldest_pending_at: Instant | None = Field(description="最早的待处理结果筛出的时间")
    oldest_pending_seconds: float | None
    unread_cases: int = Field(description="尚未筛查的工单数")
    unread_since: Instant | None


def _unknown() -> ApiError:
    return ApiError(404, "hit_not_found", "没有找到该筛查结果")


async def one_hit(
    services: Services, actor: Actor, number: HitNo, officer: Officer | None = None
) -> HitDetail:
    """One hit with its evidence and decisions. Raises 404 when there is none that the caller may know of.

    `officer` is who asks, if they are of the discipline body: only then a file may be named.
    """
    async with services.database.read(snapshot=True) as session:
        hit = await hit_of(session, visible_to(actor), number)
        if hit is None:
            raise _unknown()
        return await _detail(services, session, hit, actor, officer)


async def _detail(
    services: Services, session: ReadSession, hit: HitRow, actor: Actor, officer: Officer | None
) -> HitDetail:
    facts = await _evidence(session, hit)
    rulings = await rulings_of(session, hit.hit_no)
    said = await read_texts(session, services.keyring, [ruling.reason for ruling in rulings])
    texts = {str(text_id): text for text_id, text in said.items()}
    # Officers look for clues about units, not for who called.
    shown = (await redacted_texts(session, services.keyring, {hit.case_no: texts}))[hit.case_no]
    return HitDetail(
        **_hit_fields(hit),
        shown_by=[EvidenceView.of(fact) for fact in facts],
        rulings=[
            RulingView.of(
                ruling,
                shown[ruling.reason.text_id],
                tells_file=await _knows_file(session, ruling.dossier_no, officer),
            )
            for ruling in rulings
        ],
        next_actions=[ruling.value for ruling in HitRuling if officer and _is_due(hit, ruling, actor)],
    )


def _is_due(hit: HitRow, ruling: HitRuling, actor: Actor) -> bool:
    try:
        require_ruling(hit, ruling, actor)
    except Refusal:
        return False
    return True


async def _knows_file(session: ReadSession, number: DossierNo | None, officer: Officer | None) -> bool:
    if number is None or officer is None:
        return False
    registration = await registered_clue(session, number)
    if registration is None or not may_work_on(officer, registration.subjects):
        return False
    # Somebody may have been recused from the file since.
    unknown = await dossier(session, number, SYSTEM_OFFICER) is None
    return unknown or await dossier(session, number, officer) is not None


async def _evidence(session: ReadSession, hit: HitRow) -> list[Fact]:
    facts = [
        await facts_of(session, hit.case_no, after=seq - 1, limit=1) for seq in dict.fromkeys(hit.evidence)
    ]
    return [fact for found in facts for fact in found]


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer wants decided on a hit, and from where."""

    number: HitNo
    ruling: HitRuling
    reason: str
    address: str | None
    units: tuple[UnitCode, ...] = ()


async def decide_on_hit(services: Services, actor: Actor, officer: Officer, decision: Decision) -> HitDetail:
    """Make a hit a clue, dismiss it, or reopen one that another officer has dismissed; with its entry in the trail.

    A clue is a registered accountability file before the hit says so. Its cause is the hit, so whoever asks again
    after a crash in between gets the same file. Whoever asks again because an answer was lost gets that answer.
    """
    async with services.database.write() as session:
        await lock_hit(session, decision.number)
        hit = await hit_of(session, visible_to(actor), decision.number)
        if hit is None:
            raise _unknown()
        if not await _is_repeated(services, session, actor, decision):
            require_ruling(hit, decision.ruling, actor)
            await _rule(services, session, actor, officer, hit, decision)
    return await one_hit(services, actor, decision.number, officer)


async def _is_repeated(services: Services, session: ReadSession, actor: Actor, decision: Decision) -> bool:
    """Whether this is what was decided last: by the same officer, in the same words, about the same units."""
    rulings = await rulings_of(session, decision.number)
    last = rulings[-1] if rulings else None
    if last is None or (last.ruling, last.ruled_by) != (decision.ruling, actor.user_id):
        return False
    said = await read_texts(session, services.keyring, [last.reason])
    if said[last.reason.text_id] != decision.reason:
        return False
    if not decision.units or last.dossier_no is None:
        return True
    clue = await registered_clue(session, last.dossier_no)
    return clue is not None and {unit_of(one) for one in clue.subjects} == set(decision.units)


async def _rule(
    services: Services,
    session: WriteSession,
    actor: Actor,
    officer: Officer,
    hit: HitRow,
    decision: Decision,
) -> None:
    at = services.now()
    reason = await store_text(
        session,
        services.keyring,
        text_id=TextId(uuid4().hex),
        case_no=hit.case_no,
        purpose=_PURPOSE,
        text=decision.reason,
        at=at,
        used=True,
    )
    number = None
    if decision.ruling is HitRuling.CLUE:
        number = await _registered(services, session, actor, officer, hit, decision)
    verdict = Verdict(ruling=decision.ruling, at=at, reason=reason, dossier_no=number)
    await rule_on_hit(session, hit, verdict, by=actor, address=decision.address)


async def _registered(
    services: Services,
    session: ReadSession,
    actor: Actor,
    officer: Officer,
    hit: HitRow,
    decision: Decision,
) -> DossierNo:
    """Register the accountability file: about the units named, else those complained about, else the lead."""
    units = decision.units or await _suspects(session, actor, hit)
    if not units:
        raise GuardFailed("clue_needs_units", "请填写被反映单位", field="units")
    form = clue_from_case(hit.case_no, ClueSource.SCREENING, units, decision.reason)
    clue = Clue(
        form=form,
        officer=officer,
        key=f"{hit.hit_no}/{uuid4().hex}",
        actor=actor,
        cause=f"screening/{hit.hit_no}",
    )
    return (await raise_clue(services, clue)).dossier_no


async def _suspects(session: ReadSession, actor: Actor, hit: HitRow) -> tuple[UnitCode, ...]:
    state = await state_of(session, visible_to(actor), hit.case_no)
    accused = state.classification.accused_units if state else ()
    return accused or ((hit.lead_unit,) if hit.lead_unit else ())


async def statistics(
    services: Services, actor: Actor, *, since: datetime, until: datetime
) -> ScreeningStatistics:
    """What screening has come to, of the cases that somebody may know of."""
    async with services.database.read(snapshot=True) as session:
        lines = await sum_hits(session, visible_to(actor), since=since, until=until)
        unread, unread_since = await waiting_since(session)
    oldest_at = min((line.oldest_pending_at for line in lines if line.oldest_pending_at), default=None)
    return ScreeningStatistics(
        since=since,
        until=until,
        items=[RuleSumView.of(line) for line in lines],
        oldest_pending_at=oldest_at,
        oldest_pending_seconds=(services.now() - oldest_at).total_seconds() if oldest_at else None,
        unread_cases=unread,
        unread_since=unread_since,
    )
