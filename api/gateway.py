"""The case gateway (工单网关): the only file that speaks to the Temporal client.

The API, the relays and the audit see cases and accountability files through it: a registration, a command, a
state. Whatever Temporal answers becomes a result, a refusal of the domain, or one of these:

    GatewayError
    ├── EngineUnavailable    nobody answered in time: try again later with the same key (503)
    ├── CaseNotAdopted       no workflow has this number: the relay will start it (503)
    ├── CaseArchived         the workflow has ended: the ledger is the record (409)
    ├── DossierNotAdopted    the same of an accountability file (503)
    ├── DossierArchived      the same of an accountability file (409)
    ├── LineFiled            a line of repeat problems has ended, in the same way (409)
    └── EngineFault          the engine or the workflow is at fault: a bug, and loud (500)

Failures are told apart by type and code, never by their text.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from google.protobuf.field_mask_pb2 import FieldMask
from pydantic import BaseModel
from temporalio.api.common.v1 import Priority as EnginePriority
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import WorkerStatus
from temporalio.api.worker.v1 import WorkerHeartbeat
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import ListWorkersRequest, UpdateWorkflowExecutionOptionsRequest
from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api.overtaking import PATIENT_FOR, Overtaking
from api.pulse import Pulse
from hotline.accountability.commands import DossierEnvelope
from hotline.accountability.policy import DossierPolicy
from hotline.accountability.state import ClueRegistration, DossierState
from hotline.accountability.vocabulary import DossierStage
from hotline.case import Actor, CaseState, Registration
from hotline.commands import Command, CommandEnvelope, ReclassifyCase
from hotline.identifiers import (
    CaseNo,
    DossierNo,
    LineNo,
    dossier_workflow_id,
    line_workflow_id,
    rollout_id,
    workflow_id,
)
from hotline.model import Record
from hotline.policy import PolicySnapshot
from hotline.problems.commands import ProblemEnvelope
from hotline.problems.state import ProblemRegistration
from hotline.problems.vocabulary import ProblemStage
from hotline.refusals import KeyReused
from hotline.vocabulary import Role, Urgency
from runtime.temporal import HEARTBEAT_FOR
from workflows.accountability import AccountabilityWorkflow
from workflows.case import CaseWorkflow
from workflows.contracts import (
    Answer,
    CaseEnd,
    CaseInput,
    DossierInput,
    DossierReceipt,
    ProblemInput,
    ProblemReceipt,
    RolloutInput,
    is_digest_of,
)
from workflows.living import MOVE_ON
from workflows.options import CLOCK, FIRST_KEY, INTERACTIVE, ORDINARY_KEY, WAITED_FOR_KEY, of_case, of_clocks
from workflows.policy_rollout import PolicyRolloutWorkflow
from workflows.refusing import refusal_of
from workflows.repeat_problem import RepeatProblemWorkflow

_TRY_AGAIN: Final = frozenset(
    {
        # A server that is killed answers in any of these ways, as the connection happens to break.
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.UNKNOWN,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        # No worker polls, or the one that does has not finished the case's first task.
        RPCStatusCode.FAILED_PRECONDITION,
    }
)
_RUN_ENDED: Final = "AcceptedUpdateCompletedWorkflow"
"""The server's own failure type for an update whose run ended first; the next run takes it again."""

_BEATS_WITHIN: Final = 5 * HEARTBEAT_FOR
"""A worker whose beats stayed away for so long is gone or hangs; one or two may be late on a busy machine."""


_WORKERS: Final = 100
"""More than a city runs; whether there is one is the question."""


class WorkerSeen(Record):
    """A worker as the engine last heard of it: who, with which version of the workflows, and since when."""

    identity: str
    version: str
    started_at: datetime
    heard_at: datetime


class GatewayError(Exception):
    """The engine did not do what was asked."""

    def __init__(self, case_no: CaseNo | None = None) -> None:
        """Name the case, if there is one; nothing else is worth telling."""
        super().__init__(f"{type(self).__name__}: {case_no}" if case_no else type(self).__name__)
        self.case_no = case_no


class EngineUnavailable(GatewayError):  # noqa: N818  failures state what failed, as refusals state their reason
    """Nobody answered in time. The command may yet be done: the same key finds out."""


class CaseNotAdopted(GatewayError):  # noqa: N818  as above
    """No workflow has this number, or not yet."""


class CaseArchived(GatewayError):  # noqa: N818  as above
    """The workflow of this case has ended."""


class LineFiled(GatewayError):  # noqa: N818  as above
    """The workflow of this line has ended."""


