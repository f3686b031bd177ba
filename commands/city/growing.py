"""How the demo city grows (演示城市生长): case by case, each lived in the past and handed to the engine as it stands.

It can be stopped anywhere and goes on where it was: what is done is noted in the data folder, and a case that was
stopped half-way is handed over as its ledger has it.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from api.app import create_app
from api.services import Services, assembled
from commands.accounts import Accounts
from commands.city.living import PastCity, PastClock
from commands.city.notebook import Notebook, Progress
from commands.city.past import PastCase, PastGateway
from commands.city.plan import SEED, Fate, Plan
from commands.city.present import Office
from commands.client import HotlineApi
from commands.connecting import DEFAULT_PATIENCE, connected, url_finder
from commands.simulation.city import Rules
from commands.simulation.life import Life
from commands.simulation.running import known_answers, staffed_units
from commands.simulation.tally import Tally
from hotline.case import Actor
from hotline.evolve import first_status
from hotline.policy import PolicySnapshot
from hotline.vocabulary import Role
from runtime.settings import Settings
from store.intake import IntakeReceipt, IntakeRequest, Submission, register
from store.projection import project
from workflows.contracts import CaseInput

_UNLIMITED: Final = "1000000/second"
"""Our own process asks itself; nobody is kept waiting by it."""

_UNREAD_FOR: Final = timedelta(hours=16)
"""What has come since yesterday evening is still new to people."""

_ANSWERS_FOR: Final = timedelta(seconds=60)


class Growth:
    """One city on its way."""

    def __init__(self, services: Services, city: PastCity, clock: PastClock, policy: PolicySnapshot) -> None:
        """Take what every case needs; `grown` below puts it together."""
        self._services, self._city, self._clock, self._policy = services, city, clock, policy
        assert isinstance(services.gateway, PastGateway)
        self._gateway = services.gateway
        operators = city.accounts.of(Role.OPERATOR)
        self._operators = [Actor(user_id=account.user_id, role=account.role) for account in operators]

    async def live(self, fate: Fate, present: datetime) -> None:
        """Let one case live from its registration to the present, and have the engine carry it on."""
        self._clock.now = fate.registered_at
        self._gateway.set_clock(fate.registered_at)
        receipt, case = await self._registered(fate)
        if receipt.replayed:
            if await self._gateway.is_known(receipt.case_no):
                return
            case = await PastCase.recalled(self._services.database, receipt.registration, self._policy)
        self._gateway.live(case, self._services.database)
        try:
            if not receipt.replayed:
                await self._city.live(fate, case, self._newborn(fate, receipt))
            case.sleep_until(present)
            await case.write(self._services.database)
        finally:
            self._gateway.live(None, self._services.database)
        await self._gateway.carry_on(case.handed_over(present))

    async def _registered(self, fate: Fate) -> tuple[IntakeReceipt, PastCase]:
        """Register and decide in one transaction, so that no relay takes the case for one that was forgotten."""
        services = self._services
        request = IntakeRequest.model_validate(fate.form)
        actor = self._operators[fate.index % len(self._operators)]
        submission = Submission(actor=actor, key=fate.key, at=fate.registered_at, policy=self._policy)
        async with services.database.write() as session:
            receipt = await register(session, services.keyring, request, submission)
            case = PastCase(CaseInput(registration=receipt.registration, policy=self._policy))
            fresh = case.take_fresh()
            if not receipt.replayed:
                await project(session, receipt.case_no, fresh)
        return receipt, case

    def _newborn(self, fate: Fate, receipt: IntakeReceipt) -> Life:
        registration = receipt.registration
        return Life(
            receipt.case_no,
            first_status(registration),
            policy_revision=registration.policy_revision,
            subject=fate.form["title"],
            category=registration.classification.category,
            retrieval_code=receipt.retrieval_code,
            emergency=registration.classification.emergency,
            secret=registration.secret,
            repeat_of=registration.repeat_of,
        )


async def grow(
    settings: Settings, plan: Plan, *, on_progress: Callable[[Progress], None] = lambda _: None
) -> Progress:
    """Bring the city of a data folder to the size of a plan; returns at once if it has it."""
    blank = Progress(plan=plan.key, present=datetime.now(UTC), cases=plan.size, files=len(plan.file))
    book = Notebook(settings.data_dir, blank, on_progress)
    if book.now.is_complete:
        return book.now
    async with _growth(settings, book.now.present) as growth:
        for fate in plan.fates(book.now.present):
            if fate.index not in book.now.done:
                await growth.live(fate, book.now.present)
                book.note(done=book.now.done | {fate.index})
    if plan.file:
        await _beside(settings, plan, book)
    book.note(is_complete=True)
    return book.now


async def _beside(settings: Settings, plan: Plan, book: Notebook) -> None:
    """What is not a case, through the API of the stack."""
    find_url = url_finder(settings.data_dir, None)
    async with connected(find_url, patience=DEFAULT_PATIENCE, connections=2) as api:
        office = Office(api, Accounts.load(settings.data_dir), plan)
        for index in range(book.now.files_done, len(plan.file)):
            await office.open_file(index)
            book.note(files_done=index + 1)
        await office.build_mass_event()
        await office.freeze_last_month(book.now.present)
        await office.have_read(book.now.present - _UNREAD_FOR)


@asynccontextmanager
async def _growth(settings: Settings, present: datetime) -> AsyncIterator[Growth]:
    """The API itself in this process, on a clock that is set case by case."""
    clock = PastClock()
    unlimited = dict.fromkeys(("address_limit", "account_limit", "token_limit"), _UNLIMITED)
    own = settings.model_copy(update=unlimited)
    async with assembled(own, PastGateway) as present_services:
        policy = await present_services.policies.in_force(at=present)
        services = replace(present_services, clock=clock)
        app = create_app(own)
        app.state.services = services
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, timeout=_ANSWERS_FOR.total_seconds()) as http:
            api = HotlineApi(http, lambda: "http://city")
            clock.now = present
            accounts = Accounts.load(settings.data_dir)
            units, knowledge = await staffed_units(api, accounts), await known_answers(api, accounts)
            rules = Rules(SEED, 1.0, policy.revision, units, knowledge)
            city = PastCity(api, accounts, rules, Tally(), concurrency=1)
            assert isinstance(services.gateway, PastGateway)
            city.begin(clock, present, services.gateway, services.database)
            yield Growth(services, city, clock, policy)
