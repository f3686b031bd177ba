"""The generation of the workflow code (流程代次): which histories this code can replay.

A worker's build id. It stays the same from release to release as long as every stored history replays
(tests/replay), so that a case outlives upgrades; a change that breaks replay makes a new generation, whose
workers run beside the old ones until no case is left on them (docs/upgrade.md). Generations count up: that is how
a worker knows that it is newer.
"""

from typing import Final

GENERATION: Final = "cases-1"