class DossierNotAdopted(GatewayError):  # noqa: N818  as above
    """No workflow has this accountability file, or not yet."""


class DossierArchived(GatewayError):  # noqa: N818  as above
    """The workflow of this accountability file has ended."""


class EngineFault(GatewayError):  # noqa: N818  as above
    """The engine or the workflow failed in a way that nobody expects."""


@dataclass(frozen=True, slots=True)
class _About:
    """Which workflow is asked, and what its absence and its end are called; no error names a dossier."""

    workflow: str
    missing: type[GatewayError]
    ended: type[GatewayError]
    case_no: CaseNo | None = None


def _about_case(case_no: CaseNo) -> _About:
    return _About(workflow_id(case_no), CaseNotAdopted, CaseArchived, case_no)


def _makes_an_emergency(command: Command) -> bool:
    return isinstance(command, ReclassifyCase) and command.classification.urgency is Urgency.CRITICAL


def _of_resumed(case: CaseInput) -> Priority:
    """Thousands may go on at once, behind whatever somebody waits for; an emergency goes on as one."""
    was = case.carried.state if case.carried else case.registration
    return of_clocks(was.classification.urgency)


def _about_dossier(number: DossierNo) -> _About:
    return _About(dossier_workflow_id(number), DossierNotAdopted, DossierArchived)


def _about_line(number: LineNo) -> _About:
    """A line that somebody can name was started, so one that the engine lacks has ended."""
    return _About(line_workflow_id(number), LineFiled, LineFiled)


