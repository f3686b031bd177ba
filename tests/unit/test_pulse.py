"""Whether a worker lives is told by its beats, whatever its clock shows."""

from datetime import UTC, datetime, timedelta

import pytest

from api.pulse import Pulse

WITHIN = timedelta(seconds=10)


class Watch:
    """Our own clock, which a test moves on."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pulse(watch: Watch) -> Pulse:
    return Pulse(WITHIN, clock=watch)


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(minutes=2), timedelta(minutes=-2)])
def test_who_beats_lives_and_who_stopped_is_gone_whatever_their_clock_shows(
    pulse: Pulse, watch: Watch, apart: timedelta
) -> None:
    theirs = datetime.now(UTC) + apart
    pulse.beats("worker", theirs)
    for _ in range(3):
        watch.seconds += 2
        theirs += timedelta(seconds=2)
        assert pulse.beats("worker", theirs)
    watch.seconds += WITHIN.total_seconds() + 1
    assert not pulse.beats("worker", theirs)


def test_beat_that_is_old_when_it_is_first_heard_of_is_nobodys(pulse: Pulse) -> None:
    assert pulse.beats("living", datetime.now(UTC))
    assert not pulse.beats("dead", datetime.now(UTC) - timedelta(hours=1))
