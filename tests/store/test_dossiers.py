"""The ledger of accountability files: appended once, kept apart, and shown to whom it may be shown."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from fixtures.cases import TEXT
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError
from unit.dossiers import (
    DEPUTY,
    DISMISSAL,
    FIRST,
    NUMBER,
    OTHER_DEPUTY,
    PERSON,
    PRINCIPAL,
    UNIT,
    Dossier,
    closed,
    deciding,
    officer,
    planned,
    proposed,
    served,
)
from unit.lives import at as at_time

from hotline.accountability import commands as c
from hotline.accountability.decide import SYSTEM_OFFICER
from hotline.accountability.facts import ClueRegistered
from hotline.accountability.measures import LeadingCadreAccountability
from hotline.accountability.secrecy import may_know
from hotline.accountability.state import ClueRegistration, Officer, OrganisationSubject
from hotline.accountability.statistics import counts_of
from hotline.accountability.vocabulary import (
    Disposal,
    DossierStage,
    Family,
    LeadingCadreMeasure,
    Level,
    Remedy,
    RemedyOutcome,
)
from hotline.identifiers import CaseNo, DossierNo, PersonId, UnitCode
from runtime.keyring import Keyring
from store import dossiers as store
from store.clues import ClueRequest, proposed_by_ladders, register_clue
from store.engine import Database
from store.failures import LedgerConflict, LedgerGap
from store.tables.accountability import dossier_facts
from store.tables.casework import facts

KEYRING = Keyring.generate()
OTHER = DossierNo("WZ2026000002")
DAY = date(2026, 6, 1)


async def bring(database: Database, life: Dossier) -> None:
    async with database.write() as session:
        await store.project(session, life.state.dossier_no, life.facts)


async def test_facts_come_back_as_they_were_decided_and_their_chain_holds(database: Database) -> None:
    life = closed()
    await bring(database, life)
    async with database.read() as session:
        assert await store.facts_of(session, NUMBER) == tuple(life.facts)
        assert await store.dossier(session, NUMBER, FIRST) == life.state
        assert await store.verify_chain(session, NUMBER) is None


async def test_hash_of_a_ledger_is_the_one_that_earlier_releases_stored(database: Database) -> None:
    """A decision with several forms, which are a set: its JSON is hashed in one order, in every process."""
    forms = frozenset(
        {LeadingCadreMeasure.CIRCULAR, LeadingCadreMeasure.ADMONITION, LeadingCadreMeasure.POSTING}
    )
    await bring(database, proposed(LeadingCadreAccountability(forms=forms)))
    async with database.read() as session:
        last = await session.scalar(
            select(dossier_facts.c.hash).order_by(dossier_facts.c.seq.desc()).limit(1)
        )
    assert last is not None
    assert last.hex() == "e27c7819b65d0bd699e5a2d6271686ebf53cc1bbb5bb5629cfc5ec4d6cc48498"


async def test_facts_that_come_twice_or_in_parts_are_appended_once(database: Database) -> None:
    life = served()
    async with database.write() as session:
        await store.project(session, NUMBER, life.facts[:5])
    await bring(database, life)
    await bring(database, life)
    async with database.read() as session:
        assert await store.facts_of(session, NUMBER) == tuple(life.facts)


async def test_gap_and_contradiction_are_refused_and_write_nothing(database: Database) -> None:
    life = Dossier()
    with pytest.raises(LedgerGap):
        async with database.write() as session:
            await store.project(session, NUMBER, life.facts[1:])
    await bring(database, life)
    other = life.facts[0].model_copy(update={"at": life.now + timedelta(seconds=1)})
    with pytest.raises(LedgerConflict):
        async with database.write() as session:
            await store.project(session, NUMBER, [other])
    async with database.read() as session:
        assert await store.facts_of(session, NUMBER) == tuple(life.facts)


@pytest.mark.parametrize(
    "change", ["UPDATE dossier_facts SET seq = 9", "DELETE FROM dossier_facts", "TRUNCATE dossier_facts"]
)
async def test_not_even_the_owner_changes_the_ledger(as_owner: Database, change: str) -> None:
    await bring(as_owner, Dossier())
    with pytest.raises(DBAPIError):
        async with as_owner.write() as session:
            await session.execute(text(change))


async def test_altered_fact_breaks_the_chain(as_owner: Database) -> None:
    await bring(as_owner, Dossier())
    async with as_owner.write() as session:
        await session.execute(text("ALTER TABLE dossier_facts DISABLE TRIGGER ALL"))
        await session.execute(update(dossier_facts).values(command_id="command-x"))
        await session.execute(text("ALTER TABLE dossier_facts ENABLE TRIGGER ALL"))
    async with as_owner.read() as session:
        broken = await store.verify_chain(session, NUMBER)
    assert broken is not None
    assert (broken.seq, broken.problem) == (1, "altered")


async def test_read_rows_are_made_again_from_the_ledger(as_owner: Database) -> None:
    life = closed()
    await bring(as_owner, life)
    async with as_owner.write() as session:
        await session.execute(text("TRUNCATE dossiers, sanctions"))
        assert await store.rebuild(session, NUMBER) == life.state
    async with as_owner.read() as session:
        assert await store.dossier(session, NUMBER, FIRST) == life.state
        assert len(await store.record_of(session, PERSON.person, FIRST)) == 1


# ── who may know ────────────────────────────────────────────────────────────────────────────────

SHUIWU = UnitCode("shuiwu")


@pytest.mark.parametrize(
    "asking",
    [
        FIRST,
        SYSTEM_OFFICER,
        officer("head-1", Level.PRINCIPAL),
        officer("insider", Level.PRINCIPAL, unit=UNIT),
        officer("outsider", Level.PRINCIPAL, unit=SHUIWU),
        officer("stationed", Level.OFFICER, supervises=(UNIT, SHUIWU)),
        officer("elsewhere", Level.OFFICER, supervises=(SHUIWU,)),
        officer("nowhere", Level.OFFICER, supervises=()),
        officer("recused", Level.DEPUTY),
    ],
    ids=lambda asking: asking.user_id,
)
async def test_database_shows_a_dossier_to_whom_the_rule_does(database: Database, asking: Officer) -> None:
    life = deciding()
    life.then(c.RecuseOfficer(officer=officer("recused", Level.DEPUTY).user_id, reason=TEXT), DEPUTY)
    await bring(database, life)
    async with database.read() as session:
        page = await store.list_dossiers(session, asking, store.DossierFilters(stage=DossierStage.DECIDING))
        one = await store.dossier(session, NUMBER, asking)
    assert (one is not None) is bool(page.items) is may_know(asking, life.state)


# ── the record of a person ──────────────────────────────────────────────────────────────────────


async def test_record_of_a_person_spans_dossiers_and_tells_what_is_in_effect(database: Database) -> None:
    moved = PERSON.model_copy(update={"position": PERSON.position.model_copy(update={"unit": SHUIWU})})
    later = served(DISMISSAL, deciding(dossier_no=OTHER, subjects=(moved,)), subject=moved)
    await bring(database, closed())
    await bring(database, later)
    async with database.read() as session:
        record = await store.record_of(session, PERSON.person, FIRST)
        assert [(line.unit, line.family) for line in record] == [
            (UNIT, Family.ADMINISTRATIVE),
            (SHUIWU, Family.ADMINISTRATIVE),
        ]
        counts = [
            len(await store.in_effect(session, PERSON.person, day, FIRST))
            for day in (date(2026, 3, 1), DAY, date(2027, 3, 2), date(2027, 3, 3), date(2028, 3, 3))
        ]
        assert counts == [0, 2, 2, 1, 0]
        assert await store.in_effect(session, PersonId("p-9999"), DAY, FIRST) == ()
        insider = officer("insider", Level.PRINCIPAL, unit=UNIT)
        assert [line.unit for line in await store.record_of(session, PERSON.person, insider)] == [SHUIWU]


async def test_revoked_decision_is_in_nobodys_record(database: Database) -> None:
    life = served().then(c.FileAppeal(decision=1, remedy=Remedy.REVIEW, text=TEXT))
    revoke = c.DecideAppeal(decision=1, outcome=RemedyOutcome.REVOKED, reason=TEXT)
    await bring(database, life.then(revoke, OTHER_DEPUTY))
    async with database.read() as session:
        assert await store.in_effect(session, PERSON.person, DAY, PRINCIPAL) == ()
        assert await store.record_of(session, PERSON.person, PRINCIPAL) == ()


# ── what a ladder proposes ──────────────────────────────────────────────────────────────────────


async def test_last_rung_that_fired_is_found_until_it_has_a_clue(database: Database) -> None:
    number, at = CaseNo("261120103000010009"), at_time("2026-06-01 09:00")
    body = {"clock_id": "handling:1", "clock": "handling", "due_at": at.isoformat()}
    body |= {"tag": "clock:fired", "alarm": "accountability", "holder": "U120"}
    row = {"case_no": number, "at": at, "tag": "clock:fired", "actor_id": "system", "actor_role": "system"}
    row |= {"command_id": "command-0001", "prev_hash": b"", "hash": b""}
    async with database.write() as session:
        lines = [row | {"seq": 1, "body": body}, row | {"seq": 2, "body": body | {"alarm": "red_card"}}]
        await session.execute(insert(facts), lines)
    async with database.read() as session:
        [found] = await proposed_by_ladders(session, since=at)
        assert (found.case_no, found.unit) == (number, "U120")
        assert await proposed_by_ladders(session, since=at + timedelta(days=1)) == ()
    request = ClueRequest(principal="system", key=found.cause, digest="d", at=at, cause=found.cause)

    async def draw_up(number: DossierNo) -> ClueRegistration:
        told = Dossier().facts[0].body
        assert isinstance(told, ClueRegistered)
        return told.registration.model_copy(update={"dossier_no": number})

    async with database.write() as session:
        first = await register_clue(session, KEYRING, request, draw_up)
        again = await register_clue(session, KEYRING, request, draw_up)
        assert (first.dossier_no, again.replayed) == (again.dossier_no, True)
        other = await register_clue(session, KEYRING, replace(request, key="other", cause=None), draw_up)
    assert (first.dossier_no, other.dossier_no) == ("WZ2026000001", "WZ2026000002")
    async with database.read() as session:
        assert await proposed_by_ladders(session, since=at) == ()


# ── statistics 统计 ──────────────────────────────────────────────────────────────────────────────


async def test_statistics_count_what_an_officer_may_know_of_and_no_file_closed_before(
    database: Database,
) -> None:
    life = closed()
    away = planned(Disposal.TALK, dossier_no=OTHER, subjects=(OrganisationSubject(unit=SHUIWU),))
    await bring(database, life)
    await bring(database, away)
    begin, end = life.facts[0].at, away.now + timedelta(days=400)

    async def counted(asking: Officer, since: datetime) -> dict[str, list[str]]:
        async with database.read() as session:
            found = await store.countable(session, asking, since=since, until=end)
        counts = [one for file in found for one in counts_of(file)]
        return {
            number: [f"{one.figure}:{one.code}" for one in counts if one.dossier_no == number]
            for number in dict.fromkeys(one.dossier_no for one in counts)
        }

    of_away = ["source:false_closing", "disposal:talk"]
    both = await counted(FIRST, begin)
    assert both == {
        NUMBER: [
            "source:false_closing",
            "disposal:verification",
            "form:second",
            "family:administrative",
            "tolerance:none",
            "measure:administrative/demerit",
        ],
        OTHER: of_away,
    }
    stationed = officer("stationed", Level.OFFICER, supervises=(SHUIWU,))
    assert await counted(stationed, begin) == {OTHER: of_away}
    assert list(await counted(FIRST, life.now + timedelta(seconds=1))) == [OTHER]