class CaseGateway:
    """Registrations, commands and states of cases and of accountability files, by number."""

    def __init__(
        self,
        client: Client,
        task_queue: str,
        *,
        answer_within: timedelta,
        are_many_waking: Callable[[], Awaitable[bool]] | None = None,
        patient_for: timedelta = PATIENT_FOR,
    ) -> None:
        """Take a client that may be lazy: the engine need not be there yet.

        Whoever has waited for `patient_for` while many clocks wake has the case put before them; where nobody tells, nobody has.
        """
        self._client = client
        self._task_queue = task_queue
        self._answer_within = answer_within
        self._has_connected = False
        self._pulse = Pulse(_BEATS_WITHIN)
        self._overtaking = (
            Overtaking(self, are_many_waking, patient_for=patient_for) if are_many_waking else None
        )

    @property
    def answer_within(self) -> timedelta:
        """How long anybody waits for an answer."""
        return self._answer_within

    async def adopt(
        self, registration: Registration, policy: PolicySnapshot, *, ledger_seen: int | None = None
    ) -> Answer:
        """Start the workflow of a registered case, or find it running; any number of callers may race.

        Whoever says what they have seen of the ledger writes the facts of the answer there.
        """
        about, priority = _about_case(registration.case_no), of_case(registration.classification.urgency)
        start = WithStartWorkflowOperation(
            CaseWorkflow.run,
            CaseInput(registration=registration, policy=policy, ledger_seen=ledger_seen),
            id=about.workflow,
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            priority=priority,
        )
        overtakes = self._overtakes(about, waits=priority is not INTERACTIVE)
        async with self._asking(about), overtakes, _started(start):
            receipt = await self._client.execute_update_with_start_workflow(
                CaseWorkflow.adopt, id=_ADOPTION, start_workflow_operation=start
            )
        return _checked(receipt, registration)

    async def carry_on(self, case: CaseInput) -> None:
        """Start the workflow of a case that has lived elsewhere, in the state that it carries, or find it running or ended."""
        number = case.registration.case_no
        async with self._asking(_about_case(number)):
            with suppress(WorkflowAlreadyStartedError):
                await self._client.start_workflow(
                    CaseWorkflow.run,
                    case,
                    id=workflow_id(number),
                    task_queue=self._task_queue,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    priority=_of_resumed(case),
                )

    async def take_up(self, lost: CaseInput | DossierInput | ProblemInput) -> None:
        """Have the engine go on from what the ledger says, in place of whatever it has under that number.

        For what it has lost, or has an older state of: a run that lives is ended, and decides nothing more.
        """
        # Any: whichever workflow it is; the input says which.
        run: Any
        priority = CLOCK
        match lost:
            case CaseInput():
                run, name = CaseWorkflow.run, workflow_id(lost.registration.case_no)
                priority = _of_resumed(lost)
            case DossierInput():
                run, name = AccountabilityWorkflow.run, dossier_workflow_id(lost.registration.dossier_no)
            case ProblemInput():
                run, name = RepeatProblemWorkflow.run, line_workflow_id(lost.registration.line_no)
        async with self._asking(None):
            await self._client.start_workflow(
                run,
                lost,
                id=name,
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                priority=priority,
            )

    async def living_version(self, workflow: str) -> int | None:
        """Up to which fact a living workflow has decided, or None if none lives under that id."""
        handle = self._client.get_workflow_handle(workflow)
        try:
            async with self._asking(_About(workflow, CaseNotAdopted, CaseNotAdopted)):
                described = await handle.describe()
                if described.status is not WorkflowExecutionStatus.RUNNING:
                    return None
                # A case, a file and a line each have a version in what they answer.
                state: dict[str, Any] = await handle.query("state", result_type=dict)
        except CaseNotAdopted:
            return None
        return int(state["version"])

    async def is_known(self, case_no: CaseNo) -> bool:
        """Whether the engine has, or had, a workflow for this number."""
        try:
            async with self._asking(_about_case(case_no)):
                await self._case(case_no).describe()
        except CaseNotAdopted:
            return False
        return True

    async def send(self, case_no: CaseNo, envelope: CommandEnvelope) -> Answer:
        """Have a command decided; returns when its facts are in the ledger, or with them, or raises the refusal.

        A case that it makes an emergency goes before all others from then on; who is not told so in time asks again.
        """
        about = _about_case(case_no)
        async with self._asking(about), self._overtakes(about, waits=_is_person(envelope.actor)):
            receipt = await self._case(case_no).execute_update(
                CaseWorkflow.command, envelope, id=envelope.command_id
            )
            if _makes_an_emergency(envelope.command):
                await self._give(about.workflow, FIRST_KEY)
        return _checked(receipt, envelope.command)

    async def catch_up(self, case_no: CaseNo) -> None:
        """Have a case write what the ledger lacks, and return once it is there; one that has ended did so before."""
        with suppress(CaseArchived):
            async with self._asking(_about_case(case_no)):
                await self._case(case_no).execute_update(CaseWorkflow.catch_up)

    async def note(
        self, registration: ProblemRegistration, policy: PolicySnapshot, envelope: ProblemEnvelope
    ) -> ProblemReceipt:
        """Tell a line how one of its cases stands, and start it if that is the first it hears; callers may race."""
        start = WithStartWorkflowOperation(
            RepeatProblemWorkflow.run,
            ProblemInput(registration=registration, policy=policy),
            id=line_workflow_id(registration.line_no),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            priority=CLOCK,
        )
        async with self._asking(_about_line(registration.line_no)), _started(start):
            return await self._client.execute_update_with_start_workflow(
                RepeatProblemWorkflow.command,
                envelope,
                id=envelope.command_id,
                start_workflow_operation=start,
            )

    async def send_to_line(self, number: LineNo, envelope: ProblemEnvelope) -> ProblemReceipt:
        """Have a line decide on a command, as `send` does for a case."""
        about = _about_line(number)
        async with self._asking(about), self._overtakes(about, waits=_is_person(envelope.actor)):
            receipt = await self._line(number).execute_update(
                RepeatProblemWorkflow.command, envelope, id=envelope.command_id
            )
        return _checked(receipt, envelope.command)

    async def roll_out(self, revision: str) -> None:
        """Start the rollout of a published revision, or find it running or ended."""
        async with self._asking(None):
            with suppress(WorkflowAlreadyStartedError):
                await self._client.start_workflow(
                    PolicyRolloutWorkflow.run,
                    RolloutInput(revision=revision),
                    id=rollout_id(revision),
                    task_queue=self._task_queue,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    priority=CLOCK,
                )

    async def state(self, case_no: CaseNo) -> CaseState:
        """The state as the workflow holds it; for the audit of one case, never for lists."""
        async with self._asking(_about_case(case_no)):
            return await self._case(case_no).query(CaseWorkflow.state)

    async def end(self, case_no: CaseNo) -> CaseEnd | None:
        """What a finished workflow left, or None while it runs; needs no worker and no replay."""
        async with self._asking(_about_case(case_no)):
            case = self._case(case_no)
            described = await case.describe()
            if described.status is not WorkflowExecutionStatus.COMPLETED:
                return None
            return await case.result()

    async def adopt_dossier(self, registration: ClueRegistration, policy: DossierPolicy) -> DossierReceipt:
        """Start the workflow of a registered clue, or find it running; any number of callers may race."""
        start = WithStartWorkflowOperation(
            AccountabilityWorkflow.run,
            DossierInput(registration=registration, policy=policy, reports=True),
            id=dossier_workflow_id(registration.dossier_no),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            priority=INTERACTIVE,
        )
        async with self._asking(_about_dossier(registration.dossier_no)), _started(start):
            receipt = await self._client.execute_update_with_start_workflow(
                AccountabilityWorkflow.adopt, id=_ADOPTION, start_workflow_operation=start
            )
        return _checked(receipt, registration)

    async def send_to_dossier(self, number: DossierNo, envelope: DossierEnvelope) -> DossierReceipt:
        """Have a command on an accountability file decided, as `send` does with a case."""
        async with self._asking(_about_dossier(number)):
            receipt = await self._dossier(number).execute_update(
                AccountabilityWorkflow.command, envelope, id=envelope.command_id
            )
        return _checked(receipt, envelope.command)

    async def dossier_state(self, number: DossierNo) -> DossierState:
        """The state of an accountability file as its workflow holds it; for the audit."""
        async with self._asking(_about_dossier(number)):
            return await self._dossier(number).query(AccountabilityWorkflow.state)

    async def is_serving(self) -> bool:
        """Whether the engine answers at all."""
        try:
            async with self._asking(None):
                return await self._client.service_client.check_health()
        except GatewayError:
            return False

    async def workers(self) -> tuple[WorkerSeen, ...]:
        """The workers that live, by their heartbeats: within seconds, where the engine's own list of pollers takes minutes."""
        query = f'TaskQueue="{self._task_queue}"'
        async with self._asking(None):
            listed = await self._client.workflow_service.list_workers(
                ListWorkersRequest(namespace=self._client.namespace, page_size=_WORKERS, query=query)
            )
        beats = (worker.worker_heartbeat for worker in listed.workers_info)
        running = (beat for beat in beats if beat.status == WorkerStatus.WORKER_STATUS_RUNNING)
        # By its key: a worker that was started again has the name of the one that died.
        beating = [
            _seen(beat) for beat in running if self._pulse.beats(beat.worker_instance_key, _beat_at(beat))
        ]
        return tuple(sorted(beating, key=lambda one: one.identity))

    async def runs_started_before(self, at: datetime) -> int:
        """How many runs that began before an instant the engine still keeps, open or closed.

        A run is kept for the namespace's retention after its end; what was sealed into it is kept as long.
        """
        async with self._asking(None):
            return (await self._client.count_workflows(f"StartTime < '{at.isoformat()}'")).count

    def _case(self, case_no: CaseNo) -> WorkflowHandle[CaseWorkflow, CaseEnd]:
        return self._client.get_workflow_handle_for(CaseWorkflow.run, workflow_id(case_no))

    def _dossier(self, number: DossierNo) -> WorkflowHandle[AccountabilityWorkflow, DossierStage]:
        return self._client.get_workflow_handle_for(AccountabilityWorkflow.run, dossier_workflow_id(number))

    def _line(self, number: LineNo) -> WorkflowHandle[RepeatProblemWorkflow, ProblemStage]:
        return self._client.get_workflow_handle_for(RepeatProblemWorkflow.run, line_workflow_id(number))

    def _overtakes(self, about: _About, *, waits: bool) -> AbstractAsyncContextManager[None]:
        """Have a workflow put first for which somebody waits, and which is not first already."""
        return self._overtaking.waiting_for(about.workflow) if self._overtaking and waits else nullcontext()

    async def put_first(self, workflow: str) -> int | None:
        """Give the tasks of a workflow the priority of what people wait for, also the one that waits now; its former one is returned.

        An emergency, and what somebody waits for already, is left as it is: None. A task that was made for an update alone
        lives in the engine's memory and would stay where it is; a signal makes an ordinary one of it, which the engine
        queues again when the priority changes. Raises RPCError.
        """
        was = await self._priority_of(workflow)
        if was <= WAITED_FOR_KEY:
            return None
        await self._client.get_workflow_handle(workflow).signal(MOVE_ON, rpc_timeout=self._answer_within)
        await self._give(workflow, WAITED_FOR_KEY)
        return was

    async def put_back(self, workflow: str, priority: int) -> None:
        """Give a workflow the priority back that it had, unless it became an emergency meanwhile. Raises RPCError."""
        if await self._priority_of(workflow) == WAITED_FOR_KEY:
            await self._give(workflow, priority)

    async def _priority_of(self, workflow: str) -> int:
        told = await self._client.get_workflow_handle(workflow).describe(rpc_timeout=self._answer_within)
        return told.raw_description.workflow_execution_info.priority.priority_key or ORDINARY_KEY

    async def _give(self, workflow: str, priority: int) -> None:
        await self._client.workflow_service.update_workflow_execution_options(
            UpdateWorkflowExecutionOptionsRequest(
                namespace=self._client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=workflow),
                workflow_execution_options=WorkflowExecutionOptions(
                    priority=EnginePriority(priority_key=priority)
                ),
                update_mask=FieldMask(paths=["priority.priority_key"]),
            ),
            timeout=self._answer_within,
        )

    @asynccontextmanager
    async def _asking(self, about: _About | None) -> AsyncIterator[None]:
        """Give what happens inside a time limit, and its failures their names."""
        case_no = about.case_no if about else None
        try:
            async with asyncio.timeout(self._answer_within.total_seconds()):
                await self._connect()
                yield
        except (TimeoutError, RPCTimeoutOrCancelledError) as error:
            _give_way_to_cancellation()
            raise EngineUnavailable(case_no) from error
        except WorkflowUpdateFailedError as error:
            raise _named(error.cause, case_no) from error
        except WorkflowAlreadyStartedError as error:
            raise (about.ended if about else EngineFault)(case_no) from error
        except WorkflowQueryFailedError as error:
            raise EngineFault(case_no) from error
        except RPCError as error:
            raise await self._named_by_status(error, about) from error

    async def _connect(self) -> None:
        if self._has_connected:
            return
        try:
            await self._client.service_client.check_health()
        except RuntimeError as error:
            # The SDK tells a failed first connection by no better type; afterwards it reconnects by itself.
            raise EngineUnavailable from error
        self._has_connected = True

    async def _named_by_status(self, error: RPCError, about: _About | None) -> GatewayError:
        if error.status in _TRY_AGAIN:
            return EngineUnavailable(about.case_no if about else None)
        if error.status is RPCStatusCode.NOT_FOUND and about:
            return await self._absence(about)
        return EngineFault(about.case_no if about else None)

    async def _absence(self, about: _About) -> GatewayError:
        """The server says NOT_FOUND of a finished workflow and of an unknown one; a look tells which."""
        try:
            async with asyncio.timeout(self._answer_within.total_seconds()):
                await self._client.get_workflow_handle(about.workflow).describe()
        except RPCError as error:
            is_missing = error.status is RPCStatusCode.NOT_FOUND
            return (about.missing if is_missing else EngineUnavailable)(about.case_no)
        except TimeoutError:
            return EngineUnavailable(about.case_no)
        return about.ended(about.case_no)


