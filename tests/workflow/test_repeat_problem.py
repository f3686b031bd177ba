"""A line of repeat problems as a workflow: look-backs of months in seconds, through relapse, new runs and restarts."""

from collections import Counter

import pytest
from fixtures.cases import DISPATCHER, SUPERVISOR, TEXT, UNIT
from fixtures.engine import Engine
from fixtures.problems import CASES, LineOnEngine, MemoryProblems, relapse_and_end

from api.gateway import LineFiled
from hotline.identifiers import line_workflow_id
from hotline.problems import commands as c
from hotline.problems import facts as f
from hotline.problems.evolve import replay
from hotline.problems.vocabulary import ProblemStage, Standing
from hotline.refusals import NotPermitted
from workflows.repeat_problem import RepeatProblemWorkflow


async def test_line_lives_through_a_relapse_and_a_look_back_across_runs(short_city: Engine) -> None:
    ledger = MemoryProblems()
    async with short_city.worker([ledger.append]):
        line = LineOnEngine(short_city)
        await relapse_and_end(line)
        assert await line.handle.result() is ProblemStage.FILED
        with pytest.raises(LineFiled):
            await line.note(CASES[0])
        with pytest.raises(LineFiled):
            await line.ask(c.AssignProblemLead(lead=UNIT, reason=TEXT), DISPATCHER)
    client, name = short_city.client, line_workflow_id(line.number)
    runs = [run.run_id async for run in client.list_workflows(f'WorkflowId="{name}"')]
    assert len(runs) >= 2, "it continued as new"
    tags = Counter(ledger.tags())
    assert (tags["problem:opened"], tags["problem:cleared"], tags["problem:reopened"]) == (1, 2, 1)
    [reopened] = [fact.body for fact in ledger.facts if isinstance(fact.body, f.ProblemReopened)]
    assert reopened.case_no == CASES[3]
    assert [fact.seq for fact in ledger.facts] == list(range(1, len(ledger.facts) + 1))
    state = replay(ledger.facts)
    assert (state.stage, state.round, len(state.cases)) == (ProblemStage.FILED, 2, 5)
    missed = [fact.body for fact in ledger.facts if isinstance(fact.body, f.ProblemClockMissed)]
    assert missed == []


async def test_missed_milestone_climbs_while_no_worker_is_there_and_a_refusal_leaves_no_trace(
    idle_engine: Engine,
) -> None:
    ledger = MemoryProblems()
    line = LineOnEngine(idle_engine)
    async with idle_engine.worker([ledger.append]):
        for case in CASES[:3]:
            await line.note(case)
        first = await line.ask(c.AssignProblemLead(lead=UNIT, reason=TEXT), DISPATCHER)
        with pytest.raises(NotPermitted):
            await line.ask(c.AuditClearance(accepted=True, opinion=TEXT), DISPATCHER)
        assert (await line.note(CASES[0], Standing.SATISFIED)).version == first.version + 1
    async with idle_engine.worker([ledger.append]):
        await line.sleep(days=20)
        state = await line.handle.query(RepeatProblemWorkflow.state)
        assert (state.is_overdue, state.missed) == (True, 1)
        detached = await line.ask(c.DetachCase(case_no=CASES[2], reason=TEXT), SUPERVISOR)
        assert detached.stage is ProblemStage.AWAITING_PLAN
        await line.handle.terminate()
    assert ledger.tags().count("problem_clock:missed") == 1
