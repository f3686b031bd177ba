"""The page of an accountability file (案卷页): where it stands, what was decided and by whom, and what may be done next.

What may be done is what the server says (`next_actions`), by level and stage; each command has one form, made
from its model. Every reading of a file is recorded, so nothing here asks for it again by itself.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.deps import command_id_of
from api.dossier_desk import DossierFiling, file_on_dossier
from api.dossier_forms import dossier_commands, dossier_form_of
from api.dossier_reading import dossier_facts, dossier_view
from api.dossier_views import DossierFactPage, DossierView
from api.officers import OfficerDep
from api.parts import Part
from api.routers.commands import term
from api.routers.dossiers import DossierNoDep, facts, one
from console import sheets
from console.forms import Catalogue, Field, Option
from console.labels import FACTS
from console.ledger_words import QUIET, gist_of, substance_of, texts_in
from console.periods import Axis, axis_of
from console.rendering import instant
from console.visit import Here, Visit
from hotline.accountability.decide import RULES
from hotline.accountability.measures import NOT_HEARD, said_of
from hotline.accountability.policy import day_of
from hotline.accountability.remedies import remedies_of
from hotline.accountability.rules.inquiry import OPINIONS
from hotline.accountability.state import (
    Decision,
    Inquiry,
    Notice,
    Officer,
    PersonSubject,
    Proposal,
    Recommendation,
    Rectification,
    Subject,
    unit_of,
)
from hotline.accountability.vocabulary import Level, Opinion
from hotline.case import TextRef
from hotline.identifiers import DossierNo, UserId
from hotline.model import Message, Record
from hotline.vocabulary import Role
from store.accounts import User

router = Part()

TERMS: Final[Mapping[str, str]] = {
    RULES[command].kind: term(command).replace(", ", "、") for command in dossier_commands()
}
"""The commands by their kinds, as buttons say them."""

_FIRST: Final = (
    *("rule_on_proposal", "plan_disposal", "appoint_team", "send_inquiry", "record_inquiry"),
    *("submit_conclusion", "open_investigation", "hear_defence", "propose_decision", "serve_decision"),
    *("report_execution", "acknowledge_handover", "decide_appeal", "publish_notice"),
)
_OPINIONS: Final[Mapping[str, frozenset[Opinion]]] = {
    stage.value: allowed for stage, allowed in OPINIONS.items()
}
_LAST: Final = ("close_dossier", "name_subject", "recuse_officer")
"""What brings a file on comes first, and what is rarely meant comes last; the rest as the rules have it."""


def _urgency_of(kind: str) -> int:
    if kind in _FIRST:
        return _FIRST.index(kind) - len(_FIRST)
    return 1 + _LAST.index(kind) if kind in _LAST else 0


class Kept(Record):
    """What a file holds, as the domain has it: what `DossierView.file` was made from."""

    subjects: tuple[Subject, ...]
    summary: TextRef
    recused: tuple[UserId, ...] = ()
    team: tuple[UserId, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    inquiries: tuple[Inquiry, ...] = ()
    investigated: bool = False
    decisions: tuple[Decision, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    rectifications: tuple[Rectification, ...] = ()
    notices: tuple[Notice, ...] = ()
    cleared: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A file with what its people, units and accounts are called."""

    view: DossierView
    kept: Kept
    units: Mapping[str, str]
    accounts: Mapping[str, str]
    today: date

    def called(self, code: str) -> str:
        """A unit or an account by its name."""
        return self.units.get(code) or self.accounts.get(code, code)

    def several(self, codes: Iterable[str]) -> str:
        """Units or accounts by their names, in a row."""
        return "、".join(map(self.called, codes))

    def name(self, subject: Subject) -> str:
        """A subject in short: the person's name, or the unit's."""
        if isinstance(subject, PersonSubject):
            return self.view.names.get(subject.person, subject.person)
        return self.called(subject.unit)

    def text(self, ref: TextRef | None) -> str:
        """The words that a reference stands for; none where they are no longer kept."""
        return self.view.texts.get(ref.text_id, "") if ref else ""

    def measure(self, decision: Decision) -> str:
        """What is or was proposed against a subject, in words."""
        return said_of(decision.draft.measure)

    def substance(self, proposal: Proposal) -> str:
        """What waits for approval, in words."""
        return substance_of(proposal.substance, self.called)

    def unit(self, subject: Subject) -> str:
        """The unit that a subject is or belonged to."""
        return self.called(unit_of(subject))

    @property
    def axis(self) -> Axis | None:
        """The time axis of the periods of effect, if there is any."""
        effects = [one.effect for one in self.kept.decisions if one.stands and one.effect]
        spans = [(effect.from_on, effect.until_on) for effect in effects]
        return axis_of(spans, self.today) if spans else None


@router.get("/dossiers/{dossier_no}", operation_id="dossiers_one")
async def shown(
    visit: Here,
    view: Annotated[DossierView, Depends(one)],
    ledger: Annotated[DossierFactPage, Depends(facts)],
) -> HTMLResponse:
    """Everything about one file; a part of it when something was filed."""
    book = await _book(visit, view)
    return visit.page(
        "dossier_parts.html" if visit.is_part else "dossier.html",
        file=view,
        book=book,
        kept=book.kept,
        entries=[
            (fact, gist_of(fact.tag, fact.body, book.called), texts_in(fact.body, ledger.texts))
            for fact in reversed(ledger.items)
            if fact.tag not in QUIET
        ],
        said=FACTS,
        levels={level.value: level.label for level in Level},
        actions=[(kind, TERMS[kind]) for kind in sorted(view.next_actions, key=_urgency_of)],
        remedies_of=remedies_of,
        not_heard=NOT_HEARD,
    )


