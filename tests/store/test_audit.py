"""An honest database has no findings, and each kind of damage has its own."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from anchor_hands import MIDNIGHT, anchor_days, tamper
from fixtures.ledger import append
from sqlalchemy import text
from store_hands import NOW, adopt, bring, complaint, submission, take_in
from unit import lives, problem_lives
from unit.dossiers import served
from unit.lives import Life

from hotline.accountability.commands import ProposePublication, PublishNotice
from hotline.accountability.vocabulary import PublicationScope
from hotline.case import EvidenceRef
from hotline.commands import ReopenCase
from hotline.facts import CaseClosed, ClockStopped
from hotline.identifiers import CaseNo, DossierNo, LineNo
from hotline.vocabulary import EvidenceKind, Outcome, Status
from runtime.keyring import Keyring
from runtime.signing import SigningKeys
from store import audit as audit_module
from store import dossiers, problems
from store.audit import Check, Finding, audit
from store.engine import Database
from store.evidence import EvidenceFile, Sealed, add_evidence, evidence_id, uploaded_by
from store.projection import rebuild
from store.tallies import tally_changed
from store.vault import store_text

GRACE_FOR = timedelta(minutes=5)
KEYS = SigningKeys.generate()


async def _audit(database: Database, now: datetime) -> list[Finding]:
    found = audit(database, now=now, grace_for=GRACE_FOR, verify=KEYS.verify)
    return [finding async for finding in found]


async def _checks(database: Database, life: Life) -> set[Check]:
    return {finding.check for finding in await _audit(database, life.now)}


@pytest.fixture
async def books(database: Database, keyring: Keyring) -> Database:
    """A database that has the one text to which all lives refer."""
    async with database.write() as session:
        await store_text(
            session,
            keyring,
            text_id=lives.TEXT.text_id,
            case_no=lives.NUMBER,
            purpose="note",
            text="说明",
            at=NOW,
        )
    return database


def _reopened(**fields: str) -> Life:
    life = lives.completed(**fields)
    life.then(ReopenCase(new_facts=lives.TEXT, relapse=True), lives.DISPATCHER, after=timedelta(hours=1))
    return life.wait(timedelta(hours=1))


STAGES: tuple[Callable[..., Life], ...] = (
    lives.registered,
    lives.contacted,
    lives.completed,
    lives.reworks_used_up,
    lives.unreached,
    _reopened,
)


async def test_honest_books_have_no_findings(
    books: Database, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "_BATCH", 2)
    now = lives.at("2026-03-03 16:00")
    for number, stage in enumerate(STAGES):
        await bring(books, stage(case_no=CaseNo(f"26030209000001{number:04}")).sleep_until(now))
    await adopt(books, await take_in(books, keyring, of=submission(at=now)), at=now)
    assert len(await anchor_days(books, KEYS, now)) == 1
    assert await _audit(books, now) == []


async def test_registration_without_a_workflow_is_found_after_the_grace(
    books: Database, keyring: Keyring
) -> None:
    receipt = await take_in(books, keyring, complaint())
    assert await _audit(books, NOW + GRACE_FOR) == []
    (finding,) = await _audit(books, NOW + GRACE_FOR + timedelta(seconds=1))
    assert (finding.check, finding.case_no) == (Check.NOT_ADOPTED, receipt.case_no)


async def test_adoption_without_facts_is_found(books: Database, keyring: Keyring) -> None:
    await take_in(books, keyring, complaint())
    async with books.write() as session:
        await session.execute(text("UPDATE intake SET adopted_at = received_at"))
    (finding,) = await _audit(books, NOW + timedelta(hours=1))
    assert finding.check is Check.ADOPTED_WITHOUT_FACTS


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM cases",
        "UPDATE cases SET status = 'archived'",
        "UPDATE cases SET next_due_at = next_due_at + interval '1 second'",
        "UPDATE cases SET state = state || '{\"rating\": 5}'",
        "DELETE FROM clocks WHERE stopped_at IS NOT NULL",
        "UPDATE clocks SET late = true WHERE stopped_at IS NOT NULL",
        "UPDATE holdings SET held_for = held_for + interval '1 second'",
        "INSERT INTO holdings SELECT case_no, 'U1', cause, held_for FROM holdings LIMIT 1",
    ],
)
async def test_row_that_the_ledger_does_not_tell_is_found(books: Database, damage: str) -> None:
    life = lives.contacted()
    await bring(books, life)
    assert await _checks(books, life) == set()
    async with books.write() as session:
        await session.execute(text(damage))
    assert await _checks(books, life) == {Check.READ_ROWS_DIFFER}


@pytest.mark.parametrize(
    "damage",
    ["DELETE FROM firings WHERE seq = (SELECT min(seq) FROM firings)", "UPDATE firings SET alarm = 'urge'"],
)
async def test_alarm_of_which_boards_tell_otherwise_than_the_ledger_is_found(
    books: Database, damage: str
) -> None:
    life = lives.contacted().sleep_until(lives.at("2026-03-11 10:00"))
    await bring(books, life)
    assert await _checks(books, life) == set()
    async with books.write() as session:
        await session.execute(text(damage))
    assert await _checks(books, life) == {Check.READ_ROWS_DIFFER}


@pytest.mark.parametrize(
    ("damage", "table"),
    [
        ("DELETE FROM tallies WHERE sheet = 'open'", "tallies"),
        ("UPDATE tallies SET number = number + 1 WHERE sheet = 'came'", "tallies"),
        ("UPDATE tallies SET longest = longest + 1 WHERE sheet = 'holds'", "tallies"),
        ("UPDATE holdings SET held_for = held_for + interval '1 second'", "tally_lines"),
    ],
)
async def test_sum_that_the_rows_do_not_come_to_is_found(books: Database, damage: str, table: str) -> None:
    life = lives.contacted()
    await bring(books, life)
    async with books.write() as session:
        assert await tally_changed(session)
    assert await _checks(books, life) == set()
    async with books.write() as session:
        await session.execute(text(damage))
    findings = await _audit(books, life.now)
    assert {finding.check for finding in findings} == {Check.READ_ROWS_DIFFER}
    assert table in {finding.detail.partition(":")[0] for finding in findings}


LATER = "'measures,measures_issued,in_charge,next_burden_at,joint,joints,accused_by_members,recused'"
"""Fields of a case's state that came after the first release."""


