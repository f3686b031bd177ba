"""The city at work (模拟运行): people take steps with many cases, a few of them at the same time.

A case takes a slot while somebody asks the API, and none while it waits for people or clocks. Whatever
the API refuses is counted, the case is read anew, and somebody tries something else.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from commands.accounts import Account, Accounts
from commands.client import ApiProblem, CommandReceipt, HotlineApi, KnowledgeSeen, UnitSeen
from commands.simulation.choosing import choose
from commands.simulation.complaints import complaint
from commands.simulation.dice import Dice
from commands.simulation.life import Life, Scene
from commands.simulation.past import Past
from commands.simulation.routing import fitting_units
from commands.simulation.steps import NOW, Act, Await, Done, Look, Who
from commands.simulation.tally import Tally, outcome_after
from hotline.identifiers import CaseNo
from hotline.vocabulary import CLOSED, Role, Status

_STRIKES: Final = 8
"""So many refusals on end mean that the people of the city do not know what to do with a case."""

_SHORTEST_POLL_FOR: Final = timedelta(milliseconds=250)
_LONGEST_POLL_FOR: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a city lives: its chance, its clock, what it knows of which category, and whether its people take their time."""

    seed: str
    speed: float
    revision: str
    units: tuple[UnitSeen, ...]
    knowledge: Mapping[str, KnowledgeSeen] = field(default_factory=dict)
    is_brisk: bool = False


