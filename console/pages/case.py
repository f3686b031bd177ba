"""The page of a case (工单页): what it is, where it stands and why, who had it, and what may be done next.

What may be done is what the server says (`next_actions`); each command has one form, made from its model, that
files through the desk as the API does. A form that is refused comes back as it was filled in.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ValidationError

from api.address import AddressDep
from api.boards import ChainOfHands
from api.deps import CaseNoDep, command_id_of
from api.desk import Filing, file
from api.dossier_reading import files_of_case
from api.dossier_views import FileOfCase
from api.errors import EXPECTED, ApiError, problem_of
from api.evidence_views import EvidenceList, EvidenceView
from api.forms import commands_for_people, form_of, kind_of
from api.mass_events import MassEventView, mass_event_of
from api.parts import Part
from api.reading import case_view, fact_page
from api.routers.boards import hands
from api.routers.cases import one_case
from api.routers.evidence import listed, upload
from api.routers.openings import Opening, open_caller
from api.routers.supervision import of_case
from api.schemas import CaseView, FactPage
from api.supervision import SupervisionOfCase
from console import sheets
from console.drawing import WIDTH, draw
from console.forms import Catalogue
from console.labels import FACTS, SCRIPT
from console.links import to
from console.rendering import instant
from console.visit import Here, Visit
from hotline.calendar import SHANGHAI
from hotline.case import EvidenceRef
from hotline.identifiers import CaseNo, is_knowledge_no
from hotline.model import Message
from hotline.roles import UNIT_ROLES
from hotline.vocabulary import ContactOutcome, EvidenceKind, Role

router = Part()

_FACTS: Final = 500
CALLS: Final = frozenset({"handling:contacted", "revisit:attempted", "revisit:recorded"})
"""The facts of the contact log (联系记录)."""

_QUIET: Final = frozenset({"clock:started", "clock:moved", "clock:held", "clock:stopped", "policy:revised"})
"""What a timeline shows only on request: the clocks have a panel of their own."""

_PLACES: Final = {
    "desk-record_revisit": "components/desk_form.html",
    "desk-second_revisit": "components/desk_form.html",
    "attempt-problem": "components/problem.html",
}
"""A form that has its place on a page comes back to that place; every other is a sheet."""

TERMS: Final[Mapping[str, str]] = {
    kind_of(command): " ".join((command.__doc__ or "").split()).partition(":")[0]
    for command in commands_for_people()
}
"""The commands by their kinds, as buttons say them."""


_FIRST: Final = (
    *("dispatch_case", "rule_on_return", "rule_bindingly", "sign_for", "review_reply", "submit_reply"),
    *("assist_reply", "second_revisit", "record_revisit", "decide_extension", "decide_termination"),
    *("decide_unreasonable", "decide_appeal", "review_supervision_answer", "answer_supervision_order"),
    *("complete_case", "answer_directly", "log_contact", "report_progress"),
)
_LAST: Final = ("transfer_emergency", "recuse", "lift_recusal", "revise_policy")
"""What brings a case on comes first, and what is rarely meant comes last; the rest as the rules have it."""


def _urgency_of(kind: str) -> int:
    if kind in _FIRST:
        return _FIRST.index(kind) - len(_FIRST)
    return 1 + _LAST.index(kind) if kind in _LAST else 0


@router.get("/cases/{case_no}", operation_id="cases_one_case")
async def shown(
    visit: Here,
    case: Annotated[CaseView, Depends(one_case)],
    chain: Annotated[ChainOfHands, Depends(hands)],
    supervision: Annotated[SupervisionOfCase, Depends(of_case)],
    files: Annotated[EvidenceList, Depends(listed)],
) -> HTMLResponse:
    """Everything about one case that the caller may know; a part of it when only that moved."""
    number = CaseNo(case.case_no)
    page = await fact_page(visit.services, visit.actor, number, after=0, limit=_FACTS)
    then = case.as_of or visit.now
    facts = [fact for fact in page.items if fact.at <= then]
    return visit.page(
        "case_parts.html" if visit.is_part else "case.html",
        case=case,
        chain=chain,
        life=draw(chain.items, case.clocks, facts, now=then),
        life_width=WIDTH,
        moments=_moments(page, case.as_of),
        supervision=supervision,
        files=[file for file in files.items if file.uploaded_at <= then],
        dossiers=await _dossiers(visit, number),
        mass=await _mass_event(visit, case),
        facts=[fact for fact in reversed(facts) if fact.tag not in _QUIET],
        calls=[fact for fact in reversed(facts) if fact.tag in CALLS],
        contacts={outcome.value: outcome.label for outcome in ContactOutcome},
        texts=page.texts,
        said=FACTS,
        actions=[(kind, TERMS[kind]) for kind in sorted(case.next_actions, key=_urgency_of)],
        units=await visit.unit_names(),
        roles={role.value: role.label for role in Role},
        kinds=list(EvidenceKind),
        is_entry=is_knowledge_no,
        to=to,
    )


@dataclass(frozen=True, slots=True)
class Moments:
    """Where the time machine leads from here: to the decision before, and to the one after if there is one."""

    before: datetime | None
    after: datetime | None


def _moments(page: FactPage, as_of: datetime | None) -> Moments:
    """The neighbours of an instant among those at which something was decided; of the present, the last one."""
    instants = sorted({fact.at for fact in page.items})
    if as_of is None:
        return Moments(instants[-1] if instants else None, None)
    earlier = [at for at in instants if at < as_of]
    later = [at for at in instants if at > as_of]
    return Moments(earlier[-1] if earlier else None, later[0] if later else None)


@router.get("/cases/{case_no}/then", operation_id="cases_one_case")
async def at_moment(_: Here, case_no: CaseNoDep, at: datetime) -> RedirectResponse:
    """The case as it was: what somebody typed is Shanghai's time, and the address of the page says so."""
    there = at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
    return RedirectResponse(f"/cases/{case_no}?{urlencode({'at': there.isoformat()})}", status_code=303)