async def _book(visit: Visit, view: DossierView) -> Book:
    return Book(
        view=view,
        kept=Kept.model_validate(view.file),
        units={str(code): name for code, name in (await visit.unit_names()).items()},
        accounts={user.user_id: user.display_name for user in await visit.accounts()},
        today=day_of(visit.now),
    )


# ── commands ────────────────────────────────────────────────────────────────────────────────────


def _ask(kind: str, command: type[Message]) -> Callable[..., Awaitable[HTMLResponse]]:
    async def ask(visit: Here, dossier_no: DossierNoDep, officer: OfficerDep) -> HTMLResponse:
        return sheets.ask(visit, await _sheet(visit, officer, dossier_no, kind, command))

    return ask


def _take(kind: str, command: type[Message]) -> Callable[..., Awaitable[HTMLResponse]]:
    async def take(visit: Here, dossier_no: DossierNoDep, officer: OfficerDep) -> HTMLResponse:
        async def filed(sent: sheets.Sent[BaseModel]) -> HTMLResponse:
            filing = DossierFiling(
                dossier_no=dossier_no,
                command=command,
                form=sent.form,
                officer=officer,
                command_id=command_id_of(officer.user_id, dossier_no, sent.key),
                expected_version=sent.seen,
            )
            receipt = await file_on_dossier(visit.services, filing)
            return sheets.done(visit, TERMS[kind], receipt.stage.label)

        sheet = await _sheet(visit, officer, dossier_no, kind, command)
        return await sheets.take(visit, sheet, filed)

    return take


async def _sheet(
    visit: Visit, officer: Officer, number: DossierNo, kind: str, command: type[Message]
) -> sheets.Sheet[BaseModel]:
    view = await dossier_view(visit.services, visit.actor, officer, number)
    book = await _book(visit, view)

    async def moved_since(seen: int) -> str | None:
        page = await dossier_facts(visit.services, visit.actor, officer, number)
        later = [fact for fact in page.items if fact.seq > seen and fact.tag not in QUIET]
        return (
            f"{instant(later[0].at)} {later[0].officer} {FACTS.get(later[0].tag, later[0].tag)}"
            if later
            else None
        )

    return sheets.Sheet(
        path=f"/dossiers/{number}/commands/{kind}",
        subject=number,
        term=TERMS[kind],
        model=dossier_form_of(command),
        catalogue=_catalogue(book, await visit.accounts()),
        version=view.version,
        moved_since=moved_since,
        given=dict(visit.request.query_params),
        order=_subject_first,
    )


def _subject_first(field: Field) -> int:
    return field.name != "subject"


def _catalogue(book: Book, users: tuple[User, ...]) -> Catalogue:
    """What the fields of a form may choose from: what the file has, and officers who need not keep away."""
    kept, view = book.kept, book.view
    concerned = {one.account for one in kept.subjects if isinstance(one, PersonSubject)}
    return Catalogue(
        units=[(code, f"{name} {code}") for code, name in book.units.items()],
        people=[(user.user_id, f"{user.display_name}（{user.role.label}）") for user in users],
        officers=[
            (user.user_id, user.display_name)
            for user in users
            if user.role is Role.DISCIPLINE and user.user_id not in {*kept.recused, *concerned}
        ],
        numbers=dict(_numbers(book)),
        allowed={"opinion": _OPINIONS.get(view.stage, frozenset())},
    )


def _numbers(book: Book) -> Iterator[tuple[str, list[Option]]]:
    kept = book.kept
    yours = {one.number for one in book.view.approvals if one.yours}

    def option(number: int, said: str) -> Option:
        return str(number), f"{number} · {said}"

    yield "subject", [option(at, book.name(one)) for at, one in enumerate(kept.subjects, start=1)]
    yield (
        "proposal",
        [option(one.number, book.substance(one)) for one in kept.proposals if one.number in yours],
    )
    yield (
        "inquiry",
        [
            option(one.number, f"{one.form.label} {book.name(kept.subjects[one.subject - 1])}")
            for one in kept.inquiries
            if one.answered_at is None
        ],
    )
    yield (
        "decision",
        [
            option(one.number, f"{book.measure(one)}（{book.name(one.draft.subject)}）")
            for one in kept.decisions
            if not one.withdrawn
        ],
    )
    yield "recommendation", [option(one.number, book.called(one.unit)) for one in kept.recommendations]
    yield (
        "rectification",
        [option(one.number, book.called(one.unit)) for one in kept.rectifications if one.done_at is None],
    )
    yield (
        "notice",
        [option(one.number, one.scope.label) for one in kept.notices if one.published_at is None],
    )


for _command in dossier_commands():
    _kind = RULES[_command].kind
    _path = f"/dossiers/{{dossier_no}}/commands/{_kind}"
    router.add_api_route(_path, _ask(_kind, _command), methods=["GET"], operation_id=f"dossiers_{_kind}")
    router.add_api_route(_path, _take(_kind, _command), methods=["POST"], operation_id=f"dossiers_{_kind}")
