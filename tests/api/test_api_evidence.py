"""证据附件: a file is what its content is, belongs to its case, and comes back unaltered or not at all."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from api_hands import HANDLER, HEAD, OTHER_UNIT, UNIT, Office, advance, opened, problem, reply
from fixtures.files import DEVICE, PAGE, PDF, photo, picture, word

from api import uploads
from api.parts import PREFIX
from hotline.calendar import SHANGHAI

FOREIGN = f"handler-{OTHER_UNIT}"


@pytest_asyncio.fixture
async def number(office: Office) -> str:
    """A case in hand whose citizen was spoken to: a complete reply would be taken now."""
    number = await office("operator1").new_case()
    await advance(office, number, until="log_contact")
    return number


def camera_time(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y:%m:%d %H:%M:%S")


async def uploaded(
    office: Office, number: str, content: bytes, name: str = "现场.jpg", **fields: str
) -> dict[str, Any]:
    answer = await office(HANDLER).upload(number, content, name, **fields)
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


def reference(view: dict[str, Any]) -> dict[str, Any]:
    return {name: view[name] for name in ("evidence_id", "kind", "made_at")}


async def replied_with(office: Office, number: str) -> list[dict[str, Any]]:
    """The evidence in the fact of the reply."""
    facts = await office("operator1").facts(number)
    (body,) = [fact["body"] for fact in facts if fact["tag"] == "handling:reply_submitted"]
    evidence: list[dict[str, Any]] = body["evidence"]
    return evidence


async def download(
    office: Office, user: str, number: str, view: dict[str, Any], **query: str
) -> httpx.Response:
    return await office(user).get(f"/cases/{number}/evidence/{view['evidence_id']}", **query)


# ── uploading 上传 ────────────────────────────────────────────────────────────────────────────────


async def test_uploaded_file_carries_its_hash_into_the_fact(office: Office, number: str) -> None:
    content = picture()
    view = await uploaded(office, number, content)
    assert (view["media_type"], view["size"]) == ("image/jpeg", len(content))
    assert view["sha256"] == sha256(content).hexdigest()
    lying = {**reference(view), "sha256": "0" * 64, "media_type": "text/html"}
    done = await office(HANDLER).command(number, "submit_reply", reply(evidence=[lying]))
    assert done.status_code == 200, done.text
    (evidence,) = await replied_with(office, number)
    assert evidence["evidence_id"] == view["evidence_id"]
    assert evidence["sha256"] == view["sha256"]
    assert evidence["media_type"] == "image/jpeg"


async def test_evidence_that_is_kept_elsewhere_has_no_hash_whatever_is_claimed(
    office: Office, number: str
) -> None:
    made_at = datetime.now(UTC).isoformat()
    claimed = {"evidence_id": "photo-1", "kind": "handling", "made_at": made_at, "sha256": "0" * 64}
    assert (
        await office(HANDLER).command(number, "submit_reply", reply(evidence=[claimed]))
    ).status_code == 200
    (evidence,) = await replied_with(office, number)
    assert (evidence["evidence_id"], evidence["sha256"]) == ("photo-1", None)


async def test_same_file_twice_is_stored_once(office: Office, number: str) -> None:
    content = PDF
    first = await uploaded(office, number, content, "a.pdf")
    again = await uploaded(office, number, content, "b.pdf", made_at="2026-01-01T00:00:00Z")
    assert again == first
    other_kind = await uploaded(office, number, content, "a.pdf", kind="contact")
    assert other_kind["evidence_id"] != first["evidence_id"]
    folder = Path(office.settings.data_dir) / "evidence" / number
    assert len(list(folder.iterdir())) == 2


async def test_file_of_another_case_is_no_evidence_here(office: Office, number: str) -> None:
    elsewhere = await office("operator1").new_case()
    await advance(office, elsewhere, until="log_contact")
    view = await uploaded(office, elsewhere, picture())
    form = reply(evidence=[reference(view)])
    refused = await office(HANDLER).command(number, "submit_reply", form)
    assert problem(refused, 422, "evidence_unknown")["field"] == "evidence"
    assert (await office(HANDLER).command(elsewhere, "submit_reply", form)).status_code == 200


async def test_picture_that_was_taken_before_dispatch_is_refused_whatever_is_stated(
    office: Office, number: str
) -> None:
    now = datetime.now(UTC)
    old = photo(camera_time(now - timedelta(days=3)))
    view = await uploaded(office, number, old, made_at=now.isoformat())
    assert view["made_at_source"] == "camera"
    stated = {**reference(view), "made_at": now.isoformat()}
    refused = await office(HANDLER).command(number, "submit_reply", reply(evidence=[stated]))
    assert problem(refused, 422, "evidence_not_of_this_case")["field"] == "evidence"


async def test_time_is_that_of_the_camera_else_as_stated_else_of_arrival(office: Office, number: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    taken = await uploaded(office, number, photo(camera_time(now)))
    ahead = await uploaded(
        office, number, photo(camera_time(now + timedelta(days=2))), made_at=now.isoformat()
    )
    arrived = await uploaded(office, number, picture("PNG"), "a.png")
    assert [view["made_at_source"] for view in (taken, ahead, arrived)] == ["camera", "stated", "received"]
    assert [datetime.fromisoformat(view["made_at"]) for view in (taken, ahead)] == [now, now]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (PAGE, "a.jpg", "file_type_not_allowed"),
        (picture() + PAGE, "a.jpg", "file_is_two"),
        (picture(), "a.pdf", "file_name_differs"),
        (b"", "a.jpg", "file_empty"),
        (word("word/vbaProject.bin"), "a.docx", "file_has_macros"),
    ],
)
async def test_disguise_is_refused_with_field_and_rule(
    office: Office, number: str, content: bytes, name: str, code: str
) -> None:
    refused = problem(await office(HANDLER).upload(number, content, name), 422, code)
    assert refused["field"] == "file"
    assert refused["rule"]
    assert (await office(HANDLER).get(f"/cases/{number}/evidence")).json()["items"] == []


async def test_form_that_is_wrong_names_its_field(office: Office, number: str) -> None:
    handler, path = office(HANDLER), f"{PREFIX}/cases/{number}/evidence"
    headers = {"Authorization": f"Bearer {handler.token}"}
    assert (
        problem(await handler.upload(number, picture(), kind="rumour"), 422, "invalid_input")["field"]
        == "kind"
    )
    late = await handler.upload(number, picture(), made_at="yesterday")
    assert problem(late, 422, "invalid_input")["field"] == "made_at"
    unknown = await handler.upload(number, picture(), comment="x")
    assert problem(unknown, 422, "invalid_input")["field"] == "comment"
    problem(await handler.post(f"/cases/{number}/evidence", {"kind": "handling"}), 422, "multipart_needed")
    for body, code in ((b"nonsense", "multipart_malformed"), (b"--x--\r\n", "file_missing")):
        sent = await handler.http.post(
            path, content=body, headers=headers | {"Content-Type": "multipart/form-data; boundary=x"}
        )
        assert problem(sent, 422, code)["field"] == "file"
    bare = await handler.http.post(
        path, content=b"x", headers=headers | {"Content-Type": "multipart/form-data"}
    )
    problem(bare, 422, "multipart_malformed")


async def test_file_that_is_too_large_is_refused_and_only_files_may_be_large(
    office: Office, tokens: dict[str, str], number: str
) -> None:
    small = office.settings.model_copy(update={"evidence_max_bytes": 2_000_000})
    async with opened(small, tokens) as tight:
        large = picture("PNG") + bytes(2_000_000)
        problem(await tight(HANDLER).upload(number, large, "a.png"), 413, "body_too_large")
        problem(await tight(HANDLER).upload(number, large + bytes(1_000_000), "a.png"), 413, "body_too_large")

        async def chunks() -> Any:
            for _ in range(40):
                yield bytes(100_000)

        unsaid = await tight.http.post(
            f"{PREFIX}/cases/{number}/evidence",
            content=chunks(),
            headers={
                "Authorization": f"Bearer {tokens[HANDLER]}",
                "Content-Type": "multipart/form-data; boundary=x",
            },
        )
        assert unsaid.status_code in {413, 422}
        fits = picture("BMP") + bytes(1_500_000)
        problem(await tight(HANDLER).upload(number, fits, "a.bmp"), 422, "file_type_not_allowed")
        problem(await tight(HANDLER).post("/public/cases", {"title": "x" * 1_100_000}), 413, "body_too_large")


async def test_case_takes_only_so_many_files(
    office: Office, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_FILES", 1)
    view = await uploaded(office, number, picture())
    problem(await office(HANDLER).upload(number, picture(colour=(1, 2, 3))), 409, "evidence_limit")
    assert await uploaded(office, number, picture()) == view


async def test_archived_case_takes_no_more_files(office: Office) -> None:
    closed = await office("operator1").new_case()
    await office("operator1").command(closed, "answer_directly", {"answer": "已答复"})
    assert (await office("operator1").upload(closed, picture())).status_code == 201
    archived = await office("administrator1").command(closed, "archive_case")
    assert archived.status_code == 200, archived.text
    problem(await office("operator1").upload(closed, picture()), 409, "case_archived")


# ── who 可见范围 ──────────────────────────────────────────────────────────────────────────────────


async def test_file_is_there_for_who_sees_the_case_and_for_nobody_else(office: Office, number: str) -> None:
    view = await uploaded(office, number, picture())
    for user in (HEAD, "operator1", "auditor1"):
        assert (await download(office, user, number, view)).content == picture()
    for path in (f"/cases/{number}/evidence", f"/cases/{number}/evidence/{view['evidence_id']}"):
        problem(await office(FOREIGN).get(path), 404, "case_not_found")
        problem(await office.nobody.get(path), 401, "unauthenticated")
    problem(await office(FOREIGN).upload(number, picture()), 404, "case_not_found")
    problem(await office("auditor1").upload(number, picture()), 403, "role_not_permitted")


async def test_accused_unit_neither_sees_nor_brings_files(office: Office) -> None:
    number = await office("operator1").new_case(accused_units=[UNIT])
    await office("dispatcher1").command(number, "dispatch_case", {"lead": OTHER_UNIT})
    view = (await office(FOREIGN).upload(number, picture())).json()
    for user in (HANDLER, HEAD):
        problem(await download(office, user, number, view), 404, "case_not_found")
        problem(await office(user).upload(number, picture()), 404, "case_not_found")


async def test_file_of_another_case_is_not_found_here(office: Office, number: str) -> None:
    elsewhere = await office("operator1").new_case()
    view = (await office("operator1").upload(elsewhere, picture())).json()
    problem(await download(office, "operator1", number, view), 404, "evidence_not_found")
    assert (await download(office, "operator1", elsewhere, view)).status_code == 200


# ── downloading 下载 ──────────────────────────────────────────────────────────────────────────────


async def test_file_is_served_so_that_no_browser_runs_it(office: Office, number: str) -> None:
    view = await uploaded(office, number, PDF, "答复.pdf")
    answer = await download(office, HANDLER, number, view)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{view["evidence_id"]}.pdf"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["repr-digest"].startswith("sha-256=:")


async def test_what_the_camera_wrote_is_for_the_hotline_and_not_in_the_public_copy(
    office: Office, number: str
) -> None:
    view = await uploaded(office, number, photo(camera_time(datetime.now(UTC))), "张三家门口.jpg")
    (shown,) = (await office("supervisor1").get(f"/cases/{number}/evidence")).json()["items"]
    assert shown["metadata"]["Model"] == DEVICE
    assert shown["metadata"]["GPSLatitude"]
    assert shown["name"] == "张三家门口.jpg"
    (unit_sees,) = (await office(HANDLER).get(f"/cases/{number}/evidence")).json()["items"]
    assert (unit_sees["metadata"], unit_sees["name"]) == (None, None)
    copy = await download(office, "supervisor1", number, view, copy="public")
    assert copy.headers["content-type"] == "image/jpeg"
    assert DEVICE.encode() not in copy.content
    assert b"Exif" not in copy.content
    original = await download(office, "supervisor1", number, view)
    assert DEVICE.encode() in original.content


async def test_only_a_picture_has_a_public_copy(office: Office, number: str) -> None:
    view = await uploaded(office, number, PDF, "a.pdf")
    refused = await download(office, HANDLER, number, view, copy="public")
    assert problem(refused, 422, "no_public_copy")["field"] == "copy"


async def test_altered_file_is_told_and_never_served(office: Office, number: str) -> None:
    view = await uploaded(office, number, picture())
    (file,) = (Path(office.settings.data_dir) / "evidence" / number).iterdir()
    sealed = file.read_bytes()
    file.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    problem(await download(office, HANDLER, number, view), 409, "evidence_altered")
    problem(await download(office, HANDLER, number, view, copy="public"), 409, "evidence_altered")
    file.unlink()
    problem(await download(office, HANDLER, number, view), 409, "evidence_missing")


async def test_file_on_disk_is_sealed(office: Office, number: str) -> None:
    await uploaded(office, number, photo(camera_time(datetime.now(UTC))))
    (file,) = (Path(office.settings.data_dir) / "evidence" / number).iterdir()
    assert DEVICE.encode() not in file.read_bytes()
    assert file.parent.parent.stat().st_mode & 0o077 == 0


async def test_picture_of_a_secret_caller_reaches_the_unit_without_time_device_and_place(
    office: Office,
) -> None:
    number = await office("operator1").new_case(secret=True)
    await advance(office, number, until="sign_for")
    taken = camera_time(datetime.now(UTC))
    from_citizen = (await office("operator1").upload(number, photo(taken), "张三家.jpg")).json()
    assert DEVICE.encode() not in (await download(office, HANDLER, number, from_citizen)).content
    assert DEVICE.encode() in (await download(office, "operator1", number, from_citizen)).content
    own = await uploaded(office, number, photo(taken, kind="PNG"), "a.png")
    assert DEVICE.encode() in (await download(office, HANDLER, number, own)).content


async def test_download_from_a_secret_case_is_in_the_trail(office: Office) -> None:
    auditor = office("auditor1")
    for secret in (True, False):
        number = await office("operator1").new_case(secret=secret)
        await advance(office, number, until="sign_for")
        view = await uploaded(office, number, picture())
        await download(office, HANDLER, number, view)
        found = (await auditor.get("/trail", event="evidence:downloaded", case_no=number)).json()["items"]
        assert [(line["actor"]["user_id"], line["subject"]) for line in found] == (
            [(HANDLER, view["evidence_id"])] if secret else []
        )


async def test_store_that_is_away_answers_503_and_leaves_nothing(
    office: Office, tokens: dict[str, str], number: str
) -> None:
    away = office.settings.model_copy(
        update={
            "evidence_url": "s3://bucket",
            "evidence_s3_endpoint": "http://127.0.0.1:1",
            "evidence_s3_region": "us-east-1",
            "evidence_s3_key_id": "key",
            "evidence_s3_secret": "secret",
        }
    )
    async with opened(away, tokens) as cut_off:
        refused = await cut_off(HANDLER).upload(number, picture())
        problem(refused, 503, "evidence_store_unavailable")
        assert refused.headers["retry-after"]
    assert (await office(HANDLER).get(f"/cases/{number}/evidence")).json()["items"] == []
    assert (await uploaded(office, number, picture()))["size"] == len(picture())
