"""An accountability file as a workflow: two years of effect in seconds, through new runs and restarts of the worker."""

import pytest
from fixtures.cases import TEXT
from fixtures.dossiers import FileOnEngine, MemoryDossiers, envelope
from fixtures.engine import Engine
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from unit.dossiers import DEPUTY

from hotline.accountability import commands as c
from hotline.accountability import facts as f
from hotline.accountability.evolve import replay
from hotline.accountability.facts import DossierFact
from hotline.accountability.vocabulary import Disposal, DossierStage
from hotline.identifiers import dossier_workflow_id
from hotline.refusals import KeyReused


def alarms_of(facts: list[DossierFact]) -> list[tuple[str, str]]:
    return [(x.body.clock_id, x.body.alarm) for x in facts if isinstance(x.body, f.DossierClockFired)]


async def runs_of(file: FileOnEngine) -> list[str | None]:
    query = f'WorkflowId="{dossier_workflow_id(file.number)}"'
    return [run.run_id async for run in file.city.client.list_workflows(query)]


async def test_effect_of_twenty_four_months_ends_by_itself_through_restarts_of_the_worker(
    idle_engine: Engine,
) -> None:
    ledger, file = MemoryDossiers(), FileOnEngine(idle_engine)
    async with idle_engine.worker([ledger.append]):
        await file.start()
        await file.dismissed()
        effect = (await file.state()).decisions[0].effect
    assert effect is not None
    assert effect.until_on is not None
    assert (effect.until_on.year - effect.from_on.year, effect.until_on.month) == (2, effect.from_on.month)
    async with idle_engine.worker([ledger.append]):
        await file.sleep(days=700)
        assert (await file.state()).stage is DossierStage.CLOSED
    async with idle_engine.worker([ledger.append]):
        await file.sleep(days=60)
        assert await file.handle.result() is DossierStage.ARCHIVED
    assert ledger.tags().count("decision:effect_ended") == 1
    assert replay(ledger.facts).stage is DossierStage.ARCHIVED
    alarms = alarms_of(ledger.facts)
    assert len(alarms) == len(set(alarms))


async def test_file_that_continues_as_new_keeps_receipts_and_ends_its_effect_once(short_city: Engine) -> None:
    ledger, file = MemoryDossiers(), FileOnEngine(short_city)
    plan = envelope(c.PlanDisposal(disposal=Disposal.VERIFICATION, reason=TEXT))
    async with short_city.worker([ledger.append]):
        await file.start()
        planned = await file.put(plan)
        await file.approve()
        await file.investigated()
        assert len(await runs_of(file)) >= 2, "it continued as new"
        assert await file.put(plan) == planned
        assert await file.state() == replay(ledger.facts)
        with pytest.raises(WorkflowUpdateFailedError) as reused:
            await file.put(plan.model_copy(update={"command": c.CloseDossier(summary=TEXT)}))
        assert isinstance(reused.value.cause, ApplicationError)
        assert reused.value.cause.type == KeyReused.family
        await file.sleep(days=760)
        assert await file.handle.result() is DossierStage.ARCHIVED
    tags = ledger.tags()
    once = ("clue:registered", "decision:effect_ended", "dossier:closed", "dossier:archived")
    assert [tags.count(tag) for tag in once] == [1, 1, 1, 1]
    assert [fact.seq for fact in ledger.facts] == list(range(1, len(ledger.facts) + 1))
    alarms = alarms_of(ledger.facts)
    assert alarms
    assert len(alarms) == len(set(alarms))


async def test_refused_command_changes_nothing_and_a_repeated_one_is_decided_once(
    idle_engine: Engine,
) -> None:
    ledger, file = MemoryDossiers(), FileOnEngine(idle_engine)
    async with idle_engine.worker([ledger.append]):
        await file.start()
        plan = c.PlanDisposal(disposal=Disposal.TALK, reason=TEXT)
        with pytest.raises(WorkflowUpdateFailedError):
            await file.send(plan, DEPUTY)
        again = envelope(plan)
        assert await file.put(again) == await file.put(again)
        assert ledger.tags().count("approval:proposed") == 1
        await file.handle.terminate()
