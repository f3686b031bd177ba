"""Every stored history replays on today's code: no open case stops because of a release."""

import json
from pathlib import Path

import pytest
from scenarios import SCENARIOS
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from runtime.keyring import Keyring
from runtime.temporal import data_converter
from workflows.accountability import AccountabilityWorkflow
from workflows.case import CaseWorkflow
from workflows.policy_rollout import PolicyRolloutWorkflow
from workflows.repeat_problem import RepeatProblemWorkflow
from workflows.sandbox import sandboxed_runner

HISTORIES = sorted(Path(__file__).parent.joinpath("histories").glob("*.json"))
ROLLOUTS = sorted(Path(__file__).parent.joinpath("histories", "rollout").glob("*.json"))
DOSSIERS = sorted(Path(__file__).parent.joinpath("histories", "dossier").glob("*.json"))
PROBLEMS = sorted(Path(__file__).parent.joinpath("histories", "problem").glob("*.json"))


@pytest.fixture(scope="module")
def replayer() -> Replayer:
    return Replayer(
        workflows=[CaseWorkflow, RepeatProblemWorkflow, PolicyRolloutWorkflow, AccountabilityWorkflow],
        data_converter=data_converter(Keyring.generate(), seals=False),
        workflow_runner=sandboxed_runner(),
    )


@pytest.fixture
def stored(request: pytest.FixtureRequest) -> str:
    file: Path = request.param
    return file.read_text(encoding="utf-8")


def history(text: str) -> WorkflowHistory:
    return WorkflowHistory.from_json("case:replayed", text)


@pytest.mark.parametrize(
    "stored", [*HISTORIES, *ROLLOUTS, *PROBLEMS, *DOSSIERS], ids=lambda file: file.stem, indirect=True
)
async def test_history_replays(replayer: Replayer, stored: str) -> None:
    await replayer.replay_workflow(history(stored))


@pytest.mark.parametrize("stored", HISTORIES[:1], ids=lambda file: file.stem, indirect=True)
async def test_replay_notices_other_commands(replayer: Replayer, stored: str) -> None:
    """The proof that the test above can fail: the same history, as if it had asked for another activity."""
    events = json.loads(stored)
    for event in events["events"]:
        if attributes := event.get("activityTaskScheduledEventAttributes"):
            attributes["activityType"]["name"] = "projection.other"
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(history(json.dumps(events)))


def test_every_scenario_is_recorded_and_every_history_has_its_scenario() -> None:
    assert {file.name.split(".")[0] for file in HISTORIES} == set(SCENARIOS)


def test_histories_cover_a_continued_run() -> None:
    for kind in (HISTORIES, ROLLOUTS, PROBLEMS, DOSSIERS):
        assert any(file.stem.endswith(".2") for file in kind)
