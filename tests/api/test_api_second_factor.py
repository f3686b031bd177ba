"""The second factor: enrolled before anything else opens, asked for each time, good once, replaced by codes."""

from typing import Any

import pyotp
import pytest
from api_doors import Browser, Doors
from api_hands import problem
from sqlalchemy import select

from hotline.vocabulary import Role
from store.tables.access import credentials, recovery_codes

STEP = 30


def code(doors: Doors, secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(doors.clock.at.timestamp()) // STEP + steps)


async def enrolled(doors: Doors, browser: Browser) -> tuple[str, list[str]]:
    """Bind an app; returns its secret and the recovery codes."""
    secret = (await browser.post("/session/totp/enrolment")).json()["secret"]
    answer = await browser.post("/session/totp/confirmation", {"code": code(doors, secret)})
    assert answer.status_code == 200, answer.text
    assert answer.json()["session"]["step"] == "complete"
    doors.clock.pass_by(seconds=STEP)
    return secret, answer.json()["codes"]


async def again(doors: Doors, browser: Browser) -> Browser:
    """The same person in another browser, after the password."""
    other = doors.browser(browser.user)
    assert (await other.sign_in()).json()["step"] == "totp"
    return other


async def give(browser: Browser, given: str) -> Any:
    return await browser.post("/session/totp", {"code": given})


async def test_who_bound_an_app_is_asked_for_its_code(doors: Doors) -> None:
    browser = await doors.signed_in()
    secret, _ = await enrolled(doors, browser)
    other = await again(doors, browser)
    problem(await other.get("/me"), 401, "sign_in_incomplete")
    half = other.cookie
    assert (await give(other, code(doors, secret))).json()["step"] == "complete"
    assert other.cookie != half
    assert (await other.get("/me")).status_code == 200
    assert (await doors.events(browser.user)) == [
        "session:signed_in",
        "account:second_factor_changed",
        "session:signed_in",
        "session:signed_in",
    ]


async def test_code_is_good_once(doors: Doors) -> None:
    browser = await doors.signed_in()
    secret, _ = await enrolled(doors, browser)
    first, second = await again(doors, browser), await again(doors, browser)
    used = code(doors, secret)
    assert (await give(first, used)).status_code == 200
    problem(await give(second, used), 401, "sign_in_refused")
    problem(await give(second, code(doors, secret, steps=-1)), 401, "sign_in_refused")
    doors.clock.pass_by(seconds=STEP)
    assert (await give(second, code(doors, secret))).status_code == 200


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
async def test_telephone_may_be_off_by_one_step(doors: Doors, steps: int, status: int) -> None:
    browser = await doors.signed_in()
    secret, _ = await enrolled(doors, browser)
    doors.clock.pass_by(seconds=3 * STEP)
    other = await again(doors, browser)
    assert (await give(other, code(doors, secret, steps=steps))).status_code == status


async def test_guessed_codes_lock_the_account_and_right_passwords_do_not_help(doors: Doors) -> None:
    browser = await doors.signed_in()
    secret, _ = await enrolled(doors, browser)
    other = await again(doors, browser)
    for _ in range(4):
        problem(await give(other, "000000x"), 401, "sign_in_refused")
        assert (await other.sign_in()).json()["step"] == "totp"
    problem(await give(other, "000000x"), 401, "sign_in_refused")
    problem(await give(other, code(doors, secret)), 401, "sign_in_refused")
    problem(await other.sign_in(), 401, "sign_in_refused")
    doors.clock.pass_by(minutes=15)
    await other.sign_in()
    assert (await give(other, code(doors, secret))).status_code == 200
    assert "session:locked_out" in await doors.events(browser.user)


async def test_recovery_code_stands_in_for_the_app_once(doors: Doors) -> None:
    browser = await doors.signed_in()
    _, codes = await enrolled(doors, browser)
    assert len(set(codes)) == 10
    typed = codes[3].upper().replace("-", " ")
    assert (await give(await again(doors, browser), typed)).status_code == 200
    problem(await give(await again(doors, browser), typed), 401, "sign_in_refused")
    assert (await give(await again(doors, browser), codes[4])).status_code == 200


async def test_recovery_code_of_somebody_else_opens_nothing(doors: Doors) -> None:
    browser, colleague = await doors.signed_in(), await doors.signed_in()
    await enrolled(doors, browser)
    _, codes = await enrolled(doors, colleague)
    problem(await give(await again(doors, browser), codes[0]), 401, "sign_in_refused")


async def test_secret_and_recovery_codes_are_not_kept_in_the_clear(doors: Doors) -> None:
    browser = await doors.signed_in()
    secret, codes = await enrolled(doors, browser)
    async with doors.services.database.read() as session:
        rows = [list(await session.execute(select(table))) for table in (credentials, recovery_codes)]
    for hidden in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert hidden not in repr(rows)


async def test_app_in_force_cannot_be_replaced_by_who_sits_at_the_browser(doors: Doors) -> None:
    browser = await doors.signed_in()
    await enrolled(doors, browser)
    problem(await browser.post("/session/totp/enrolment"), 409, "totp_in_force")
    problem(await browser.post("/session/totp/confirmation", {"code": "000000"}), 409, "totp_not_begun")
    problem(await give(browser, "000000"), 409, "wrong_sign_in_step")


async def test_wrong_first_code_binds_nothing(doors: Doors) -> None:
    browser = await doors.signed_in()
    problem(await browser.post("/session/totp/confirmation", {"code": "000000"}), 409, "totp_not_begun")
    await browser.post("/session/totp/enrolment")
    problem(await browser.post("/session/totp/confirmation", {"code": "000000x"}), 401, "sign_in_refused")
    assert (await doors.browser(browser.user).sign_in()).json()["step"] == "complete"


async def test_role_that_needs_it_gets_nowhere_before_it_is_bound(doors: Doors) -> None:
    auditor, operator = doors.browser(await doors.hire(Role.AUDITOR)), doors.browser(await doors.hire())
    with doors.settings(totp_roles="auditor"):
        assert (await operator.sign_in()).json()["step"] == "complete"
        assert (await auditor.sign_in()).json()["step"] == "enrolment"
        problem(await auditor.get("/me"), 401, "sign_in_incomplete")
        change = {"current": "x", "new_password": "y"}
        problem(await auditor.post("/session/password", change), 409, "wrong_sign_in_step")
        await enrolled(doors, auditor)
        assert (await auditor.get("/me")).status_code == 200
