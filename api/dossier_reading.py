"""Reading accountability files (案卷查阅): what one may know of, with texts and names, and never without a trace."""

from datetime import date

from api.dossier_desk import require_dossier
from api.dossier_views import (
    AccusedPage,
    AccusedView,
    CircularPage,
    CircularView,
    DossierFactPage,
    DossierFactView,
    DossierLine,
    DossierPageView,
    DossierView,
    FilesOfCase,
    PeriodPage,
    PeriodView,
    RecordView,
    persons_of,
)
from api.officers import officer_of
from api.services import Services
from api.sight import visible_case
from hotline.accountability.state import DossierState, Officer
from hotline.case import Actor, TextRef
from hotline.identifiers import CaseNo, DossierNo, PersonId, UnitCode
from hotline.vocabulary import Role, TrailEvent
from store.accounts import User
from store.accused import names_of
from store.dossiers import DossierFilters, facts_of, in_effect, list_circulars, list_dossiers, record_of
from store.engine import ReadSession
from store.file_reports import every_report_to, reports_to
from store.sanctioned import list_accused, list_periods
from store.trail import TrailEntry, record
from store.vault import read_texts, refs_in


async def dossier_page(
    services: Services, officer: Officer, filters: DossierFilters, *, cursor: str | None, limit: int
) -> DossierPageView:
    """One page of the files that an officer may know of."""
    async with services.database.read() as session:
        page = await list_dossiers(session, officer, filters, cursor=cursor, limit=limit)
    now = services.now()
    lines = [DossierLine.of(state, officer, now) for state in page.items]
    return DossierPageView(items=lines, next_cursor=page.next_cursor)


async def dossier_view(services: Services, actor: Actor, officer: Officer, number: DossierNo) -> DossierView:
    """One file, whole; that it was read is recorded before anybody reads it."""
    async with services.database.write() as session:
        state = await require_dossier(session, number, officer)
        view = DossierView.whole(
            state,
            officer,
            texts=await _texts(services, session, list(refs_in(state))),
            names=await names_of(session, services.keyring, persons_of(state)),
            now=services.now(),
        )
        await record(session, _read(services, actor, state))
    return view


async def dossier_facts(
    services: Services, actor: Actor, officer: Officer, number: DossierNo
) -> DossierFactPage:
    """The whole ledger of a file with its texts; that it was read is recorded."""
    async with services.database.write() as session:
        state = await require_dossier(session, number, officer)
        facts = await facts_of(session, number)
        refs = [ref for fact in facts for ref in refs_in(fact.body)]
        page = DossierFactPage(
            items=[DossierFactView.of(fact) for fact in facts],
            texts=await _texts(services, session, refs),
        )
        await record(session, _read(services, actor, state))
    return page


async def person_record(
    services: Services, actor: Actor, officer: Officer, person: PersonId, on: date
) -> RecordView:
    """Everything decided against a person and what of it is in effect on a day; recorded like a reading."""
    async with services.database.write() as session:
        rows = await record_of(session, person, officer)
        running = await in_effect(session, person, on, officer)
        known, _ = await list_accused(session, officer, on, person=person, limit=1)
        names = await names_of(session, services.keyring, [one.person for one in known])
        entry = TrailEntry(at=services.now(), event=TrailEvent.RECORD_READ, actor=actor, subject=person)
        await record(session, entry)
    return RecordView.of(person, on, rows, running, names.get(person))


async def period_page(
    services: Services,
    actor: Actor,
    officer: Officer,
    on: date,
    *,
    running: bool | None,
    cursor: str | None,
    limit: int,
) -> PeriodPage:
    """One page of the periods of effect, with the names of those concerned; recorded like a reading."""
    async with services.database.write() as session:
        rows, following = await list_periods(
            session, officer, on, running=running, cursor=cursor, limit=limit
        )
        names = await names_of(session, services.keyring, {row.person for row in rows})
        await record(session, _names_read(services, actor, len(names)))
    return PeriodPage(on=on, items=[PeriodView.at(row, on, names) for row in rows], next_cursor=following)


async def accused_page(
    services: Services,
    actor: Actor,
    officer: Officer,
    on: date,
    *,
    unit: UnitCode | None,
    cursor: str | None,
    limit: int,
) -> AccusedPage:
    """One page of the people whom files are about, with their names; recorded like a reading."""
    async with services.database.write() as session:
        rows, following = await list_accused(session, officer, on, unit=unit, cursor=cursor, limit=limit)
        names = await names_of(session, services.keyring, [row.person for row in rows])
        await record(session, _names_read(services, actor, len(names)))
    return AccusedPage(on=on, items=[AccusedView.of(row, names) for row in rows], next_cursor=following)


def _names_read(services: Services, actor: Actor, persons: int) -> TrailEntry:
    return TrailEntry(
        at=services.now(), event=TrailEvent.RECORD_READ, actor=actor, detail={"persons": persons}
    )


async def files_of_case(services: Services, user: User, case_no: CaseNo) -> FilesOfCase:
    """What a case was told of the files that came of it: of those that an officer may know of, and to an auditor of all.

    Raises 404 if there is no such case for them. Without a file, and without one they may know of, it is empty.
    """
    async with services.database.read() as session:
        await visible_case(session, user.actor, case_no)
        if user.role is Role.AUDITOR:
            return FilesOfCase.of(await every_report_to(session, case_no))
        return FilesOfCase.of(await reports_to(session, case_no, await officer_of(session, user)))


async def circular_page(services: Services, *, cursor: str | None, limit: int) -> CircularPage:
    """What anybody may read: the approved words, and when they were published."""
    async with services.database.read() as session:
        found, following = await list_circulars(session, cursor=cursor, limit=limit)
        texts = await _texts(services, session, [one.text for one in found])
    items = [
        CircularView(circular_id=one.circular_id, text=texts[one.text.text_id], published_at=one.published_at)
        for one in found
    ]
    return CircularPage(items=items, next_cursor=following)


async def _texts(services: Services, session: ReadSession, refs: list[TextRef]) -> dict[str, str]:
    opened = await read_texts(session, services.keyring, refs)
    return {str(text_id): text for text_id, text in opened.items()}


def _read(services: Services, actor: Actor, state: DossierState) -> TrailEntry:
    return TrailEntry(
        at=services.now(), event=TrailEvent.DOSSIER_READ, actor=actor, subject=state.reference or None
    )
