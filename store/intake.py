"""Registering (登记): one transaction that needs PostgreSQL alone gives a case its number.

The intake row is the outbox of architecture.md §3 h: whatever no workflow has adopted yet, the relay
brings to one. The same key brings the same receipt, however often and from however many sides it comes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import Field
from sqlalchemy import Row, and_, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from hotline.case import Actor, Registration
from hotline.identifiers import CaseNo, case_no
from hotline.model import Record
from hotline.policy import PolicySnapshot
from hotline.refusals import GuardFailed, KeyReused
from hotline.vocabulary import CHANNEL_CODE, Element
from store.engine import ReadSession, WriteSession
from store.failures import DatabaseBusy
from store.intake_request import IntakeRequest
from store.persons import BELONGS, Cipher, person_of, person_row
from store.repeats import Matter, Repeat, look_up
from store.retrieval import code_hash, new_code, open_code, seal_code
from store.search import FINDABLE, entry_row
from store.tables.casework import case_sequence
from store.tables.registration import intake
from store.vault import CALLED, CONTENT, IMPORTED_REPLY, SAID, TITLE, caller_hash, caller_row, text_rows

__all__ = [
    "IntakeReceipt",
    "IntakeRequest",
    "SourceNumberExists",
    "Submission",
    "Unadopted",
    "mark_adopted",
    "receipt_of_key",
    "register",
    "registration_of",
    "unadopted",
]

_ATTEMPTS: Final = 20
"""Numbers collide when one second of one channel sees 10,000 of them; imports of old dates come close."""

_CLOCK_SKEW_FOR: Final = timedelta(minutes=5)

# Built once, as every registration says them.
_OF_KEY: Final = select(intake).where(
    and_(intake.c.principal == bindparam("of"), intake.c.key_hash == bindparam("key"))
)
_NEXT: Final = select(case_sequence.next_value())
_CLAIM: Final = insert(intake).on_conflict_do_nothing().returning(intake.c.case_no)
_KEEP: Final = FINDABLE.add_cte(BELONGS, CALLED, SAID)


@dataclass(frozen=True, slots=True)
class Submission:
    """Who registers, when, under which policy and which idempotency key.

    Keys of different principals never meet; a principal is the account unless an endpoint says otherwise.
    """

    actor: Actor
    key: str
    at: datetime
    policy: PolicySnapshot
    principal: str = ""

    @property
    def of(self) -> str:
        """The principal to whom the key belongs."""
        return self.principal or self.actor.user_id


class IntakeReceipt(Record):
    """What the caller is told (登记回执), and the registration that a workflow starts from."""

    case_no: CaseNo
    retrieval_code: str = Field(repr=False)
    registration: Registration
    replayed: bool = False
    adopted: bool = False


class Unadopted(Record):
    """A registered case that no workflow has taken on yet."""

    case_no: CaseNo
    registration: Registration
    received_at: datetime


class SourceNumberExists(GuardFailed):
    """The source's number is taken. Only who may see that case may be told its number."""

    def __init__(self, existing: CaseNo) -> None:
        super().__init__("source_number_exists", "该来源编号已登记", field="source_number")
        self.existing = existing


async def register(
    session: WriteSession, cipher: Cipher, request: IntakeRequest, submission: Submission
) -> IntakeReceipt:
    """Register a request, or return the receipt it already has.

    KeyReused: the key was used for another request. SourceNumberExists: another case came from there.
    GuardFailed: it claims to have been raised in the future.
    """
    digest = _digest(cipher, request)
    if earlier := await _earlier(session, cipher, submission, digest):
        return earlier
    _require_past(request, submission)
    draft = await _draft(session, cipher, request, submission, digest)
    for _ in range(_ATTEMPTS):
        number = await _next_number(session, draft)
        if await _claim(session, cipher, draft, number):
            await _keep(session, cipher, draft, number)
            return IntakeReceipt(
                case_no=number, retrieval_code=draft.code, registration=draft.registration(number)
            )
        # Key, source number or case number is taken, perhaps by somebody who came while this ran.
        if earlier := await _earlier(session, cipher, submission, digest):
            return earlier
        await _require_new_source(session, request)
    raise DatabaseBusy("no case number was free")


async def receipt_of_key(
    session: ReadSession, cipher: Cipher, *, principal: str, key: str
) -> IntakeReceipt | None:
    """Return the receipt that a key has brought before, for example to resume an import."""
    row = await _row_of_key(session, cipher, principal, key)
    return _receipt(cipher, row) if row else None


async def registration_of(session: ReadSession, number: CaseNo) -> Registration | None:
    """Return what a case was registered with."""
    stored = await session.scalar(select(intake.c.registration).where(intake.c.case_no == number))
    return None if stored is None else Registration.model_validate(stored)


async def unadopted(session: ReadSession, *, older_than: datetime, limit: int = 100) -> tuple[Unadopted, ...]:
    """Return cases that were taken in before an instant and still have no workflow, the oldest first."""
    found = await session.execute(
        select(intake.c.case_no, intake.c.registration, intake.c.received_at)
        .where(and_(intake.c.adopted_at.is_(None), intake.c.received_at < older_than))
        .order_by(intake.c.received_at, intake.c.case_no)
        .limit(limit)
    )
    return tuple(Unadopted.model_validate(dict(row)) for row in found.mappings())


