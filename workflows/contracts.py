"""What travels between a case, its activities and its callers (契约).

One model goes in and one comes out of everything that Temporal carries, so that a field can be added
later without a new signature. Activities are named here and implemented elsewhere.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal, Self, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from temporalio import activity

from hotline.accountability.facts import DossierFact
from hotline.accountability.policy import DossierPolicy
from hotline.accountability.reporting import FileReport
from hotline.accountability.state import ClueRegistration, DossierState
from hotline.accountability.vocabulary import DossierStage, FileEvent
from hotline.case import CaseState, Registration
from hotline.effects import Effect
from hotline.facts import Fact
from hotline.identifiers import CaseNo, CommandId, DossierNo, LineNo
from hotline.model import Record
from hotline.policy import SharedPolicy
from hotline.problems.facts import ProblemFact
from hotline.problems.state import ProblemRegistration, ProblemState
from hotline.problems.vocabulary import ProblemStage
from hotline.vocabulary import Outcome, Phase, Status

PROJECTION_APPEND: Final = "projection.append"
DOSSIER_APPEND: Final = "dossiers.append"
FILE_REPORTS_APPEND: Final = "file_reports.append"
PROBLEM_APPEND: Final = "problems.append"
ROLLOUT_PAGE: Final = "rollout.page"
ROLLOUT_FINISH: Final = "rollout.finish"


def digest_of(message: BaseModel) -> str:
    """What tells two commands under one id apart: the hash of what was said, in canonical JSON.

    Without defaults, so that two releases agree on a command to which the later one has added a field: while a city
    upgrades, one of them sends and the other decides.
    """
    return _hashed(_said(message))


DIGEST_UNKNOWN: Final = ""
"""Of a command that the ledger knows by its id alone: whoever brings that id again is believed."""


def is_digest_of(digest: str, message: BaseModel) -> bool:
    """Whether a receipt under this digest was given for this message; those of before 2026-11-22 are with defaults."""
    return digest in {DIGEST_UNKNOWN, digest_of(message)} or digest == _hashed(
        message.model_dump(mode="json")
    )


# Any: whatever a message is made of.
def _said(value: Any) -> Any:
    match value:
        case BaseModel():
            fields = type(value).model_fields.items()
            return {
                name: _said(getattr(value, name)) for name, field in fields if _counts(value, name, field)
            }
        case tuple() | list():
            return [_said(one) for one in value]
        case Mapping():
            return {key: _said(one) for key, one in value.items()}
    return value


def _counts(message: BaseModel, name: str, field: FieldInfo) -> bool:
    """Whether a field says something: a tag does, though it is the default of its own class."""
    is_tag = get_origin(field.annotation) is Literal
    return is_tag or getattr(message, name) != field.get_default(call_default_factory=True)


def _hashed(content: Any) -> str:
    canonical = json.dumps(
        content, default=_canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def state_digest(state: CaseState) -> str:
    """What two equal states have in common: instants count, not the zone in which they are written.

    Without defaults, so that a field which a later release adds leaves the digests of earlier ends valid.
    """
    return _hashed(state.model_dump(exclude_defaults=True))


# Whatever JSON has no form for.
def _canonical(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value // timedelta(microseconds=1)
        case frozenset():
            return sorted(value)
    message = f"no canonical form for {type(value).__name__}"
    raise TypeError(message)


class Receipt(Record):
    """What a caller gets for a command (回执): where the case stands once its facts are in the ledger."""

    command_id: CommandId
    command_digest: str
    case_no: CaseNo
    version: int
    status: Status
    phase: Phase
    next_due_at: datetime | None = None

    @classmethod
    def of(cls, state: CaseState, command_id: CommandId, digest: str) -> Self:
        """Where a case stands, as an answer to a command."""
        return cls(
            command_id=command_id,
            command_digest=digest,
            case_no=state.case_no,
            version=state.version,
            status=state.status,
            phase=state.phase,
            next_due_at=state.next_due_at,
        )


class Answer(Receipt):
    """A receipt with the facts that the ledger has not yet: whoever asked writes them there before anybody is told."""

    facts: tuple[Fact, ...] = ()

    @classmethod
    def with_facts(cls, receipt: Receipt, facts: tuple[Fact, ...]) -> Self:
        """A receipt, and what is to be written before it is given."""
        return cls(**dict(receipt), facts=facts)


class Errand(Record):
    """An effect on its way to another case, and when it is tried next."""

    effect: Effect
    attempts: int = 0
    not_before: datetime


class CarriedCase(Record):
    """Everything that crosses from one run of a case to the next. `form` counts its incompatible shapes.

    `heard` is what accountability files told of themselves: beside the state, which everybody at the case sees.
    """

    form: Literal[1] = 1
    state: CaseState
    decided_at: datetime
    receipts: tuple[Receipt, ...] = ()
    unprojected: tuple[Fact, ...] = ()
    errands: tuple[Errand, ...] = ()
    heard: tuple[FileReport, ...] = ()


class CaseInput(Record):
    """What a run of a case starts from: the policy in force then and, after the first run, what was carried.

    `ledger_seen` is that of a command (hotline/commands.py): whoever registers a case and names it writes its first facts.
    """

    registration: Registration
    policy: SharedPolicy
    carried: CarriedCase | None = None
    ledger_seen: int | None = None


class CaseEnd(Record):
    """What remains of a finished case in Temporal; the ledger is its record.

    The digest of its last state lets an audit compare the two without replaying the history; ends of
    before it was kept have none.
    """

    case_no: CaseNo
    version: int
    status: Status
    outcome: Outcome | None
    closed_at: datetime | None
    state_digest: str | None = None


class ProjectionBatch(Record):
    """Facts of one case for the ledger, consecutive and in order."""

    case_no: CaseNo
    facts: tuple[Fact, ...]


class ProjectionContract:
    """The ledger as a case knows it."""

    @activity.defn(name=PROJECTION_APPEND)
    async def append(self, batch: ProjectionBatch) -> None:
        """Write facts and read rows; idempotent by case and sequence number."""
        raise NotImplementedError


class Sweep(Record):
    """One walk over the living cases: how far it has come, and how many it had to leave for the next one."""

    began_at: datetime
    after: CaseNo | None = None
    left: int = 0


class RolloutInput(Record):
    """What a run of a rollout starts from: the revision and, after the first run, where it stood."""

    revision: str
    started_at: datetime | None = None
    sweep: Sweep | None = None


class PageOrder(Record):
    """The next page of living cases that a revision has not reached."""

    revision: str
    after: CaseNo | None = None


class PageDone(Record):
    """What became of a page: its last case (none: nothing came after), and how many must be tried again.

    `awaited` tells that a case registered under another revision is still on its way to the engine,
    `overtaken` that another revision is in force, so that this one must not reach any more cases.
    """

    last: CaseNo | None = None
    left: int = 0
    awaited: bool = False
    overtaken: bool = False


class RolloutEnd(Record):
    """How a rollout ended: every living case was reached, or another revision overtook it."""

    revision: str
    overtaken: bool = False


class RolloutContract:
    """The living cases as a rollout knows them."""

    @activity.defn(name=ROLLOUT_PAGE)
    async def page(self, order: PageOrder) -> PageDone:
        """Bring a revision to one page of cases; cases that have it are not in the page."""
        raise NotImplementedError

    @activity.defn(name=ROLLOUT_FINISH)
    async def finish(self, end: RolloutEnd) -> None:
        """Note the end, once."""
        raise NotImplementedError


# ── accountability 追责问责 ─────────────────────────────────────────────────────────────────────


class DossierReceipt(Record):
    """What a caller gets for a command on a dossier: where it stands once its facts are in the ledger."""

    command_id: CommandId
    command_digest: str
    dossier_no: DossierNo
    version: int
    stage: DossierStage
    next_due_at: datetime | None = None

    @classmethod
    def of(cls, state: DossierState, command_id: CommandId, digest: str) -> Self:
        """Where a dossier stands, as an answer to a command."""
        return cls(
            command_id=command_id,
            command_digest=digest,
            dossier_no=state.dossier_no,
            version=state.version,
            stage=state.stage,
            next_due_at=state.next_due_at,
        )


class CarriedDossier(Record):
    """Everything that crosses from one run of a dossier to the next. `form` counts its incompatible shapes.

    `reported` is what its cases have been told.
    """

    form: Literal[1] = 1
    state: DossierState
    decided_at: datetime
    receipts: tuple[DossierReceipt, ...] = ()
    unwritten: tuple[DossierFact, ...] = ()
    reported: tuple[FileEvent, ...] = ()


class DossierInput(Record):
    """What a run of a dossier starts from; the policy stays the one under which it was registered.

    `reports` says that this run reports to its cases. Histories of runs that began before any did replay without
    it; such a dossier continues as new at its next step, and then tells all of it.
    """

    registration: ClueRegistration
    policy: DossierPolicy
    carried: CarriedDossier | None = None
    reports: bool = False


class DossierBatch(Record):
    """Facts of one dossier for its ledger, consecutive and in order."""

    dossier_no: DossierNo
    facts: tuple[DossierFact, ...]


class DossierLedgerContract:
    """The ledger of dossiers as their workflow knows it."""

    @activity.defn(name=DOSSIER_APPEND)
    async def append(self, batch: DossierBatch) -> None:
        """Write facts and read rows; idempotent by dossier and sequence number."""
        raise NotImplementedError


class FileReportBatch(Record):
    """Reports of files to cases, for the table beside the cases' ledgers."""

    reports: tuple[FileReport, ...]


