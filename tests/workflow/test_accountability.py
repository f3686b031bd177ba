"""An accountability file as a workflow: two years of effect in seconds, through restarts of the worker."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from fixtures.cases import TEXT
from fixtures.engine import Engine
from temporalio import activity
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from unit.dossiers import (
    BOTH,
    BY_LEVEL,
    DEPUTY,
    DISMISSAL,
    FIRST,
    PERSON,
    POLICY,
    TEAM,
    TRIER,
    draft,
)

from hotline.accountability import commands as c
from hotline.accountability import facts as f
from hotline.accountability.evolve import replay
from hotline.accountability.facts import DossierFact
from hotline.accountability.state import ClueRegistration, Officer
from hotline.accountability.vocabulary import ClueSource, Disposal, DossierStage, Opinion
from hotline.identifiers import CommandId, dossier_no, dossier_workflow_id
from workflows.accountability import AccountabilityWorkflow
from workflows.contracts import (
    DOSSIER_APPEND,
    DossierBatch,
    DossierInput,
    DossierLedgerContract,
    DossierReceipt,
)

Handle = WorkflowHandle[AccountabilityWorkflow, DossierStage]


class MemoryDossiers(DossierLedgerContract):
    """The contract on a list: idempotent, gapless, and never overwritten."""

    def __init__(self) -> None:
        self.facts: list[DossierFact] = []

    @activity.defn(name=DOSSIER_APPEND)
    async def append(self, batch: DossierBatch) -> None:
        for fact in batch.facts:
            assert fact.seq <= len(self.facts) + 1, "a gap in the ledger"
            if fact.seq <= len(self.facts):
                assert self.facts[fact.seq - 1] == fact, "another fact under the same number"
            else:
                self.facts.append(fact)


async def started(city: Engine) -> Handle:
    now = datetime.now(UTC)
    number = dossier_no(now, uuid.uuid4().int)
    registration = ClueRegistration(
        dossier_no=number,
        registered_at=now,
        registered_by=FIRST,
        source=ClueSource.LADDER,
        subjects=(PERSON,),
        summary=TEXT,
        policy_revision=POLICY.revision,
    )
    return await city.skipper.client.start_workflow(
        AccountabilityWorkflow.run,
        DossierInput(registration=registration, policy=POLICY),
        id=dossier_workflow_id(number),
        task_queue=city.queue,
    )


async def send(handle: Handle, command: c.DossierCommand, by: Officer = FIRST) -> DossierReceipt:
    envelope = c.DossierEnvelope(command_id=CommandId(uuid.uuid4().hex), officer=by, command=command)
    return await handle.execute_update(AccountabilityWorkflow.command, envelope)


async def approved(handle: Handle, command: c.DossierCommand, by: Officer = FIRST) -> None:
    await send(handle, command, by)
    await approve(handle)


async def approve(handle: Handle) -> None:
    state = await handle.query(AccountabilityWorkflow.state)
    proposal = state.proposals[-1]
    for level in proposal.chain:
        ruling = c.RuleOnProposal(proposal=proposal.number, approved=True, opinion=TEXT)
        await send(handle, ruling, BY_LEVEL[level])


async def dismissed(handle: Handle) -> None:
    """Everything from the plan to the closing of the dossier."""
    await approved(handle, c.PlanDisposal(disposal=Disposal.VERIFICATION, reason=TEXT))
    await send(handle, c.AppointTeam(team=TEAM), DEPUTY)
    conclude = c.SubmitConclusion(opinion=Opinion.INVESTIGATE, report=TEXT, signers=TEAM)
    await approved(handle, conclude)
    await approved(handle, c.OpenInvestigation(team=TEAM, reason=TEXT))
    await approved(handle, conclude.model_copy(update={"opinion": Opinion.DECIDE}))
    await send(handle, c.ProposeDecision(draft=draft(DISMISSAL)), TRIER)
    await send(handle, c.HearDefence(decision=1, told=TEXT, officers=BOTH), TRIER)
    await approve(handle)
    await send(handle, c.ServeDecision(decision=1, record=TEXT))
    await send(handle, c.ReportExecution(decision=1, report=TEXT))
    await send(handle, c.CloseDossier(summary=TEXT))


async def test_effect_of_twenty_four_months_ends_by_itself_through_restarts_of_the_worker(
    idle_engine: Engine,
) -> None:
    ledger = MemoryDossiers()
    async with idle_engine.worker([ledger.append]):
        handle = await started(idle_engine)
        await dismissed(handle)
        state = await handle.query(AccountabilityWorkflow.state)
    effect = state.decisions[0].effect
    assert effect is not None
    assert effect.until_on is not None
    assert (effect.until_on.year - effect.from_on.year, effect.until_on.month) == (2, effect.from_on.month)
    async with idle_engine.worker([ledger.append]):
        await idle_engine.skipper.fast_forward(handle, timedelta(days=700))
        assert (await handle.query(AccountabilityWorkflow.state)).stage is DossierStage.CLOSED
    async with idle_engine.worker([ledger.append]):
        await idle_engine.skipper.fast_forward(handle, timedelta(days=60))
        assert await handle.result() is DossierStage.ARCHIVED
    ended = [fact for fact in ledger.facts if isinstance(fact.body, f.EffectEnded)]
    assert len(ended) == 1
    assert replay(ledger.facts).stage is DossierStage.ARCHIVED
    alarms = [
        (x.body.clock_id, x.body.alarm) for x in ledger.facts if isinstance(x.body, f.DossierClockFired)
    ]
    assert len(alarms) == len(set(alarms))


async def test_refused_command_changes_nothing_and_a_repeated_one_is_decided_once(
    idle_engine: Engine,
) -> None:
    ledger = MemoryDossiers()
    async with idle_engine.worker([ledger.append]):
        handle = await started(idle_engine)
        plan = c.PlanDisposal(disposal=Disposal.TALK, reason=TEXT)
        with pytest.raises(WorkflowUpdateFailedError):
            await send(handle, plan, DEPUTY)
        envelope = c.DossierEnvelope(command_id=CommandId("command-1"), officer=FIRST, command=plan)
        first = await handle.execute_update(AccountabilityWorkflow.command, envelope)
        again = await handle.execute_update(AccountabilityWorkflow.command, envelope)
        assert first == again
        assert [fact.body.tag for fact in ledger.facts].count("approval:proposed") == 1
        await handle.terminate()
