"""People of the demo city at work in the past (往日的城市): the simulation's choices, on the clock of one case at a time."""

from datetime import datetime, time, timedelta
from typing import Final

from commands.city.past import PastCase, PastGateway
from commands.city.plan import Fate
from commands.simulation.city import City
from commands.simulation.dice import Dice
from commands.simulation.life import Life
from commands.simulation.steps import Act
from hotline.calendar import SHANGHAI
from store.engine import Database

_DAY: Final = (time(8, 10), time(20, 30))
"""Units work at weekends as well, as those on duty for the hotline do; nobody works at night."""

_LEAST_FOR: Final = timedelta(minutes=3)
_MOST_FOR: Final = timedelta(minutes=25)


class PresentReached(Exception):  # noqa: N818  it ends a life in the past as planned
    """The next step lies in the future, or the case has come as far as it should."""


class PastClock:
    """What time it is for the one case that lives in the past right now."""

    def __init__(self) -> None:
        """The clock is set before it is read."""
        self.now = datetime.max.replace(tzinfo=SHANGHAI)

    def __call__(self) -> datetime:
        """The time."""
        return self.now


class PastCity(City):
    """Lives cases one by one, each from its registration to the present at most."""

    _clock: PastClock
    _present: datetime
    _database: Database
    _gateway: PastGateway
    _case: PastCase
    _fate: Fate
    _acts = 0

    def begin(self, clock: PastClock, present: datetime, gateway: PastGateway, database: Database) -> None:
        """Say whose clock this is, where it ends, and who decides until then."""
        self._clock, self._present, self._gateway, self._database = clock, present, gateway, database

    async def live(self, fate: Fate, case: PastCase, life: Life) -> None:
        """Let people act on a case until its fate is fulfilled, it needs nobody, or the present is reached."""
        self._fate, self._case, self._acts = fate, case, 0
        if fate.row.is_reached(life):
            return
        await self._slots.acquire()
        try:
            await self._live(life)
        except PresentReached:
            self._taken_up.discard(life.case_no)
        finally:
            self._slots.release()

    def _dice(self, life: Life) -> Dice:  # noqa: ARG002  the fate of a case is settled before it has a number
        return self._fate.dice

    def _now(self) -> datetime:
        return self._clock.now

    async def _do(self, life: Life, act: Act) -> Life:
        after = await super()._do(life, act)
        if after.strikes == 0 and self._fate.row.is_reached(after, act.kind):
            raise PresentReached
        return after

    async def _rest(self, for_: timedelta) -> None:
        """Everything takes a few minutes, and nobody works at night."""
        self._acts += 1
        least_for = timedelta(
            seconds=self._fate.dice.between(
                f"minutes/{self._acts}", _LEAST_FOR.total_seconds(), _MOST_FOR.total_seconds()
            )
        )
        goes_on_at = _awake(self._clock.now + max(for_, least_for), self._fate)
        if goes_on_at >= self._present:
            raise PresentReached
        self._case.sleep_until(goes_on_at)
        await self._case.write(self._database)
        self._clock.now = goes_on_at
        self._gateway.set_clock(goes_on_at)


def _awake(at: datetime, fate: Fate) -> datetime:
    """The instant itself by day and in an emergency, else the next morning."""
    local, (opens, closes) = at.astimezone(SHANGHAI), _DAY
    if "emergency" in fate.form or opens <= local.time() < closes:
        return at
    day = local.date() + timedelta(days=local.time() >= closes)
    minutes = fate.dice.between(f"morning/{day}", 0, 90)
    return (datetime.combine(day, opens, SHANGHAI) + timedelta(minutes=minutes)).astimezone(at.tzinfo)
