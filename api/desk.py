"""The command desk (指令受理): one way from a filled form to a decided command, for pages, API and bulk.

See whether the caller may know the case, check what the form names, put its texts into the vault, and have
the command decided by the case. Whether the caller's role issues such commands at all was asked before
(api/access.py). A text whose command is refused is purged later: no fact uses it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from api.codes import faulty_codes
from api.errors import unit_unknown
from api.forms import command_of, text_id, texts_of, units_in
from api.services import Services
from api.sight import case_to_appeal, scope_of, visible_case
from hotline.case import Actor, EvidenceRef, TextRef
from hotline.commands import (
    AppealRung,
    CallJointReview,
    CommandEnvelope,
    DispatchCase,
    JoinCase,
    RevisePolicy,
    RuleBindingly,
)
from hotline.identifiers import CaseNo, CommandId, UnitCode, UserId
from hotline.model import Message
from hotline.refusals import GuardFailed, KeyReused
from hotline.vocabulary import Role
from store.accounts import unknown_units, user_of
from store.cases import state_of
from store.engine import ReadSession, WriteSession
from store.evidence import EvidenceFile, find_evidence, is_uploaded
from store.failures import TextAltered
from store.knowledge import is_entry
from store.persons import sealer_of
from store.vault import store_text
from store.viewers import lineages
from workflows.contracts import Receipt


@dataclass(frozen=True, slots=True)
class Filing:
    """A form filled in for a case, by whom and under which id."""

    case_no: CaseNo
    command: type[Message]
    form: BaseModel
    actor: Actor
    command_id: CommandId
    expected_version: int | None = None


async def file(services: Services, filing: Filing) -> Receipt:
    """Have the case decide on a form; returns its receipt or raises what went wrong."""
    async with services.database.read() as session:
        sees = case_to_appeal if filing.command is AppealRung else visible_case
        seen = await sees(session, filing.actor, filing.case_no)
        require_codes(filing.form)
        await _check_names(session, filing)
        supplied = await _supplied(services, session, filing)
    said = texts_of(filing.form)
    async with services.database.write() if said else services.database.write_one() as session:
        texts = await keep_texts(session, services, filing.case_no, filing.command_id, said)
        expected = await services.books.expect(session, seen, filing.command_id)
    envelope = CommandEnvelope(
        command_id=filing.command_id,
        actor=filing.actor,
        command=command_of(filing.command, filing.form, texts, supplied),
        expected_version=filing.expected_version,
    )
    return await services.books.send(expected, envelope)


def require_codes(form: BaseModel) -> None:
    """Refuse a sentence where a code belongs."""
    for field in faulty_codes(form):
        raise GuardFailed("not_a_code", "此处须填代码，不能填写文字", field=field)


async def _check_names(session: ReadSession, filing: Filing) -> None:
    """Units and people must exist, since a case that goes to nobody is lost, and so must what a caller was told from."""
    named = list(units_in(filing.form))
    unknown = set(await unknown_units(session, [unit for _, unit in named]))
    for field, unit in named:
        if unit in unknown:
            raise unit_unknown(field)
    signer = getattr(filing.form, "signer", None)
    if signer is not None and not await _is_head(session, signer, filing.actor):
        raise GuardFailed(
            "signer_not_head", "签发人须为本单位负责人", field="signer", rule="domain.md §12 rule 17"
        )
    person = getattr(filing.form, "person", None)
    if person is not None and await user_of(session, person) is None:
        raise GuardFailed("person_unknown", "没有这个账号", field="person")
    of_unit = getattr(filing.form, "unit", None)
    if person is not None and of_unit is not None:
        await _require_of_unit(session, person, of_unit)
    owner = getattr(filing.form, "owner", None)
    if owner is not None and not await _is_colleague(session, owner, filing.actor):
        raise GuardFailed(
            "owner_unknown", "责任人须为本单位人员", field="owner", rule="domain.md §12 rule 21"
        )
    told_from = getattr(filing.form, "knowledge_id", None)
    # An entry that was withdrawn meanwhile will do: the caller was told what it said.
    if told_from is not None and not await is_entry(session, told_from):
        raise GuardFailed("knowledge_unknown", "知识库没有这个编号的知识", field="knowledge_id")


async def _is_head(session: ReadSession, signer: UserId, actor: Actor) -> bool:
    user = await user_of(session, signer)
    return user is not None and user.role is Role.UNIT_HEAD and user.unit == actor.unit


async def _require_of_unit(session: ReadSession, person: UserId, unit: UnitCode) -> None:
    """A card or an interview names a person of the unit that it is addressed to."""
    user = await user_of(session, person)
    if user is None or user.unit != unit:
        raise GuardFailed("person_of_another_unit", "该人员不属于所列单位", field="person")


async def _is_colleague(session: ReadSession, owner: UserId, actor: Actor) -> bool:
    user = await user_of(session, owner)
    return user is not None and user.unit == actor.unit


async def _supplied(services: Services, session: ReadSession, filing: Filing) -> Mapping[str, Any]:
    """What the server knows and the form does not ask for, or is not asked to vouch for."""
    if (named := getattr(filing.form, "evidence", None)) is not None:
        return {"evidence": await _evidence(session, filing.case_no, named)}
    if filing.command is JoinCase:
        return await _joining(session, filing)
    if filing.command in {DispatchCase, RuleBindingly, CallJointReview}:
        return {"lineages": await lineages(session, [unit for _, unit in units_in(filing.form)])}
    if filing.command is RevisePolicy:
        revision: str = filing.form.revision  # type: ignore[attr-defined]  # the form is made at run time
        return {"policy": await services.policies.of(revision)}
    return {}


async def _evidence(
    session: ReadSession, case_no: CaseNo, named: EvidenceRef | tuple[EvidenceRef, ...]
) -> EvidenceRef | tuple[EvidenceRef, ...]:
    """Say of uploaded files what their rows say; of what is kept elsewhere nobody here can tell a hash."""
    several = (named,) if isinstance(named, EvidenceRef) else named
    files = await find_evidence(session, case_no, [ref.evidence_id for ref in several])
    checked = tuple(checked_evidence(ref, files.get(ref.evidence_id)) for ref in several)
    return checked[0] if isinstance(named, EvidenceRef) else checked


def checked_evidence(ref: EvidenceRef, file: EvidenceFile | None) -> EvidenceRef:
    """A piece of evidence with what its row says of it. GuardFailed: it claims to be a file that nobody has."""
    if file is None:
        if is_uploaded(ref.evidence_id):
            raise GuardFailed("evidence_unknown", "本工单没有该编号的附件", field="evidence")
        return EvidenceRef(evidence_id=ref.evidence_id, kind=ref.kind, made_at=ref.made_at)
    return EvidenceRef(
        evidence_id=file.evidence_id,
        kind=file.kind,
        made_at=file.made_at,
        sha256=file.sha256,
        media_type=file.media_type,
    )


async def _joining(session: ReadSession, filing: Filing) -> Mapping[str, Any]:
    """A case can be joined to one that a unit has in hand; that unit then works for both (domain.md §1.8)."""
    into: CaseNo = filing.form.into  # type: ignore[attr-defined]  # the form is made at run time
    master = await state_of(session, scope_of(filing.actor), into)
    if master is None:
        raise GuardFailed("master_unknown", "没有找到要并入的工单", field="into")
    if not master.is_open or master.assignment is None or master.joined_to:
        raise GuardFailed(
            "master_not_in_hand", "要并入的工单不在办理之中", field="into", rule="domain.md §1.8"
        )
    return {
        "lead": master.assignment.lead,
        "lineages": await lineages(session, master.units),
    }


async def keep_texts(
    session: WriteSession,
    services: Services,
    case_no: CaseNo,
    command_id: CommandId,
    said: Mapping[str, str],
) -> dict[str, TextRef]:
    """Put the texts of a command into the vault, sealed under the key of a case's caller; a retry stores nothing twice."""
    if not said:
        return {}
    at = services.now()
    sealer = await sealer_of(session, services.keyring, case_no, at=at)
    try:
        return {
            field: await store_text(
                session,
                services.keyring,
                text_id=text_id(command_id, field),
                case_no=case_no,
                purpose=field,
                text=text,
                at=at,
                sealer=sealer,
            )
            for field, text in said.items()
        }
    except TextAltered as error:
        raise KeyReused("key_reused", "同一幂等键已用于另一条指令") from error