def _is_person(actor: Actor) -> bool:
    """What the system asks of thousands of cases, such as a new policy, is to be in nobody's way."""
    return actor.role is not Role.SYSTEM


def _seen(beat: WorkerHeartbeat) -> WorkerSeen:
    return WorkerSeen(
        identity=beat.worker_identity,
        version=beat.deployment_version.build_id,
        started_at=beat.start_time.ToDatetime(tzinfo=UTC),
        heard_at=_beat_at(beat),
    )


def _beat_at(beat: WorkerHeartbeat) -> datetime:
    return beat.heartbeat_time.ToDatetime(tzinfo=UTC)


AnyReceipt = TypeVar("AnyReceipt", Answer, DossierReceipt, ProblemReceipt)

_ADOPTION: Final = "adopt"
"""One update id for every caller: the server gives racing callers the same answer."""


# Any: whichever workflow is started, only how the start ended is heard.
@asynccontextmanager
async def _started(start: WithStartWorkflowOperation[Any, Any]) -> AsyncIterator[None]:
    """Hear how the start ended, too: a failure that nobody asks for is reported when memory is tidied."""
    handle = asyncio.ensure_future(start.workflow_handle())
    try:
        yield
    finally:
        handle.cancel()
        await asyncio.gather(handle, return_exceptions=True)


def _checked(receipt: AnyReceipt, message: BaseModel) -> AnyReceipt:
    """Within a run the server answers a known update id by itself, without asking which command came."""
    if not is_digest_of(receipt.command_digest, message):
        raise KeyReused("key_reused", "同一幂等键已用于另一条指令")
    return receipt


def _named(cause: BaseException, case_no: CaseNo | None) -> Exception:
    if refusal := refusal_of(cause):
        return refusal
    if isinstance(cause, ApplicationError) and cause.type == _RUN_ENDED:
        return EngineUnavailable(case_no)
    return EngineFault(case_no)


def _give_way_to_cancellation() -> None:
    """The SDK reports a cancelled call as a timeout; who cancelled this task must still be heard."""
    if (task := asyncio.current_task()) and task.cancelling():
        raise asyncio.CancelledError
