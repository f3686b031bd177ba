"""附件识别: what a file is, its content tells; a name that says otherwise and a file that is two are refused."""

import io
from datetime import UTC, datetime

import pytest
from fixtures.files import DEVICE, EXCEL, PAGE, PDF, VIDEO, archive, photo, picture, word
from PIL import ExifTags, Image

from api import media
from api.media import examine, public_copy
from hotline.refusals import GuardFailed

OFFICE = "application/vnd.openxmlformats-officedocument"


def _code(content: bytes, name: str) -> str:
    with pytest.raises(GuardFailed) as refused:
        examine(content, name)
    assert refused.value.field == "file"
    assert refused.value.rule
    return refused.value.code


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (picture(), "现场.JPG", "image/jpeg"),
        (picture(), "", "image/jpeg"),
        (picture("PNG"), "a.b.png", "image/png"),
        (picture("WEBP"), "a.webp", "image/webp"),
        (PDF, "答复.pdf", "application/pdf"),
        (VIDEO, "a.mp4", "video/mp4"),
        (word(), "a.docx", f"{OFFICE}.wordprocessingml.document"),
        (EXCEL, "a.xlsx", f"{OFFICE}.spreadsheetml.sheet"),
    ],
)
def test_file_on_the_list_is_known_by_its_content(content: bytes, name: str, media_type: str) -> None:
    assert examine(content, name).media_type == media_type


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.jpg", "file_empty"),
        (PAGE, "a.jpg", "file_type_not_allowed"),
        (b"plain words", "a.jpg", "file_type_not_allowed"),
        (b"MZ" + bytes(200), "a.pdf", "file_type_not_allowed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", "file_type_not_allowed"),
        (picture("GIF"), "a.gif", "file_type_not_allowed"),
        (PAGE + PDF, "a.pdf", "file_type_not_allowed"),
        (archive("a.txt"), "a.docx", "file_type_not_allowed"),
        (word("xl/workbook.xml"), "a.docx", "file_type_not_allowed"),
        (b"PK\x03\x04broken", "a.docx", "file_type_not_allowed"),
        (word("word/vbaProject.bin"), "a.docx", "file_has_macros"),
        (picture(), "a.png", "file_name_differs"),
        (picture(), "a.html", "file_name_differs"),
        (word(), "a.xlsx", "file_name_differs"),
        (picture()[:300], "a.jpg", "image_unreadable"),
        (picture("PNG")[:50], "a.png", "image_unreadable"),
        (picture() + archive("evil.class"), "a.jpg", "file_is_two"),
        (PDF + archive("evil.class"), "a.pdf", "file_is_two"),
        (picture() + PAGE, "a.jpg", "file_is_two"),
        (picture(comment=PAGE), "a.jpg", "file_is_two"),
    ],
)
def test_anything_else_is_refused_by_the_rule_that_it_breaks(content: bytes, name: str, code: str) -> None:
    assert _code(content, name) == code


def test_picture_that_unfolds_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MAX_PIXELS", 32 * 24 - 1)
    assert _code(picture(), "a.jpg") == "image_too_large"
    monkeypatch.setattr(media, "MAX_PIXELS", 32 * 24)
    assert examine(picture(), "a.jpg").media_type == "image/jpeg"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_a_camera_wrote_is_kept_and_stripped_from_the_public_copy(kind: str) -> None:
    original = photo("2026:03:02 10:30:00", kind=kind)
    found = examine(original, "")
    assert found.taken_at == datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    assert found.metadata["Model"] == DEVICE
    assert found.metadata["GPSLatitude"] == "(30.0, 15.0, 0.0)"
    copy = public_copy(original, found.media_type)
    assert examine(copy, "").metadata == {}
    assert DEVICE.encode() not in copy
    with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(copy)) as after:
        # Turned as the camera said, since nothing says it any more.
        assert (after.size, after.format) == (before.size[::-1], kind)


def test_public_copy_has_no_comment_profile_or_text() -> None:
    secret = "planted words"
    copy = public_copy(picture(comment=secret.encode()), "image/jpeg")
    assert secret.encode() not in copy
    with Image.open(io.BytesIO(copy)) as image:
        assert not {"comment", "icc_profile", "exif", "xmp"} & image.info.keys()


@pytest.mark.parametrize(
    ("offset", "hour"), [("+08:00", 2), ("+00:00", 10), ("-05:30", 16), ("", 2), ("nonsense", 2)]
)
def test_time_of_a_camera_is_local_to_its_offset_or_to_shanghai(offset: str, hour: int) -> None:
    taken = examine(photo("2026:03:02 10:30:00", offset=offset), "").taken_at
    assert taken is not None
    assert (taken.hour, taken.minute) == (hour, 30 if offset != "-05:30" else 0)


def test_metadata_that_is_no_time_tells_no_time() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = "yesterday"
    assert examine(picture(exif=exif), "").taken_at is None
    assert examine(picture(), "").taken_at is None