async def _dossiers(visit: Visit, number: CaseNo) -> list[FileOfCase]:
    """The accountability files of the case, asked for only on behalf of whom the API would answer."""
    if not visit.may("dossiers_of_case"):
        return []
    return (await files_of_case(visit.services, visit.principal.user, number)).items


async def _mass_event(visit: Visit, case: CaseView) -> MassEventView | None:
    """How the mass event stands that the case is the master or a member of, if it is of one."""
    if case.as_of or not (case.joined_to or case.members):
        return None
    return await mass_event_of(visit.services, visit.actor, CaseNo(case.joined_to or case.case_no))


@router.post("/cases/{case_no}/evidence", operation_id="evidence_upload")
async def attach(visit: Here, kept: Annotated[EvidenceView, Depends(upload)]) -> HTMLResponse:
    """Keep a file; the page shows it and forms can name it from now on."""
    return visit.page("components/attached.html", headers=sheets.FILED, file=kept)


@router.get("/cases/{case_no}/caller", operation_id="openings_open_caller")
async def ask_reason(visit: Here, case_no: CaseNoDep) -> HTMLResponse:
    """The form that asks why sealed data has to be opened."""
    return visit.page("components/opening.html", case_no=case_no, opened=None, problem=None, reason="")


@router.post("/cases/{case_no}/caller", operation_id="openings_open_caller")
async def open_sealed(
    visit: Here,
    case_no: CaseNoDep,
    address: AddressDep,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> HTMLResponse:
    """Who called in secret, shown once to whoever gave a reason, which is in the trail by then."""

    def page(status: int = 200, **found: Any) -> HTMLResponse:
        context = {"case_no": case_no, "opened": None, "problem": None, "reason": reason} | found
        return visit.page("components/opening.html", status, **context)

    try:
        opening = Opening(reason=reason)
        opened = await open_caller(case_no, opening, address, visit.actor, visit.services)
    except ValidationError:
        unsaid = ApiError(422, "invalid_input", "请写明开启理由")
        return page(422, problem=problem_of(unsaid)[0])
    except EXPECTED as error:
        problem, _ = problem_of(error)
        return page(problem.status, problem=problem)
    return page(opened=opened)


def _ask(kind: str, command: type[Message]) -> Callable[..., Awaitable[HTMLResponse]]:
    async def ask(visit: Here, case_no: CaseNoDep) -> HTMLResponse:
        case = await case_view(visit.services, visit.actor, case_no)
        # A link may say what is known already: the unit that was suggested.
        sheet = await sheet_of(visit, case, kind, command)
        return sheets.ask(visit, replace(sheet, given=visit.request.query_params))

    return ask


def _take(kind: str, command: type[Message]) -> Callable[..., Awaitable[HTMLResponse]]:
    async def take(visit: Here, case_no: CaseNoDep) -> HTMLResponse:
        async def filed(sent: sheets.Sent[BaseModel]) -> HTMLResponse:
            filing = Filing(
                case_no=case_no,
                command=command,
                form=sent.form,
                actor=visit.actor,
                command_id=command_id_of(visit.actor.user_id, case_no, sent.key),
                expected_version=sent.seen,
            )
            receipt = await file(visit.services, filing)
            return sheets.done(visit, TERMS[kind], receipt.status.label)

        case = await case_view(visit.services, visit.actor, case_no)
        sheet = await sheet_of(visit, case, kind, command)
        return await sheets.take(visit, sheet, filed)

    return take


async def sheet_of(
    visit: Visit, case: CaseView, kind: str, command: type[Message]
) -> sheets.Sheet[BaseModel]:
    """The form of a command for a case, in a sheet or in its place on a page."""
    number = CaseNo(case.case_no)

    async def moved_since(seen: int) -> str | None:
        return _first(await fact_page(visit.services, visit.actor, number, after=seen, limit=1))

    return sheets.Sheet(
        path=f"/cases/{number}/commands/{kind}",
        subject=number,
        kind=kind,
        term=TERMS[kind],
        model=form_of(command),
        catalogue=await catalogue_of(visit, case),
        version=case.version,
        moved_since=moved_since,
        places=_PLACES,
        besides={"case": case, "script": SCRIPT},
    )


def _first(facts: FactPage) -> str | None:
    if not facts.items:
        return None
    fact = facts.items[0]
    return f"{instant(fact.at)} {fact.actor.user_id} {FACTS.get(fact.tag, fact.tag)}"


async def catalogue_of(visit: Visit, case: CaseView) -> Catalogue:
    """What the fields of a form may choose from: units, people of one's own side, and what the case has."""
    number = CaseNo(case.case_no)
    files = await listed(number, visit.actor, visit.services)
    supervision = await of_case(number, visit.actor, visit.services)
    users = await visit.accounts()
    own = visit.actor.unit if visit.actor.role in UNIT_ROLES else None
    return Catalogue(
        units=[(code, f"{name} {code}") for code, name in (await visit.unit_names()).items()],
        people=[
            (user.user_id, f"{user.display_name}（{user.role.label}）")
            for user in users
            if own is None or user.unit == own
        ],
        evidence={
            one.evidence_id: EvidenceRef(evidence_id=one.evidence_id, kind=one.kind, made_at=one.made_at)
            for one in files.items
        },
        measures=[(one.number, f"{one.number} {one.kind_label}") for one in supervision.measures],
        now=visit.now,
        clocks=[(one.clock_id, f"{one.label} {one.holder}") for one in case.clocks if one.stopped_at is None],
    )


for _command in commands_for_people():
    _kind = kind_of(_command)
    _path = f"/cases/{{case_no}}/commands/{_kind}"
    router.add_api_route(_path, _ask(_kind, _command), methods=["GET"], operation_id=_kind)
    router.add_api_route(_path, _take(_kind, _command), methods=["POST"], operation_id=_kind)
