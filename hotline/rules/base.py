"""What a rule is: a command, who may issue it, in which statuses, on whose cases, and what it decides.

The same table answers `decide`, tells a screen which actions to offer, and tests walk it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.case import Actor, CaseState
from hotline.facts import Body
from hotline.identifiers import CommandId
from hotline.model import Message
from hotline.policy import PolicySnapshot
from hotline.roles import Scope
from hotline.vocabulary import Role, Status


@dataclass(frozen=True, slots=True)
class Context:
    """What comes from outside into a decision: the time, who acts, under which id, and the policy."""

    now: datetime
    actor: Actor
    command_id: CommandId
    policy: PolicySnapshot


def _always(_: CaseState) -> bool:
    return True


def _to_all(_: CaseState, __: Actor) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a stage's table.

    `offered` and `offered_to` are what can be told without the command's fields; they keep `next_actions` from
    promising what `decide` would refuse.
    """

    command: type[Message]
    by: frozenset[Role]
    when: frozenset[Status]
    # The argument is the row's own command class, which the type system cannot tie to `command`.
    decide: Callable[[CaseState, Any, Context], Iterable[Body]]
    scope: Scope = Scope.LEAD
    offered: Callable[[CaseState], bool] = _always
    offered_to: Callable[[CaseState, Actor], bool] = _to_all

    @property
    def kind(self) -> str:
        """The command's stable name."""
        return str(self.command.model_fields["kind"].default)
