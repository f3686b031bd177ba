"""The files of a case on its page: for whoever may know of them, and for nobody else a page without a word of it."""

from datetime import timedelta

import pytest
from api_doors import Browser, Doors
from fixtures.cases import registration
from unit.dossiers import Dossier
from unit.lives import Life

from console.app import add_console
from hotline.accountability.reporting import reports_of
from hotline.identifiers import CaseNo
from hotline.vocabulary import Role
from store.dossiers import project as project_dossier
from store.file_reports import append_reports
from store.projection import project

SAYS = "问责案卷"


@pytest.fixture(scope="module")
def pages(doors: Doors) -> Doors:
    add_console(doors.office.app)
    return doors


@pytest.fixture(scope="module")
async def file(pages: Doors) -> Dossier:
    """A file, and the case that it came of."""
    life = Life(registration(registered_at=pages.clock.now() - timedelta(minutes=1)))
    file = Dossier(cases=(life.state.case_no,), reference="drawn-by-lot")
    async with pages.office.services.database.write() as session:
        await project(session, life.state.case_no, life.facts)
        await project_dossier(session, file.state.dossier_no, file.facts)
        await append_reports(session, reports_of(file.state))
    return file


async def page_of(browser: Browser, case_no: CaseNo) -> str:
    answer = await browser.http.get(f"/cases/{case_no}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_officer_goes_from_the_case_to_its_file(pages: Doors, file: Dossier) -> None:
    page = await page_of(await pages.signed_in(Role.DISCIPLINE), file.state.cases[0])
    assert f'href="/dossiers/{file.state.dossier_no}"' in page
    assert "登记线索" in page


async def test_auditor_reads_the_reference_alone(pages: Doors, file: Dossier) -> None:
    page = await page_of(await pages.signed_in(Role.AUDITOR), file.state.cases[0])
    assert file.state.reference in page
    assert file.state.dossier_no not in page


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.LEADER, Role.DISPATCHER, Role.ADMINISTRATOR])
async def test_nobody_else_reads_a_word_of_it(pages: Doors, file: Dossier, role: Role) -> None:
    page = await page_of(await pages.signed_in(role), file.state.cases[0])
    assert SAYS not in page
    assert file.state.reference not in page