class FileReportContract:
    """That table, as cases and files know it."""

    @activity.defn(name=FILE_REPORTS_APPEND)
    async def append(self, batch: FileReportBatch) -> None:
        """Write what is not there yet; idempotent by case, reference and event."""
        raise NotImplementedError


# ── repeat problems 重复性问题台账 ──────────────────────────────────────────────────────────────


class ProblemReceipt(Record):
    """What a caller gets for a command on a line: where it stands once its facts are in the ledger."""

    command_id: CommandId
    command_digest: str
    line_no: LineNo
    version: int
    stage: ProblemStage
    next_due_at: datetime | None = None

    @classmethod
    def of(cls, state: ProblemState, command_id: CommandId, digest: str) -> Self:
        """Where a line stands, as an answer to a command."""
        return cls(
            command_id=command_id,
            command_digest=digest,
            line_no=state.line_no,
            version=state.version,
            stage=state.stage,
            next_due_at=state.next_due_at,
        )


class CarriedProblem(Record):
    """Everything that crosses from one run of a line to the next. `form` counts its incompatible shapes."""

    form: Literal[1] = 1
    state: ProblemState
    decided_at: datetime
    receipts: tuple[ProblemReceipt, ...] = ()
    unwritten: tuple[ProblemFact, ...] = ()


class ProblemInput(Record):
    """What a run of a line starts from; the policy stays the one under which it was opened."""

    registration: ProblemRegistration
    policy: SharedPolicy
    carried: CarriedProblem | None = None


class ProblemBatch(Record):
    """Facts of one line for its ledger, consecutive and in order."""

    line_no: LineNo
    facts: tuple[ProblemFact, ...]


class ProblemLedgerContract:
    """The ledger of lines as their workflow knows it."""

    @activity.defn(name=PROBLEM_APPEND)
    async def append(self, batch: ProblemBatch) -> None:
        """Write facts and read rows; idempotent by line and sequence number."""
        raise NotImplementedError
