"""Audit the lock against a folder of advisories (离线漏洞核查), for machines that reach no advisory service.

`python -m tools.advisories FOLDER` takes a checkout of the Python Packaging Advisory Database, or any folder
of advisories in the OSV form, answers pip-audit's questions from it on the loopback, and ends as pip-audit
does: 0 if the lock has no known vulnerability. A folder without advisories is an error, never a clean lock.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import yaml
from packaging.utils import canonicalize_name
from packaging.version import Version

LOCK: Final = Path(__file__).parents[1] / "requirements.lock"
_ECOSYSTEM: Final = "PyPI"

Advisory = Mapping[str, Any]
"""One advisory in the OSV form (https://ossf.github.io/osv-schema/)."""


def read_advisories(folder: Path) -> dict[str, list[Advisory]]:
    """Return the advisories of a folder by the package they are about. Raises ValueError if it has none."""
    found: dict[str, list[Advisory]] = defaultdict(list)
    with ProcessPoolExecutor() as readers:
        for advisory in readers.map(_read, sorted(folder.rglob("*.yaml")), chunksize=200):
            for name in {canonicalize_name(part["package"]["name"]) for part in _affected(advisory)}:
                found[name].append(advisory)
    if not found:
        raise ValueError(f"{folder} holds no advisories")
    return found


def _read(file: Path) -> Advisory:
    loaded = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
    return loaded if isinstance(loaded, dict) else {}


def _affected(advisory: Advisory) -> Iterator[Mapping[str, Any]]:
    for part in advisory.get("affected", ()):
        if part["package"]["ecosystem"] == _ECOSYSTEM:
            yield part


def affects(advisory: Advisory, name: str, version: Version) -> bool:
    """Whether a version of a package is named, or lies in a range, and the advisory was not withdrawn."""
    return "withdrawn" not in advisory and any(
        version in map(_version, part.get("versions", ()))
        or any(_lies_in(found["events"], version) for found in _ranges(part))
        for part in _affected(advisory)
        if canonicalize_name(part["package"]["name"]) == name
    )


def _ranges(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Ranges of commits tell nothing about a release."""
    return (found for found in part.get("ranges", ()) if found["type"] == "ECOSYSTEM")


def _lies_in(events: Sequence[Mapping[str, str]], version: Version) -> bool:
    """The last event that a version has come to says whether it is affected; `0` is before every version."""
    is_in = False
    for event, at in sorted((pair for both in events for pair in both.items()), key=_when):
        if event == "introduced" and (at == "0" or version >= Version(at)):
            is_in = True
        elif (event == "fixed" and version >= Version(at)) or (
            event == "last_affected" and version > Version(at)
        ):
            is_in = False
    return is_in


def _when(event: tuple[str, str]) -> tuple[Version, bool]:
    """What ends at a version ends before what begins at it."""
    return Version("0.dev0") if event[1] == "0" else Version(event[1]), event[0] == "introduced"


def _version(text: str) -> Version | None:
    """Old releases have names that are no versions; nothing in a lock is called so."""
    try:
        return Version(text)
    except ValueError:
        return None


@contextmanager
def answering(advisories: Mapping[str, Sequence[Advisory]]) -> Iterator[str]:
    """Answer OSV queries from advisories on a free port of the loopback; yields the address to ask."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name, version = canonicalize_name(asked["package"]["name"]), Version(asked["version"])
            hits = [one for one in advisories.get(name, ()) if affects(one, name, version)]
            body = json.dumps({"vulns": hits} if hits else {}, default=str).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: pip-audit reports."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


def audit(folder: Path, lock: Path = LOCK) -> int:
    """Run pip-audit on a lock with what a folder knows; returns its exit code."""
    with answering(read_advisories(folder)) as url:
        return subprocess.run(  # noqa: S603  our own environment's tool on our own file
            [
                *(sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes"),
                *("--vulnerability-service", "osv", "--osv-url", url, "--progress-spinner", "off"),
                *("--requirement", str(lock)),
            ],
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(audit(Path(sys.argv[1])))