async def test_state_that_an_earlier_release_wrote_is_no_difference(books: Database) -> None:
    life = lives.contacted()
    await bring(books, life)
    async with books.write() as session:
        older = f"state - string_to_array({LATER}, ',')"
        older = f"jsonb_set({older}, '{{clocks}}', (SELECT jsonb_agg(c - 'skipped') FROM jsonb_array_elements(state->'clocks') c))"
        changed = await session.execute(text(f"UPDATE cases SET state = {older} RETURNING state ? 'joint'"))
        assert changed.scalar() is False
    assert await _checks(books, life) == set()
    async with books.write() as session:
        await session.execute(text("""UPDATE cases SET state = state || '{"rating": 5}'"""))
    assert await _checks(books, life) == {Check.READ_ROWS_DIFFER}


async def test_state_that_is_none_any_more_is_found_until_it_is_written_again(books: Database) -> None:
    life = lives.contacted()
    await bring(books, life)
    async with books.write() as session:
        await session.execute(text("UPDATE cases SET state = state - 'channel'"))
    assert await _checks(books, life) == {Check.READ_ROWS_DIFFER}
    async with books.write() as session:
        await rebuild(session, life.state.case_no)
    assert await _checks(books, life) == set()


async def test_broken_chain_is_found(books: Database, as_owner: Database) -> None:
    life = lives.contacted()
    await bring(books, life)
    async with as_owner.write() as session:
        await session.execute(text("ALTER TABLE facts DISABLE TRIGGER USER"))
        await session.execute(text("DELETE FROM facts WHERE seq = 2"))
    (finding,) = await _audit(books, life.now)
    assert finding.check is Check.CHAIN_BROKEN
    assert "entry 3" in finding.detail


async def test_missing_text_is_found(books: Database) -> None:
    life = lives.contacted()
    await bring(books, life)
    async with books.write() as session:
        await session.execute(text("DELETE FROM vault_texts"))
    (finding,) = await _audit(books, life.now)
    assert (finding.check, finding.detail) == (Check.TEXT_MISSING, lives.TEXT.text_id)


