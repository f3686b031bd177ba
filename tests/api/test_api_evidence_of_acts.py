"""台账存证: what was, who did what, and a file that proves it, for those who may know."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from api_hands import HANDLER, HEAD, OTHER_UNIT, UNIT, Office, advance, problem

from api.anchoring import GRACE_FOR, AnchorKeeper
from hotline.proof.anchors import end_of
from hotline.proof.verify import verify_export
from hotline.vocabulary import TrailEvent
from runtime.signing import is_signed_by
from store.anchors import last_anchor
from store.trail import TrailEntry, record

LONG_AGO = "2020-01-01T00:00:00Z"


@pytest_asyncio.fixture(scope="module")
async def finished(office: Office) -> str:
    """A case whose life is over. Nothing here changes it."""
    number = await office("operator1").new_case()
    await advance(office, number, until="record_revisit")
    return number


# ── time machine 工单时间机 ───────────────────────────────────────────────────────────────────────


async def test_case_is_shown_as_it_was_after_each_fact(office: Office, finished: str) -> None:
    facts = await office("operator1").facts(finished)
    then = {fact["tag"]: fact["at"] for fact in facts}
    registered = (await office("operator1").get(f"/cases/{finished}", at=facts[0]["at"])).json()
    assert (registered["status"], registered["owner_unit"], registered["owner_cause"]) == (
        "received",
        "12345",
        "intake",
    )
    assert registered["as_of"] == facts[0]["at"]
    signed = (await office("operator1").get(f"/cases/{finished}", at=then["assignment:signed"])).json()
    assert (signed["status"], signed["owner_unit"], signed["owner_cause_label"]) == (
        "in_hand",
        UNIT,
        "办理",
    )
    assert {clock["kind"] for clock in signed["clocks"] if not clock["stopped_at"]} == {"handling"}
    assert signed["next_actions"] == []
    assert signed["assignment"]["lead"] == UNIT


async def test_last_moment_is_the_present_but_for_what_may_be_done(office: Office, finished: str) -> None:
    person = office("supervisor1")
    present = await person.case(finished)
    past = (await person.get(f"/cases/{finished}", at=datetime.now(UTC).isoformat())).json()
    assert past | {"as_of": None, "next_actions": present["next_actions"]} == present


async def test_instant_outside_the_life_of_a_case_is_refused(office: Office, finished: str) -> None:
    before = await office("operator1").get(f"/cases/{finished}", at=LONG_AGO)
    problem(before, 404, "case_not_found")
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    refused = await office("operator1").get(f"/cases/{finished}", at=ahead)
    assert problem(refused, 422, "instant_in_future")["field"] == "at"


async def test_past_is_no_way_round_the_scope(office: Office, finished: str) -> None:
    now = datetime.now(UTC).isoformat()
    problem(await office(f"handler-{OTHER_UNIT}").get(f"/cases/{finished}", at=now), 404, "case_not_found")
    accusing = await office("operator1").new_case()
    await advance(office, accusing, until="dispatch_case")
    seen = await office(HANDLER).get(f"/cases/{accusing}", at=datetime.now(UTC).isoformat())
    assert seen.status_code == 200
    secret = await office("operator1").new_case(secret=True)
    await advance(office, secret, until="sign_for")
    past = (await office(HEAD).get(f"/cases/{secret}", at=datetime.now(UTC).isoformat())).json()
    assert (past["secret"], past["caller"]) == (True, None)


async def test_unit_that_is_accused_sees_no_past(office: Office) -> None:
    number = await office("operator1").new_case(accused_units=[UNIT])
    await office("dispatcher1").command(number, "dispatch_case", {"lead": OTHER_UNIT})
    for user in (HANDLER, HEAD):
        at = datetime.now(UTC).isoformat()
        problem(await office(user).get(f"/cases/{number}", at=at), 404, "case_not_found")


# ── export 导出 ──────────────────────────────────────────────────────────────────────────────────


async def test_auditor_takes_a_file_home_that_proves_itself(office: Office, finished: str) -> None:
    answer = await office("auditor1").get(f"/cases/{finished}/ledger")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="ledger-{finished}.json"'
    keys = (await office("auditor1").get("/ledger/keys")).json()
    trusted = [bytes.fromhex(key) for key in keys["keys"].values()]
    verdict = verify_export(answer.json(), is_signed_by, trusted=trusted)
    assert (verdict.is_true, verdict.case_no) == (True, finished)
    for personal in ("王小明", "13812345678", "滨江", "夜间施工"):
        assert personal not in answer.text
    forged = json.loads(answer.text)
    forged["entries"][3]["actor"][0] = "operator2"
    assert str(verify_export(forged, is_signed_by).flaws[0]) == "entry 4: its content is not what was hashed"


async def test_export_is_in_the_trail(office: Office, finished: str) -> None:
    await office("administrator1").get(f"/cases/{finished}/ledger")
    page = (await office("auditor1").get("/trail", event="ledger:exported", case_no=finished)).json()
    assert page["items"][0]["actor"]["user_id"] == "administrator1"
    assert page["items"][0]["event_label"] == "导出台账"


async def test_case_that_is_not_there_has_no_export(office: Office) -> None:
    problem(await office("auditor1").get("/cases/200101000000010001/ledger"), 404, "case_not_found")


@pytest.mark.parametrize("path", ["/ledger/anchors", "/trail", "/trail/verify"])
async def test_evidence_is_for_auditors_and_administrators(office: Office, path: str) -> None:
    for user in ("auditor1", "administrator1"):
        assert (await office(user).get(path)).status_code == 200
    for user in ("operator1", HANDLER, "discipline1"):
        problem(await office(user).get(path), 403, "role_not_permitted")
    problem(await office.nobody.get(path), 401, "unauthenticated")


# ── anchors 锚定 ─────────────────────────────────────────────────────────────────────────────────


async def test_keeper_anchors_each_day_once_it_is_over(office: Office, finished: str) -> None:
    """The clock is put forward; what the tests do meanwhile is of the same day."""
    services = office.services
    first, second = (AnchorKeeper(services.database, services.signing) for _ in range(2))
    await first.keep(services.now())
    async with services.database.read() as session:
        last = await last_anchor(session)
    assert last is not None
    midnight = end_of(last.day + timedelta(days=1))
    assert await first.keep(midnight + GRACE_FOR - timedelta(seconds=1)) == 0
    assert await first.keep(midnight + GRACE_FOR + timedelta(days=2)) == 3
    assert await second.keep(midnight + GRACE_FOR + timedelta(days=2)) == 0
    page = (await office("auditor1").get("/ledger/anchors", limit=2)).json()
    newest, before = page["items"]
    assert newest["prev_hash"] == before["hash"]
    assert page["next_before"] == before["number"]
    exported = (await office("auditor1").get(f"/cases/{finished}/ledger")).json()
    verdict = verify_export(exported, is_signed_by)
    assert (verdict.is_true, verdict.anchored) == (True, verdict.entries)


# ── trail 审计日志 ────────────────────────────────────────────────────────────────────────────────


async def test_trail_is_read_in_pages_and_found_to_hold(office: Office) -> None:
    async with office.services.database.write() as session:
        for _ in range(5):
            await record(session, TrailEntry(at=office.services.now(), event=TrailEvent.SIGNED_OUT))
    auditor, seen, before = office("auditor1"), [], {}
    while True:
        page = (await auditor.get("/trail", event="session:signed_out", limit=2, **before)).json()
        seen += [item["seq"] for item in page["items"]]
        if page["next_before"] is None:
            break
        before = {"before": page["next_before"]}
    assert len(seen) >= 5
    assert seen == sorted(seen, reverse=True)
    verdict = (await auditor.get("/trail/verify")).json()
    assert verdict["intact"] is True
    assert verdict["entries"] >= max(seen)
