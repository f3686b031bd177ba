"""Choosing ports that nobody listens on, and remembering them (端口).

Clients reconnect to the address they know, so a part that is restarted must come back where it was;
a data folder therefore keeps its ports until an operator asks for others.
"""

import json
import secrets
import socket
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, RootModel

from runtime.files import write_private

LOOPBACK: Final = "127.0.0.1"
# Below Linux's ephemeral range (32768 and up): a client's outgoing connection cannot take the port
# of a server that is just being restarted.
_LOWEST: Final = 15_000
_HIGHEST: Final = 32_000
_ATTEMPTS: Final = 200


class NoFreePortError(OSError):
    """Every port that was tried is taken."""


class RememberedPort(BaseModel):
    model_config = ConfigDict(frozen=True)

    wanted: int
    chosen: int


class _Remembered(RootModel[dict[str, RememberedPort]]):
    pass


def is_free(port: int, host: str = LOOPBACK) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port in TIME_WAIT is free, one with a listener is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port(host: str = LOOPBACK) -> int:
    for _ in range(_ATTEMPTS):
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if is_free(port, host):
            return port
    raise NoFreePortError(f"no free port found on {host}")


class PortBook:
    """The ports of one data folder, by part."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def choose(self, name: str, wanted: int, host: str = LOOPBACK) -> int:
        """The remembered port if it is free, else the wanted one, else any free one."""
        remembered = self._read()
        before = remembered.get(name)
        candidates = [before.chosen] if before and before.wanted == wanted else []
        taken = {entry.chosen for part, entry in remembered.items() if part != name}
        for port in [*candidates, wanted]:
            if port not in taken and is_free(port, host):
                return self._remember(remembered, name, RememberedPort(wanted=wanted, chosen=port))
        return self._remember(remembered, name, RememberedPort(wanted=wanted, chosen=free_port(host)))

    def _remember(self, ports: dict[str, RememberedPort], name: str, port: RememberedPort) -> int:
        book = _Remembered({**ports, name: port})
        write_private(self._file, json.dumps(book.model_dump(), indent=2))
        return port.chosen

    def _read(self) -> dict[str, RememberedPort]:
        if not self._file.exists():
            return {}
        return _Remembered.model_validate_json(self._file.read_bytes()).root
