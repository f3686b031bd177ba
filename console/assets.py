"""Style sheets, scripts and drawings (静态资源): read once, sent compressed, and kept by browsers until they change.

A page names a file with the digest of its content, so that a new release is seen at once and an old one is
never asked for again. `vendor/` is placed by tools/assets.py; the rest is ours.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import Request, Response

from api.errors import ApiError

FOLDER: Final = Path(__file__).with_name("static")
PREFIX: Final = "/static"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_TWIN: Final = ".gz"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    packed: bytes
    digest: str
    media_type: str


class Assets:
    """The files that pages load, by their names below console/static."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read them all: some hundred kilobytes."""
        self._files: Final[Mapping[str, _File]] = dict(_read(folder))

    def url(self, name: str) -> str:
        """The address of a file in the form in which browsers keep it. Raises KeyError: a page names what is not there."""
        return f"{PREFIX}/{name}?v={self._files[name].digest}"

    def answer(self, request: Request, name: str) -> Response:
        """The file, compressed for whoever can unpack it. Raises 404."""
        file = self._files.get(name)
        if file is None:
            raise ApiError(404, "asset_not_found", "没有这个文件")
        packs = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packs else {})
        if request.query_params.get("v") == file.digest:
            headers["Cache-Control"] = _FOR_EVER
        return Response(file.packed if packs else file.content, media_type=file.media_type, headers=headers)


def _read(folder: Path) -> Iterator[tuple[str, _File]]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix == _TWIN or path.name.startswith("."):
            continue
        content, twin = path.read_bytes(), path.with_name(path.name + _TWIN)
        yield (
            path.relative_to(folder).as_posix(),
            _File(
                content=content,
                packed=twin.read_bytes() if twin.exists() else gzip.compress(content, mtime=0),
                digest=hashlib.sha256(content).hexdigest()[:12],
                media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
            ),
        )
