"""What an uploaded file is (附件识别), by its content: a short list of types, each really opened, and no disguise.

A name or a header says what somebody wants us to believe. What is not on the list, does not open, or is two
kinds of file at once is refused with the rule that it breaks.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import puremagic
from PIL import ExifTags, Image, ImageOps

from hotline.calendar import SHANGHAI
from hotline.refusals import GuardFailed

RULE: Final = "附件须为 JPEG、PNG、WebP 图片，PDF，MP4 视频，或 Word、Excel 文档（docx、xlsx）"
MAX_PIXELS: Final = 80_000_000
"""No camera in use takes larger pictures; a small file that unfolds to more is an attack on our memory."""

_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OFFICE: Final = {"word/document.xml": _WORD, "xl/workbook.xml": _EXCEL}
_IMAGES: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_EXTENSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "image/jpeg": ("jpg", "jpeg", "jfif"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    "application/pdf": ("pdf",),
    "video/mp4": ("mp4", "m4v"),
    _WORD: ("docx",),
    _EXCEL: ("xlsx",),
}
_ACTIVE: Final = re.compile(rb"<(?:!doctype|html|script|svg|\?php)", re.IGNORECASE)
_EDGE: Final = 65_557
"""The furthest from its end at which a ZIP archive can have its directory's end record (APPNOTE 4.3.16)."""

_LONGEST_VALUE: Final = 500


@dataclass(frozen=True, slots=True)
class Media:
    """What a file is; of an image also when it says it was taken, and all its metadata."""

    media_type: str
    taken_at: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)


def examine(content: bytes, name: str) -> Media:
    """Tell what a file is. GuardFailed names the rule that it breaks."""
    if not content:
        raise GuardFailed("file_empty", "附件是空文件", field="file", rule=RULE)
    media_type = _media_type(content)
    _require_extension(name, media_type)
    _require_one_file(content, media_type)
    return _opened(content, media_type) if media_type in _IMAGES else Media(media_type)


def public_copy(content: bytes, media_type: str) -> bytes:
    """An image decoded and encoded anew: what it shows, and nothing that it tells besides (EXIF, GPS, device)."""
    with Image.open(io.BytesIO(content), formats=[_IMAGES[media_type]]) as image:
        upright = ImageOps.exif_transpose(image)
        # A new image has the pixels alone: no profile, no comment, no thumbnail, no text chunk.
        plain = Image.new(_plain_mode(upright), upright.size)
        plain.paste(upright.convert(plain.mode))
    copy = io.BytesIO()
    plain.save(copy, _IMAGES[media_type], quality=85)
    return copy.getvalue()


def extension_of(media_type: str) -> str:
    """The usual ending of the name of a file of this type."""
    return _EXTENSIONS[media_type][0]


def is_image(media_type: str) -> bool:
    """Whether there can be a public copy of a file of this type."""
    return media_type in _IMAGES


def _media_type(content: bytes) -> str:
    try:
        found = {match.mime_type for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        found = set()
    if found & {_WORD, _EXCEL}:
        return _office_type(content)
    # It must begin as what it is: readers forgive what stands before a PDF, and so do attacks.
    allowed = found & _EXTENSIONS.keys()
    if not allowed or (allowed == {"application/pdf"} and not content.startswith(b"%PDF-")):
        raise GuardFailed("file_type_not_allowed", "不支持这种类型的附件", field="file", rule=RULE)
    return str(min(allowed))


def _office_type(content: bytes) -> str:
    """Word and Excel files are archives with a known part; one with macros is a program."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        names = set()
    found = [media_type for part, media_type in _OFFICE.items() if part in names]
    if len(found) != 1 or "[Content_Types].xml" not in names or not content.startswith(b"PK\x03\x04"):
        raise GuardFailed("file_type_not_allowed", "不支持这种类型的附件", field="file", rule=RULE)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise GuardFailed("file_has_macros", "附件不得含有宏", field="file", rule=RULE)
    return found[0]


def _require_extension(name: str, media_type: str) -> None:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending and ending not in _EXTENSIONS[media_type]:
        raise GuardFailed(
            "file_name_differs",
            "文件扩展名与内容不符",
            field="file",
            rule=f"{media_type} 的扩展名为 {'、'.join(_EXTENSIONS[media_type])}",
        )


def _require_one_file(content: bytes, media_type: str) -> None:
    """A picture that is also a page or an archive is made to be taken for the other by somebody's program."""
    is_archive = media_type not in _OFFICE.values() and _ends_as_archive(content)
    is_page = media_type in _IMAGES and (_ACTIVE.search(content[:4096]) or _ACTIVE.search(content[-_EDGE:]))
    if is_archive or is_page:
        raise GuardFailed(
            "file_is_two",
            "附件中夹带其他文件",
            field="file",
            rule="一个附件只能是一个文件，不得夹带网页、脚本或者压缩包",
        )


def _ends_as_archive(content: bytes) -> bool:
    return zipfile.is_zipfile(io.BytesIO(content))


def _opened(content: bytes, media_type: str) -> Media:
    try:
        metadata = _decoded(content, media_type)
    except GuardFailed:
        raise
    except Exception as error:
        # What a broken picture makes a decoder raise is nobody's promise.
        raise GuardFailed("image_unreadable", "图片无法打开", field="file", rule=RULE) from error
    return Media(media_type, taken_at=_taken_at(metadata), metadata=metadata)


def _decoded(content: bytes, media_type: str) -> dict[str, str]:
    with Image.open(io.BytesIO(content), formats=[_IMAGES[media_type]]) as image:
        if image.width * image.height > MAX_PIXELS:
            raise GuardFailed(
                "image_too_large", "图片像素过大", field="file", rule=f"图片至多 {MAX_PIXELS} 像素"
            )
        image.load()
        return _metadata(image.getexif())


# Whatever EXIF holds, by the names of its tags.
def _metadata(exif: Image.Exif) -> dict[str, str]:
    parts: list[tuple[type[Any], Mapping[int, Any]]] = [
        (ExifTags.Base, exif),
        (ExifTags.Base, exif.get_ifd(ExifTags.IFD.Exif)),
        (ExifTags.GPS, exif.get_ifd(ExifTags.IFD.GPSInfo)),
    ]
    return {
        _tag(names, tag): _told(value)
        for names, tags in parts
        for tag, value in tags.items()
        if tag not in {ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo}
    }


def _tag(names: type[Any], tag: int) -> str:
    try:
        return str(names(tag).name)
    except ValueError:
        return f"{names.__name__}-{tag}"


def _told(value: object) -> str:
    told = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    return "".join(char for char in told if char.isprintable())[:_LONGEST_VALUE]


def _taken_at(metadata: Mapping[str, str]) -> datetime | None:
    """EXIF has the local time of the camera; without an offset it is taken for that of Shanghai."""
    told = metadata.get("DateTimeOriginal") or metadata.get("DateTime") or ""
    try:
        local = datetime.strptime(told, "%Y:%m:%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
    offset = re.fullmatch(r"([+-])(\d\d):(\d\d)", metadata.get("OffsetTimeOriginal", ""))
    if offset is None:
        return local.astimezone(UTC)
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3])) * (1 if offset[1] == "+" else -1)
    return local.replace(tzinfo=UTC) - ahead


def _plain_mode(image: Image.Image) -> str:
    return "RGBA" if image.format != "JPEG" and image.has_transparency_data else "RGB"