async def test_evidence_whose_file_is_gone_or_another_is_found(books: Database, keyring: Keyring) -> None:
    """A fact without a hash speaks of what is kept elsewhere, and nobody here can miss it."""
    life = lives.contacted()
    digest = "ab" * 32
    file = EvidenceFile(
        evidence_id=evidence_id(life.state.case_no, EvidenceKind.HANDLING, digest),
        case_no=life.state.case_no,
        kind=EvidenceKind.HANDLING,
        made_at=life.now,
        made_at_source="stated",
        media_type="image/jpeg",
        size=1,
        sha256=digest,
        uploaded_at=life.now,
        **uploaded_by(lives.HANDLER),
    )
    async with books.write() as session:
        await add_evidence(session, keyring, file, Sealed(object_name="a", object_key=b"k" * 32))
    ref = EvidenceRef(
        evidence_id=file.evidence_id, kind=EvidenceKind.HANDLING, made_at=life.now, sha256=digest
    )
    life.then(lives.reply(life.now, evidence=(ref, lives.evidence(life.now))), lives.HANDLER)
    await bring(books, life)
    assert await _checks(books, life) == set()
    for damage in ("UPDATE evidence SET sha256 = 'cd'", "DELETE FROM evidence"):
        async with books.write() as session:
            await session.execute(text(damage))
        (finding,) = await _audit(books, life.now)
        assert (finding.check, finding.detail) == (Check.EVIDENCE_DIFFERS, file.evidence_id)


async def test_alarm_that_did_not_fire_is_found_after_the_grace(books: Database) -> None:
    life = lives.registered()
    await bring(books, life)
    waiting = life.state.next_alarm
    assert waiting is not None
    assert await _audit(books, waiting[1].at + GRACE_FOR) == []
    (finding,) = await _audit(books, waiting[1].at + GRACE_FOR + timedelta(seconds=1))
    assert finding.check is Check.ALARM_NOT_FIRED
    assert waiting[0].clock_id in finding.detail


async def _append_by_hand(books: Database, life: Life, *bodies: ClockStopped | CaseClosed) -> None:
    """Put into the ledger what `decide` would never decide."""
    facts = list(life.facts)
    for body in bodies:
        facts.append(facts[-1].model_copy(update={"seq": len(facts) + 1, "body": body, "at": life.now}))
    async with books.write() as session:
        await append(session, life.state.case_no, facts)


async def test_open_case_without_a_clock_is_found(books: Database) -> None:
    life = lives.registered()
    stops = [
        ClockStopped(
            clock_id=clock.clock_id,
            clock=clock.kind,
            holder=clock.holder,
            due_at=clock.due_at,
            reason="met",
            late=False,
        )
        for clock in life.state.clocks
    ]
    await _append_by_hand(books, life, *stops)
    assert Check.NO_OBLIGATION in await _checks(books, life)


async def test_case_that_ended_twice_is_found(books: Database) -> None:
    life = lives.completed()
    again = CaseClosed(status=Status.TERMINATED, outcome=Outcome.TERMINATED)
    await _append_by_hand(books, life, again)
    assert Check.NOT_ONE_END in await _checks(books, life)