@dataclass
class City:
    """Accounts, the API they use, and the cases that they have taken up."""

    api: HotlineApi
    accounts: Accounts
    rules: Rules
    tally: Tally
    concurrency: int
    _taken_up: set[CaseNo] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.concurrency)
        self._codes = tuple(unit.code for unit in self.rules.units)
        self._reader = self.accounts.pick(Role.DISPATCHER).token

    async def register_and_live(self, count: int) -> None:
        """Register invented complaints, and see each of them to its end."""
        self.tally.total += count
        await self._all(partial(self._newcomer, index) for index in range(count))

    async def live_with_open_cases(self) -> int:
        """See every open case that nobody has taken up yet to its end; returns how many there were."""
        found = [entry.case_no async for entry in self.api.open_cases(self._reader)]
        fresh = [number for number in reversed(found) if number not in self._taken_up]
        self.tally.total += len(fresh)
        await self._all(partial(self._stranger, number) for number in fresh)
        return len(fresh)

    async def _all(self, lives: Iterable[Callable[[], Awaitable[None]]]) -> None:
        """Begin one life after the other, each as soon as a slot is free."""
        try:
            async with asyncio.TaskGroup() as group:
                for life in lives:
                    # Slots are given in order: cases that a clock has woken go before those not yet begun.
                    await self._slots.acquire()
                    group.create_task(self._in_slot(life))
        except ExceptionGroup as failures:
            # What one life cannot get over stops the city: the API is gone for good, or there is a bug.
            raise failures.exceptions[0] from None

    async def _in_slot(self, life: Callable[[], Awaitable[None]]) -> None:
        try:
            await life()
        finally:
            self._slots.release()

    async def _newcomer(self, index: int) -> None:
        what = complaint(self.rules.seed, index)
        operator = self.accounts.pick(Role.OPERATOR, nth=index)
        key = f"simulate-{self.rules.seed}-{index}"
        receipt = await self.api.register(operator.token, what.form, key=key)
        self.tally.registered += not receipt.replayed
        life = Life(
            receipt.case_no,
            receipt.status,
            next_due_at=receipt.next_due_at,
            subject=what.form["title"],
            category=what.form.get("category"),
            retrieval_code=receipt.retrieval_code,
            emergency=what.emergency,
            secret=what.form.get("secret", False),
            repeat_of=receipt.repeat_of,
        )
        # A receipt from an earlier run tells how the case began, not where it stands.
        await self._live(await self._recall(life) if receipt.replayed else life)

    async def _stranger(self, number: CaseNo) -> None:
        life = Life(number, Status.RECEIVED).seen(await self.api.case(self._reader, number))
        await self._live(life if life.status is Status.RECEIVED else await self._recall(life))

    async def _live(self, life: Life) -> None:
        """Take one step after the other until the case needs nobody, or nobody knows what to do."""
        self._taken_up.add(life.case_no)
        dice = self._dice(life)
        while life.strikes < _STRIKES:
            match choose(self._scene(life, dice)):
                case Done():
                    self.tally.end(life)
                    self._taken_up.discard(life.case_no)
                    return
                case Look(ledger):
                    life = await (self._recall(life) if ledger else self._look(life))
                case Await(until_at):
                    await self._rest(max(until_at - self._now(), _poll(life.looks)))
                    life = await self._look(life)
                case Act() as act:
                    await self._rest(act.after_for)
                    life = await self._do(life, act)
        self.tally.stuck.append(life.case_no)

    def _dice(self, life: Life) -> Dice:
        """The chance of one case."""
        return Dice(self.rules.seed, life.case_no)

    def _now(self) -> datetime:
        """What the city's clocks show."""
        return datetime.now(UTC)

    def _scene(self, life: Life, dice: Dice) -> Scene:
        return Scene(
            life,
            dice,
            now=self._now(),
            speed=self.rules.speed,
            revision=self.rules.revision,
            units=self._codes,
            fitting=fitting_units(life.subject, self.rules.units),
            knowledge=self.rules.knowledge.get(life.category or ""),
            is_brisk=self.rules.is_brisk,
        )

    async def _rest(self, for_: timedelta) -> None:
        """Leave the slot to others. A city that is stopped meanwhile has no more use for its slots."""
        if for_ <= timedelta(0):
            return
        self._slots.release()
        await asyncio.sleep(for_.total_seconds())
        await self._slots.acquire()

    async def _look(self, life: Life) -> Life:
        return life.seen(await self.api.case(self._reader, life.case_no))

    async def _recall(self, life: Life) -> Life:
        """Read the case and all that was done with it."""
        seen = await self._look(life)
        past = Past()
        for fact in await self.api.facts(self._reader, life.case_no):
            past = past.after(fact.tag, fact.body)
        return replace(seen, past=past, knows_measures=True)

    async def _do(self, life: Life, act: Act) -> Life:
        try:
            receipt = await self._send(life, act)
        except ApiProblem as problem:
            return await self._refused(life, act, problem)
        self.tally.commands[act.kind] += 1
        after = life.accepted(act.kind, act.form, receipt, act.who.unit)
        closed = receipt.status in CLOSED and life.status not in CLOSED
        return replace(after, outcome=outcome_after(act.kind)) if closed else after

    async def _send(self, life: Life, act: Act) -> CommandReceipt:
        form = {name: self._named(value) for name, value in act.form.items()}
        key = uuid.uuid4().hex
        if act.who.role is Role.CITIZEN:
            return await self.api.as_citizen(life.case_no, life.retrieval_code or "", act.kind, form, key=key)
        return await self.api.command(self._account(act.who).token, life.case_no, act.kind, form, key=key)

    async def _refused(self, life: Life, act: Act, problem: ApiProblem) -> Life:
        """Note the refusal, and see what has become of the case: somebody else may have acted."""
        self.tally.refusals[f"{act.kind}: {problem.code}"] += 1
        life = life.refusing(act.kind)
        if problem.code == _ACCUSED:
            units = {act.form["lead"], *(order["unit"] for order in act.form.get("assists", ()))}
            life = replace(life, barred=life.barred | units)
        await self._rest(_poll(life.strikes) if life.strikes > 1 else NOW)
        return await self._recall(life)

    def _named(self, value: Any) -> Any:  # Any: whatever a form may hold
        return self._account(value).user_id if isinstance(value, Who) else value

    def _account(self, who: Who) -> Account:
        return self.accounts.pick(who.role, who.unit, nth=who.nth)


_ACCUSED: Final = "accused_unit"


def _poll(looks: int) -> timedelta:
    """The shortest pause before the next look; whoever waits long looks seldom."""
    return min(_LONGEST_POLL_FOR, _SHORTEST_POLL_FOR * (1 << min(looks, 10)))
