"""The desk of the discipline body (线索与案卷受理): from a filled form to a registered clue or a decided command.

The same way as a case's (api/desk.py): may the caller know of it, does what is named exist, texts into the vault,
and the file's workflow decides. Whoever may not know of a file is told what they would be told of a number that
was never given. `raise_clue` serves whatever finds a clue: an officer, a screening, the last rung of a ladder.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from pydantic import BaseModel

from api.codes import faulty_codes
from api.dossier_forms import (
    clue_form,
    dossier_command_of,
    officers_in,
    person_in,
    subjects_in,
    unit_in,
)
from api.errors import unit_unknown
from api.forming import text_id, texts_in, values_of
from api.gateway import DossierArchived, DossierNotAdopted, GatewayError
from api.services import Services
from hotline.accountability.commands import DossierEnvelope, ProposeDecision
from hotline.accountability.decide import SYSTEM_OFFICER
from hotline.accountability.policy import day_of, default_dossier_policy
from hotline.accountability.rules.base import require_subject
from hotline.accountability.secrecy import may_work_on, unseen
from hotline.accountability.state import ClueRegistration, DossierState, Officer
from hotline.accountability.vocabulary import ClueSource, Family, Level
from hotline.case import Actor, TextRef
from hotline.identifiers import CaseNo, CommandId, DossierNo, UnitCode, derived_command
from hotline.model import Message
from hotline.refusals import GuardFailed, KeyReused
from hotline.roles import SYSTEM_ACTOR
from hotline.vocabulary import Role, TrailEvent
from store.accounts import unknown_units, user_of
from store.accused import unknown_persons
from store.cases import visible_among, visible_to
from store.clues import ClueReceipt, ClueRequest, register_clue, registered_clue
from store.dossiers import dossier, running_until
from store.engine import ReadSession, WriteSession
from store.failures import TextAltered
from store.trail import TrailEntry, record
from store.vault import store_text
from workflows.contracts import DossierReceipt

_ADOPTS_WITHIN: Final = timedelta(seconds=3)
"""The number is given; whoever waits need not wait long for the engine."""


@dataclass(frozen=True, slots=True)
class Clue:
    """A clue (问题线索) to be registered, by whom and under which idempotency key.

    `form` is filled in from `clue_form()`. `cause` is what it came of, if it may come of it only once.
    `actor` is the account that asks; the engine itself has none.
    """

    form: BaseModel
    officer: Officer
    key: str
    actor: Actor | None = None
    cause: str | None = None

    @property
    def command_id(self) -> CommandId:
        """What the texts are kept under."""
        return derived_command(f"clue/{self.officer.user_id}", self.key)


def clue_from_case(case_no: CaseNo, source: ClueSource, units: Iterable[UnitCode], summary: str) -> BaseModel:
    """The form of a clue that a case gives rise to, about the units concerned; people are named later."""
    subjects = [{"kind": "organisation", "unit": unit} for unit in dict.fromkeys(units)]
    return clue_form().model_validate(
        {"source": source, "cases": [case_no], "subjects": subjects, "summary": summary}
    )


async def raise_clue(services: Services, clue: Clue) -> ClueReceipt:
    """Register a clue and have the engine take it on if it can right now; the same key or cause, the same file.

    Raises GuardFailed for what does not exist or is not the officer's to know, KeyReused for another content.
    """
    for field in faulty_codes(clue.form):
        raise _no_code(field)
    async with services.database.write() as session:
        await _check_clue(session, clue)
        receipt = await register_clue(
            session, services.keyring, _request(services, clue), _drawing_up(services, session, clue)
        )
        if not _is_theirs(clue, receipt.registration):
            # Somebody else registered what this came of, and it concerns more than this officer may know.
            raise unseen()
        if not receipt.replayed:
            await record(session, _registered(services, clue, receipt.registration))
    await _adopt(services, receipt.registration)
    return receipt


@dataclass(frozen=True, slots=True)
class DossierFiling:
    """A form filled in for an accountability file, by whom and under which id."""

    dossier_no: DossierNo
    command: type[Message]
    form: BaseModel
    officer: Officer
    command_id: CommandId
    expected_version: int | None = None


async def file_on_dossier(services: Services, filing: DossierFiling) -> DossierReceipt:
    """Have the file decide on a form; returns its receipt or raises what went wrong."""
    async with services.database.read() as session:
        state = await require_dossier(session, filing.dossier_no, filing.officer)
        for field in faulty_codes(filing.form):
            raise _no_code(field)
        await _check_names(session, filing.form)
        supplied = await _supplied(services, session, filing, state)
    texts = await _keep_texts(services, filing)
    envelope = DossierEnvelope(
        command_id=filing.command_id,
        officer=filing.officer,
        command=dossier_command_of(filing.command, filing.form, texts, supplied),
        expected_version=filing.expected_version,
    )
    return await services.gateway.send_to_dossier(filing.dossier_no, envelope)


async def require_dossier(session: ReadSession, number: DossierNo, officer: Officer) -> DossierState:
    """The file as it stands. Unseen: there is none, or none that this officer may know of."""
    state = await dossier(session, number, officer)
    if state is not None:
        return state
    registration = await registered_clue(session, number)
    # What the ledger has and does not show is kept from them; what it does not have yet is on its way.
    is_on_its_way = await dossier(session, number, SYSTEM_OFFICER) is None
    if registration and is_on_its_way and may_work_on(officer, registration.subjects):
        raise DossierNotAdopted
    raise unseen()


# ── clues ───────────────────────────────────────────────────────────────────────────────────────


def _request(services: Services, clue: Clue) -> ClueRequest:
    return ClueRequest(
        principal=clue.officer.user_id,
        key=clue.key,
        digest=services.keyring.match("request", clue.form.model_dump_json(exclude_defaults=True)),
        at=services.now(),
        cause=clue.cause,
    )


async def _check_clue(session: ReadSession, clue: Clue) -> None:
    await _check_names(session, clue.form)
    cases: tuple[CaseNo, ...] = clue.form.cases  # type: ignore[attr-defined]  # the form is made at run time
    if clue.actor and set(cases) - await visible_among(session, visible_to(clue.actor), cases):
        raise GuardFailed("case_unknown", "没有找到所列工单", field="cases")


def _drawing_up(
    services: Services, session: WriteSession, clue: Clue
) -> Callable[[DossierNo], Awaitable[ClueRegistration]]:
    async def draw_up(number: DossierNo) -> ClueRegistration:
        texts = await _stored(services, session, number, clue.form, clue.command_id, used=True)
        registration = ClueRegistration.model_validate(
            {
                **values_of(clue.form, texts),
                "dossier_no": number,
                "registered_at": services.now(),
                "registered_by": clue.officer,
                "policy_revision": default_dossier_policy().revision,
                "reference": uuid4().hex,
            }
        )
        if not _is_theirs(clue, registration):
            raise GuardFailed(
                "subject_out_of_scope",
                "被反映的单位或者人员不属你的监督范围，请移送有权机关",
                field="subjects",
            )
        return registration

    return draw_up


def _is_theirs(clue: Clue, registration: ClueRegistration) -> bool:
    return clue.officer.level is Level.SYSTEM or may_work_on(clue.officer, registration.subjects)


def _registered(services: Services, clue: Clue, registration: ClueRegistration) -> TrailEntry:
    """The trail names the file by its reference: whoever reads the trail need not be of the discipline body."""
    return TrailEntry(
        at=services.now(),
        event=TrailEvent.DOSSIER_REGISTERED,
        actor=clue.actor or SYSTEM_ACTOR,
        subject=registration.reference,
        detail={"source": registration.source.value},
    )


async def _adopt(services: Services, registration: ClueRegistration) -> None:
    """Ask the engine once; what it does not take on at once, the keeper brings to it."""
    try:
        async with asyncio.timeout(_ADOPTS_WITHIN.total_seconds()):
            await services.gateway.adopt_dossier(registration, default_dossier_policy())
    except DossierArchived:
        return
    except (GatewayError, TimeoutError):
        services.clues.nudge()


# ── commands ────────────────────────────────────────────────────────────────────────────────────


def _no_code(field: str) -> GuardFailed:
    return GuardFailed("not_a_code", "此处须填代码，不能填写文字", field=field)


async def _check_names(session: ReadSession, form: BaseModel) -> None:
    """Units, people and officers must exist."""
    described = list(subjects_in(form))
    units = [(field, unit_in(subject)) for field, subject in described]
    if (unit := getattr(form, "unit", None)) is not None:
        units.append(("unit", unit))
    unknown = set(await unknown_units(session, [unit for _, unit in units]))
    for field, unit in units:
        if unit in unknown:
            raise unit_unknown(field)
    persons = {person: field for field, subject in described if (person := person_in(subject))}
    for person in await unknown_persons(session, persons):
        raise GuardFailed("accused_unknown", "没有登记过这一人员，请先登记被反映人", field=persons[person])
    for field, subject in described:
        account = getattr(subject, "account", None)
        if account is not None and await user_of(session, account) is None:
            raise GuardFailed("person_unknown", "没有这个账号", field=field)
    for field, officer in officers_in(form):
        user = await user_of(session, officer)
        if user is None or user.role is not Role.DISCIPLINE:
            raise GuardFailed("officer_unknown", "没有这名纪检监察人员", field=field)


async def _supplied(
    services: Services, session: ReadSession, filing: DossierFiling, state: DossierState
) -> Mapping[str, Mapping[str, Any]]:
    """The subject by its number, and 影响期合并: until when another 政务处分 of theirs runs (政务处分法 art. 15)."""
    if filing.command is not ProposeDecision:
        return {}
    number: int = filing.form.subject  # type: ignore[attr-defined]  # the form is made at run time
    require_subject(state, number)
    draft: dict[str, Any] = {"subject": state.subjects[number - 1]}
    person = person_in(state.subjects[number - 1])
    family = filing.form.draft.measure.family  # type: ignore[attr-defined]  # as above
    if person is not None and family is Family.ADMINISTRATIVE:
        draft["running_until"] = await running_until(session, person, day_of(services.now()))
    return {"draft": draft}


async def _keep_texts(services: Services, filing: DossierFiling) -> dict[str, TextRef]:
    if not any(texts_in(filing.form)):
        return {}
    async with services.database.write() as session:
        return await _stored(services, session, filing.dossier_no, filing.form, filing.command_id)


async def _stored(
    services: Services,
    session: WriteSession,
    number: DossierNo,
    form: BaseModel,
    command_id: CommandId,
    *,
    used: bool = False,
) -> dict[str, TextRef]:
    """Each file has a key of its own in the vault, as a case has its citizen's."""
    try:
        return {
            way: await store_text(
                session,
                services.keyring,
                text_id=text_id(command_id, way),
                case_no=CaseNo(number),
                purpose=way,
                text=text,
                at=services.now(),
                used=used,
            )
            for way, text in texts_in(form)
        }
    except TextAltered as error:
        raise KeyReused("key_reused", "同一幂等键已用于另一条指令") from error
