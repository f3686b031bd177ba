"""接口权限: every operation has its row, every row its operation, and an endpoint keeps what its row says."""

import pytest
from api_hands import UNIT, Office, new_key, problem
from fastapi.routing import APIRoute

from api import access
from api.access import ACCESS, AccessUndefinedError, Door, operation_id, require_rows
from api.app import create_app
from api.deps import ActorDep, CaseNoDep, authenticated
from api.forms import commands_for_people, kind_of
from api.parts import Application, Operations
from api.routers.public import own_case
from hotline.decide import RULES
from hotline.roles import STAFF
from hotline.vocabulary import Role
from runtime.settings import Settings

KEEPERS = {Door.ACCOUNT: authenticated, Door.CODE: own_case}


def test_every_row_belongs_to_an_operation() -> None:
    """The other way round is what starting the API demands."""
    served = set()
    for route in create_app(Settings()).routes:
        served.add(operation_id(route) if isinstance(route, APIRoute) else getattr(route, "name", ""))
    assert set(ACCESS) == served


def test_the_rows_of_commands_are_those_of_the_rules() -> None:
    for command in commands_for_people():
        for name in (kind_of(command), f"bulk_{kind_of(command)}"):
            assert ACCESS[name].roles == RULES[command].by - {Role.CITIZEN, Role.SYSTEM}


def test_nobody_without_an_account_has_a_role() -> None:
    for row in ACCESS.values():
        assert row.roles <= STAFF
        assert (row.door is Door.ACCOUNT) or not row.roles


async def _open() -> None:
    """An endpoint without a guard."""


async def _guarded(_: ActorDep) -> None:
    """An endpoint for accounts."""


async def _of_a_case(_: ActorDep, __: CaseNoDep) -> None:
    """An endpoint about a case."""


def _with(endpoint: object, path: str) -> Application:
    part = Operations(tags=["extra"])
    part.add_api_route(path, endpoint, name="one")  # type: ignore[arg-type]  # any of the three above
    app = Application(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_part(part)
    return app


def test_an_operation_without_a_row_stops_the_start() -> None:
    with pytest.raises(AccessUndefinedError, match="no row for extra_one"):
        require_rows(_with(_guarded, "/one").routes, KEEPERS)


@pytest.mark.parametrize(
    ("row", "endpoint", "path"),
    [
        (access.SIGNED_IN, _open, "/one"),
        (access.WITH_CODE, _guarded, "/one/{case_no}"),
        (access.PUBLIC, _guarded, "/one"),
        (access.SIGNED_IN, _of_a_case, "/one/{case_no}"),
        (access.WHO_SEES_THE_CASE, _guarded, "/one"),
    ],
)
def test_an_endpoint_that_is_not_guarded_as_its_row_says_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, row: access.Access, endpoint: object, path: str
) -> None:
    monkeypatch.setattr(access, "ACCESS", {"extra_one": row})
    with pytest.raises(AccessUndefinedError, match="extra_one"):
        require_rows(_with(endpoint, path).routes, KEEPERS)


def test_an_endpoint_that_is_guarded_as_its_row_says_may_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "ACCESS", {"extra_one": access.WHO_SEES_THE_CASE})
    require_rows(_with(_of_a_case, "/one/{case_no}").routes, KEEPERS)


async def test_a_role_that_may_not_learns_nothing_of_the_case_it_named(office: Office) -> None:
    real = await office("operator1").new_case()
    for number in (real, "0" * 18):
        refused = await office("auditor1").command(number, "dispatch_case", {"lead": UNIT})
        problem(refused, 403, "role_not_permitted")
    row = {"case_no": real, "form": {"lead": UNIT}}
    refused = await office("auditor1").post("/bulk/dispatch_case", {"items": [row]}, key=new_key())
    problem(refused, 403, "role_not_permitted")