async def test_time_that_nobody_held_is_found(books: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    life = lives.contacted()
    await bring(books, life)
    monkeypatch.setattr(audit_module, "holdings_at", lambda state, _: state.holdings)
    assert await _checks(books, life) == {Check.TIME_UNACCOUNTED}


async def _anchored(books: Database) -> Life:
    life = lives.contacted()
    await bring(books, life)
    await anchor_days(books, KEYS, MIDNIGHT)
    await anchor_days(books, KEYS, MIDNIGHT + timedelta(days=1))
    assert await _audit(books, life.now) == []
    return life


async def test_old_fact_that_was_rewritten_with_its_whole_chain_is_found_by_the_anchor(
    books: Database, as_owner: Database
) -> None:
    """Who owns the database can make a chain that holds; what was signed before they cannot make."""
    life = await _anchored(books)
    forged = [
        fact.model_copy(update={"actor": lives.REVIEWER}) if fact.seq == 3 else fact for fact in life.facts
    ]
    await tamper(as_owner, "facts", "DELETE FROM facts")
    async with as_owner.write() as session:
        await append(session, life.state.case_no, forged)
    found = await _audit(books, life.now)
    assert (Check.NOT_AS_ANCHORED, life.state.case_no) in {(each.check, each.case_no) for each in found}
    assert Check.CHAIN_BROKEN not in {each.check for each in found}


@pytest.mark.parametrize(
    ("table", "damage", "check"),
    [
        ("facts", "DELETE FROM facts", Check.NOT_AS_ANCHORED),
        ("anchors", "UPDATE anchors SET cases = 2 WHERE number = 1", Check.ANCHOR_BROKEN),
        ("anchors", "UPDATE anchors SET signature = root WHERE number = 1", Check.ANCHOR_BROKEN),
        ("anchors", "DELETE FROM anchors WHERE number = 1", Check.ANCHOR_BROKEN),
        ("anchors", "DELETE FROM anchors WHERE number = 2", Check.ANCHOR_BROKEN),
        ("anchor_leaves", "DELETE FROM anchor_leaves", Check.ANCHOR_BROKEN),
        ("anchor_leaves", "UPDATE anchor_leaves SET seq = seq - 1", Check.ANCHOR_BROKEN),
        ("trail", "DELETE FROM trail WHERE seq = 1", Check.TRAIL_BROKEN),
        ("trail", "UPDATE trail SET detail = '{}' WHERE seq = 1", Check.TRAIL_BROKEN),
        ("trail", "DELETE FROM trail", Check.ANCHOR_BROKEN),
    ],
)
async def test_damage_to_what_was_signed_is_found(
    books: Database, as_owner: Database, table: str, damage: str, check: Check
) -> None:
    life = await _anchored(books)
    await tamper(as_owner, table, damage)
    assert check in await _checks(books, life)


async def test_anchor_under_a_key_of_somebody_else_is_found(books: Database) -> None:
    await bring(books, lives.contacted())
    await anchor_days(books, SigningKeys.generate(), MIDNIGHT)
    assert [finding.check for finding in await _audit(books, lives.at("2026-03-02 10:00"))] == [
        Check.ANCHOR_BROKEN
    ]


# ── files and lines ─────────────────────────────────────────────────────────────────────────────

FILE, LINE = DossierNo("WZ2026000001"), LineNo("CF2026000001")


async def _files_and_lines(books: Database) -> None:
    """A file with a decision in a person's record and a published notice, and a line that is cleared."""
    file, line = served(), problem_lives.cleared()
    file.then(ProposePublication(decision=1, scope=PublicationScope.PUBLIC, text=lives.TEXT)).approve()
    file.then(PublishNotice(notice=1))
    assert (file.state.dossier_no, line.state.line_no) == (FILE, LINE)
    async with books.write() as session:
        await dossiers.project(session, FILE, file.facts)
        await problems.project(session, LINE, line.facts)
    assert await _audit(books, NOW) == []


@pytest.mark.parametrize(
    ("table", "damage", "check", "detail"),
    [
        ("dossier_facts", "DELETE FROM dossier_facts WHERE seq = 2", Check.CHAIN_BROKEN, "entry 2"),
        ("dossier_facts", "UPDATE dossier_facts SET tag = 'x' WHERE seq = 1", Check.CHAIN_BROKEN, "entry 1"),
        ("dossier_facts", "DELETE FROM dossier_facts", Check.CHAIN_BROKEN, "its ledger is gone"),
        ("dossier_facts", "DELETE FROM dossier_facts WHERE seq > 3", Check.READ_ROWS_DIFFER, "dossiers"),
        ("dossiers", "UPDATE dossiers SET units = '{}'", Check.READ_ROWS_DIFFER, "dossiers"),
        ("dossiers", "DELETE FROM dossiers", Check.READ_ROWS_DIFFER, "dossiers"),
        ("sanctions", "DELETE FROM sanctions", Check.READ_ROWS_DIFFER, "sanctions"),
        ("circulars", "UPDATE circulars SET scope = 'internal'", Check.READ_ROWS_DIFFER, "circulars"),
    ],
)
async def test_damage_to_an_accountability_file_is_found_under_its_number(
    books: Database, as_owner: Database, table: str, damage: str, check: Check, detail: str
) -> None:
    await _files_and_lines(books)
    await tamper(as_owner, table, damage)
    found = await _audit(books, NOW)
    assert {(each.check, each.dossier_no, each.line_no) for each in found} == {(check, FILE, None)}
    assert any(each.detail.startswith(detail) for each in found)


@pytest.mark.parametrize(
    ("table", "damage", "check", "detail"),
    [
        (
            "problem_facts",
            "UPDATE problem_facts SET command_id = 'x' WHERE seq = 3",
            Check.CHAIN_BROKEN,
            "entry 3",
        ),
        ("problem_facts", "DELETE FROM problem_facts", Check.CHAIN_BROKEN, "its ledger is gone"),
        ("problems", "UPDATE problems SET round = 9", Check.READ_ROWS_DIFFER, "problems"),
        ("problems", "DELETE FROM problems", Check.READ_ROWS_DIFFER, "problems"),
    ],
)
async def test_damage_to_a_line_of_repeat_problems_is_found_under_its_number(
    books: Database, as_owner: Database, table: str, damage: str, check: Check, detail: str
) -> None:
    await _files_and_lines(books)
    await tamper(as_owner, table, damage)
    [found] = await _audit(books, NOW)
    assert (found.check, found.line_no, found.dossier_no) == (check, LINE, None)
    assert found.detail.startswith(detail)
