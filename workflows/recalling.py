"""How a case, a file or a line goes on from its ledger when the engine has lost it (台账接续).

The ledger is the record, and the state follows from it. So what one run of an entity hands to the next can be made
from the facts alone: where it stands, which commands it has done, and what it still has to tell others. Clocks are
of the state; those that ended meanwhile fire at once, with their true instants.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from hotline import evolve as case_rules
from hotline.accountability import evolve as dossier_rules
from hotline.accountability.facts import ClueRegistered, DossierFact
from hotline.accountability.policy import DossierPolicy
from hotline.accountability.reporting import FileReport
from hotline.case import CaseState
from hotline.effects import Effect, effects_of
from hotline.facts import CaseRegistered, Fact
from hotline.identifiers import CommandId
from hotline.policy import PolicySnapshot
from hotline.problems import evolve as problem_rules
from hotline.problems.facts import ProblemFact, ProblemOpened
from workflows.contracts import (
    DIGEST_UNKNOWN,
    CarriedCase,
    CarriedDossier,
    CarriedProblem,
    CaseInput,
    DossierInput,
    DossierReceipt,
    Errand,
    ProblemInput,
    ProblemReceipt,
    Receipt,
)
from workflows.options import RECEIPTS_KEPT


class _Caused(Protocol):
    """A fact, as far as recalling needs to know it."""

    @property
    def command_id(self) -> CommandId:
        """What caused it."""
        ...


_Fact = TypeVar("_Fact", bound=_Caused)
_State = TypeVar("_State")
_Receipt = TypeVar("_Receipt")


def recalled_case(
    facts: Sequence[Fact],
    policy: PolicySnapshot,
    *,
    at: datetime,
    untold: Iterable[Effect] = (),
    heard: Iterable[FileReport] = (),
) -> CaseInput:
    """What a case goes on from: `untold` is what it still has to tell others, `heard` what files have told it."""
    first = facts[0].body
    assert isinstance(first, CaseRegistered)
    state, receipts = _lived(facts, case_rules.evolve, Receipt.of)
    carried = CarriedCase(
        state=state,
        decided_at=facts[-1].at,
        receipts=receipts,
        errands=tuple(Errand(effect=effect, not_before=at) for effect in untold),
        heard=tuple(heard),
    )
    return CaseInput(registration=first.registration, policy=policy, carried=carried)


def effects_in(facts: Iterable[Fact]) -> Iterator[Effect]:
    """Everything that a case ever had to tell others, in order."""
    state: CaseState | None = None
    for fact in facts:
        state = case_rules.evolve(state, fact)
        yield from effects_of(state, fact)


def recalled_dossier(facts: Sequence[DossierFact], policy: DossierPolicy) -> DossierInput:
    """What a file goes on from. It tells its cases all of it again, which for them is telling once."""
    first = facts[0].body
    assert isinstance(first, ClueRegistered)
    state, receipts = _lived(facts, dossier_rules.evolve, DossierReceipt.of)
    carried = CarriedDossier(state=state, decided_at=facts[-1].at, receipts=receipts)
    return DossierInput(registration=first.registration, policy=policy, carried=carried, reports=True)


def recalled_line(facts: Sequence[ProblemFact], policy: PolicySnapshot) -> ProblemInput:
    """What a line of the ledger of repeat problems goes on from."""
    first = facts[0].body
    assert isinstance(first, ProblemOpened)
    state, receipts = _lived(facts, problem_rules.evolve, ProblemReceipt.of)
    carried = CarriedProblem(state=state, decided_at=facts[-1].at, receipts=receipts)
    return ProblemInput(registration=first.registration, policy=policy, carried=carried)


def _lived(
    facts: Sequence[_Fact],
    evolve: Callable[[_State | None, _Fact], _State],
    receipt_of: Callable[[_State, CommandId, str], _Receipt],
) -> tuple[_State, tuple[_Receipt, ...]]:
    """The state that the facts lead to, and a receipt of each command as it was given then."""
    state: _State | None = None
    given: dict[CommandId, _Receipt] = {}
    for fact in facts:
        state = evolve(state, fact)
        given.pop(fact.command_id, None)
        given[fact.command_id] = receipt_of(state, fact.command_id, DIGEST_UNKNOWN)
    assert state is not None, "an entity begins with a fact"
    return state, tuple(given.values())[-RECEIPTS_KEPT:]