async def mark_adopted(session: WriteSession, number: CaseNo, *, at: datetime) -> None:
    """Note that a workflow has the case; the first instant stays."""
    await session.execute(
        update(intake)
        .where(and_(intake.c.case_no == number, intake.c.adopted_at.is_(None)))
        .values(adopted_at=at)
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """A registration that lacks only its number."""

    request: IntakeRequest
    submission: Submission
    digest: str
    caller_hash: str | None
    repeat: Repeat
    code: str

    @property
    def raised_at(self) -> datetime:
        """When the citizen spoke; the clocks start when the hotline registers it (domain.md §1.3)."""
        return self.request.raised_at or self.submission.at

    def registration(self, number: CaseNo) -> Registration:
        request = self.request
        return Registration(
            case_no=number,
            registered_at=self.submission.at,
            registered_by=self.submission.actor,
            channel=request.channel,
            classification=request.classification,
            secret=request.secret,
            anonymous=request.anonymous,
            has_contact=request.has_contact,
            missing=tuple(_missing(request)),
            source_number=request.source_number,
            repeat_of=self.repeat.repeat_of,
            occurrence=self.repeat.occurrence,
            policy_revision=self.submission.policy.revision,
        )


async def _draft(
    session: WriteSession, cipher: Cipher, request: IntakeRequest, submission: Submission, digest: str
) -> _Draft:
    known_as = caller_hash(cipher, request.caller_phone)
    repeat = await look_up(
        session,
        cipher,
        Matter(known_as, request.category, request.area),
        at=request.raised_at or submission.at,
        window_for=timedelta(days=submission.policy.caps.repeat_window_days),
    )
    return _Draft(request, submission, digest, known_as, repeat, new_code())


def _missing(request: IntakeRequest) -> Iterable[Element]:
    """Without a way to reach the caller a case waits for one, unless they wish to stay unknown."""
    yield from request.missing
    if not request.has_contact and not request.anonymous and Element.CONTACT not in request.missing:
        yield Element.CONTACT


async def _next_number(session: WriteSession, draft: _Draft) -> CaseNo:
    sequence = await session.scalar(_NEXT)
    return case_no(draft.submission.at, CHANNEL_CODE[draft.request.channel], sequence)


async def _claim(session: WriteSession, cipher: Cipher, draft: _Draft, number: CaseNo) -> bool:
    """Take key, source number and case number at once, or none of them."""
    registration, submission = draft.registration(number), draft.submission
    row = {
        "case_no": number,
        "principal": submission.of,
        "key_hash": _key_hash(cipher, submission.key),
        "request_digest": draft.digest,
        "registration": registration.model_dump(mode="json"),
        "retrieval_hash": code_hash(cipher, number, draft.code),
        "retrieval_sealed": seal_code(cipher, number, draft.code),
        "source_number": registration.source_number,
        "caller_hash": draft.caller_hash,
        "category": registration.classification.category,
        "area": registration.classification.area,
        "raised_at": draft.raised_at,
        "received_at": submission.at,
    }
    return (await session.execute(_CLAIM, row)).first() is not None


async def _keep(session: WriteSession, cipher: Cipher, draft: _Draft, number: CaseNo) -> None:
    """Put everything personal into the vault, and make the texts findable. Nobody else knows of the number yet."""
    request, at = draft.request, draft.submission.at
    person_id, sealer = await person_of(session, cipher, draft.caller_hash, at=at)
    texts = {TITLE: request.title, CONTENT: request.content, IMPORTED_REPLY: request.reply}
    said = {purpose: text for purpose, text in texts.items() if text}
    kept = {
        "person_rows": [person_row(number, person_id)],
        "caller_rows": [caller_row(sealer, cipher, number, request.caller, at=at)],
        "text_rows": text_rows(sealer, cipher, number, said, at=at),
        "entry_rows": [entry_row(cipher, number, (request.title, request.content))],
    }
    await session.execute(_KEEP, kept)


async def _earlier(
    session: ReadSession, cipher: Cipher, submission: Submission, digest: str
) -> IntakeReceipt | None:
    row = await _row_of_key(session, cipher, submission.of, submission.key)
    if row is None:
        return None
    if row.request_digest != digest:
        raise KeyReused("key_reused", "同一幂等键已用于另一登记内容", field="Idempotency-Key")
    return _receipt(cipher, row)


# A row of intake.
async def _row_of_key(session: ReadSession, cipher: Cipher, principal: str, key: str) -> Row[Any] | None:
    found = await session.execute(_OF_KEY, {"of": principal, "key": _key_hash(cipher, key)})
    return found.one_or_none()


def _receipt(cipher: Cipher, row: Row[Any]) -> IntakeReceipt:
    return IntakeReceipt(
        case_no=row.case_no,
        retrieval_code=open_code(cipher, row.case_no, row.retrieval_sealed),
        registration=Registration.model_validate(row.registration),
        replayed=True,
        adopted=row.adopted_at is not None,
    )


async def _require_new_source(session: ReadSession, request: IntakeRequest) -> None:
    if request.source_number is None:
        return
    existing = await session.scalar(
        select(intake.c.case_no).where(intake.c.source_number == request.source_number)
    )
    if existing is not None:
        raise SourceNumberExists(existing)


def _require_past(request: IntakeRequest, submission: Submission) -> None:
    latest = submission.at + _CLOCK_SKEW_FOR
    if request.raised_at is not None and request.raised_at > latest:
        raise GuardFailed("raised_in_future", "提出时间不得晚于当前时间", field="raised_at")


def _digest(cipher: Cipher, request: IntakeRequest) -> str:
    # Keyed, because a plain hash of a phone number and a short text could be guessed; without defaults,
    # so that a field added by an upgrade does not turn a retry into another request.
    return cipher.match("request", request.model_dump_json(exclude_defaults=True))


def _key_hash(cipher: Cipher, key: str) -> str:
    # Callers write into their keys what they like, a phone number for instance.
    return cipher.match("idempotency-key", key)
