"""One simulation from its order to its end (执行模拟): set the fast clock, then live.

It can be stopped anywhere and run again: what has been done is read from the cases themselves.
"""

from dataclasses import dataclass

from commands.accounts import Accounts, AccountsMissingError
from commands.client import HotlineApi, KnowledgeSeen, UnitSeen
from commands.simulation.city import City, Rules
from commands.simulation.tally import Tally
from hotline.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a simulation; `again` looks for open cases until there are none."""

    cases: int
    open_ones: bool
    again: bool
    seed: str
    speed: float
    concurrency: int
    is_brisk: bool


async def run_city(order: Order, api: HotlineApi, accounts: Accounts, tally: Tally) -> None:
    """Register, and see the cases that the order names to their end."""
    city = City(api, accounts, await _rules(order, api, accounts), tally, order.concurrency)
    if order.cases:
        await city.register_and_live(order.cases)
    if order.open_ones:
        while await city.live_with_open_cases() and order.again:
            pass  # Others register while this runs, and a look back may have reopened a case.
    tally.is_complete = True


async def _rules(order: Order, api: HotlineApi, accounts: Accounts) -> Rules:
    revision = await api.compressed_policy(accounts.pick(Role.ADMINISTRATOR).token, order.speed)
    units, knowledge = await staffed_units(api, accounts), await known_answers(api, accounts)
    return Rules(order.seed, order.speed, revision, units, knowledge, order.is_brisk)


async def known_answers(api: HotlineApi, accounts: Accounts) -> dict[str, KnowledgeSeen]:
    """One entry of the knowledge base for each category that has one which is not 待更新."""
    entries = await api.knowledge(accounts.pick(Role.OPERATOR).token)
    return {entry.category: entry for entry in entries if not entry.stale}


async def staffed_units(api: HotlineApi, accounts: Accounts) -> tuple[UnitSeen, ...]:
    """The units in which somebody can sign for a case and somebody can sign its reply."""
    staffed = set(accounts.units_with(Role.HANDLER, Role.UNIT_HEAD))
    found = await api.units(accounts.pick(Role.DISPATCHER).token)
    units = tuple(unit for unit in found if unit.code in staffed)
    if not units:
        raise AccountsMissingError("no unit has demo accounts of a handler and of a head")
    return units
