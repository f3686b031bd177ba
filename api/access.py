"""Who may use which operation (接口权限): one row per operation, and none without a row.

The dependency that authenticates asks this table, so a role that may not is refused before anything is
looked up, and learns nothing about the case it named. The rows of commands are those of the rules. An
operation without a row, or whose row its endpoint does not keep, stops the API from starting.

A new operation takes one line in `_ROWS`: its operation id (`<tag>_<function>`) and who may. Which cases
somebody may then see is another question, and `hotline.visibility.may_see` answers it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from api.dossier_forms import dossier_commands
from api.forms import commands_for_people, kind_of
from hotline.accountability.decide import RULES as DOSSIER_RULES
from hotline.decide import RULES
from hotline.knowledge import KEEPERS
from hotline.problems.decide import RULES as PROBLEM_RULES
from hotline.refusals import NotPermitted
from hotline.roles import STAFF
from hotline.secrecy import OPENERS
from hotline.vocabulary import Role
from hotline.work import WORK_OF


class Door(Enum):
    """How somebody gets in: without anything, by a case's retrieval code, by a session that may owe a step, by an account."""

    PUBLIC = auto()
    CODE = auto()
    SESSION = auto()
    ACCOUNT = auto()


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use an operation, and whether it is about one case, which the caller must then be able to see."""

    door: Door
    roles: frozenset[Role] = frozenset()
    about_case: bool = False


PUBLIC: Final = Access(Door.PUBLIC)
WITH_CODE: Final = Access(Door.CODE, about_case=True)
SIGNING_IN: Final = Access(Door.SESSION)
SIGNED_IN: Final = Access(Door.ACCOUNT, STAFF)
WHO_SEES_THE_CASE: Final = Access(Door.ACCOUNT, STAFF, about_case=True)


def only(*roles: Role) -> Access:
    """Open to accounts of these roles alone."""
    return Access(Door.ACCOUNT, frozenset(roles))


def only_on_case(*roles: Role) -> Access:
    """Open to accounts of these roles alone, on cases that they can see."""
    return Access(Door.ACCOUNT, frozenset(roles), about_case=True)


_ROWS: Final[Mapping[str, Access]] = {
    "openapi": PUBLIC,
    "manual_docs": PUBLIC,
    "health_live": PUBLIC,
    "health_ready": PUBLIC,
    "public_submit": PUBLIC,
    "public_supervision": PUBLIC,
    "public_circulars": PUBLIC,
    "public_follow": WITH_CODE,
    "public_add_facts": WITH_CODE,
    "public_rate": WITH_CODE,
    "system_engine": SIGNED_IN,
    "system_every_part": only(Role.ADMINISTRATOR, Role.AUDITOR),
    "intake_register": only(Role.OPERATOR, Role.DISPATCHER, Role.ADMINISTRATOR),
    "intake_similar": only(Role.OPERATOR, Role.DISPATCHER, Role.ADMINISTRATOR),
    "intake_knowledge": only(Role.OPERATOR, Role.DISPATCHER, Role.ADMINISTRATOR),
    **dict.fromkeys(("knowledge_listed", "knowledge_upkeep", "knowledge_one"), SIGNED_IN),
    **dict.fromkeys(
        ("knowledge_write", "knowledge_revise", "knowledge_confirm", "knowledge_withdraw"), only(*KEEPERS)
    ),
    "cases_list_cases": SIGNED_IN,
    "cases_export": SIGNED_IN,
    "bulk_offered": SIGNED_IN,
    **dict.fromkeys(("views_mine", "views_save", "views_remove"), SIGNED_IN),
    **dict.fromkeys(("work_counts", "work_listed"), only(*WORK_OF)),
    "dispatch_suggestion": only(Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR),
    "cases_one_case": WHO_SEES_THE_CASE,
    "cases_facts": WHO_SEES_THE_CASE,
    "cases_closing": WHO_SEES_THE_CASE,
    "evidence_upload": only_on_case(
        Role.OPERATOR,
        Role.DISPATCHER,
        Role.HANDLER,
        Role.UNIT_HEAD,
        Role.REVISITOR,
        Role.SUPERVISOR,
        Role.DISCIPLINE,
    ),
    "evidence_listed": WHO_SEES_THE_CASE,
    "evidence_download": WHO_SEES_THE_CASE,
    "ledger_export": only_on_case(Role.AUDITOR, Role.ADMINISTRATOR),
    "ledger_anchors": only(Role.AUDITOR, Role.ADMINISTRATOR),
    "ledger_keys": SIGNED_IN,
    "trail_entries": only(Role.AUDITOR, Role.ADMINISTRATOR),
    "trail_verify": only(Role.AUDITOR, Role.ADMINISTRATOR),
    "boards_board": SIGNED_IN,
    "boards_timers": SIGNED_IN,
    "boards_alarms": SIGNED_IN,
    "boards_standing_still": SIGNED_IN,
    "boards_fired": SIGNED_IN,
    "boards_holdings": SIGNED_IN,
    "boards_held_cases": SIGNED_IN,
    "boards_hands": WHO_SEES_THE_CASE,
    "revisits_queue": only(Role.REVISITOR, Role.SUPERVISOR, Role.LEADER, Role.AUDITOR),
    "revisits_of_case": only_on_case(Role.REVISITOR, Role.SUPERVISOR, Role.LEADER, Role.AUDITOR),
    "supervision_of_case": WHO_SEES_THE_CASE,
    "supervision_measures": SIGNED_IN,
    "supervision_points": SIGNED_IN,
    "supervision_proposals": only(Role.SUPERVISOR, Role.LEADER, Role.DISCIPLINE, Role.AUDITOR),
    **dict.fromkeys(("supervision_take_up", "supervision_decline"), only(Role.SUPERVISOR, Role.LEADER)),
    **dict.fromkeys(
        ("screening_hits", "screening_one", "screening_statistics"), only(Role.DISCIPLINE, Role.AUDITOR)
    ),
    **dict.fromkeys(("screening_dismiss", "screening_reopen", "screening_clue"), only(Role.DISCIPLINE)),
    **dict.fromkeys(
        (
            "indicators_definitions",
            "indicators_months",
            "indicators_figures",
            "indicators_rows",
            "indicators_ranking",
        ),
        SIGNED_IN,
    ),
    **dict.fromkeys(
        ("indicators_preview", "indicators_freeze"), only(Role.SUPERVISOR, Role.LEADER, Role.ADMINISTRATOR)
    ),
    "indicators_recount": only(Role.ADMINISTRATOR),
    "indicators_verify": only(Role.SUPERVISOR, Role.LEADER, Role.ADMINISTRATOR, Role.AUDITOR),
    **dict.fromkeys(
        ("mass_bursts", "mass_behind"),
        only(Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.ADMINISTRATOR, Role.AUDITOR),
    ),
    "mass_settle": only(Role.DISPATCHER, Role.SUPERVISOR),
    "mass_stands": WHO_SEES_THE_CASE,
    "mass_build_one": only_on_case(Role.DISPATCHER, Role.SUPERVISOR),
    "problems_list_lines": SIGNED_IN,
    "problems_rates": SIGNED_IN,
    "problems_one_line": SIGNED_IN,
    "problems_linked": SIGNED_IN,
    "problems_history": SIGNED_IN,
    **dict.fromkeys(
        (
            "dossiers_register",
            "dossiers_every",
            "dossiers_one",
            "dossiers_facts",
            "dossiers_enter",
            "dossiers_record",
            "dossiers_periods",
            "dossiers_persons",
            "dossiers_statistics",
            "dossiers_counted_files",
        ),
        only(Role.DISCIPLINE),
    ),
    "dossiers_of_case": only_on_case(Role.DISCIPLINE, Role.AUDITOR),
    "openings_open_caller": only_on_case(*OPENERS),
    "openings_list_openings": only(Role.AUDITOR),
    "persons_export": only(Role.ADMINISTRATOR),
    "persons_erase": only(Role.ADMINISTRATOR),
    "codec_decode": only(Role.ADMINISTRATOR, Role.AUDITOR),
    "codec_encode": only(Role.ADMINISTRATOR),
    "live_live": SIGNED_IN,
    **dict.fromkeys(
        (
            "inbox_listed",
            "inbox_unread",
            "inbox_read_all",
            "inbox_read_one",
            "inbox_channels",
            "inbox_choose",
        ),
        SIGNED_IN,
    ),
    **dict.fromkeys(
        ("notifications_listed", "notifications_backlog", "notifications_retry", "notifications_discard"),
        only(Role.ADMINISTRATOR),
    ),
    "policy_due": SIGNED_IN,
    "policy_revisions": SIGNED_IN,
    "policy_active": SIGNED_IN,
    "policy_text": SIGNED_IN,
    "policy_calendar": SIGNED_IN,
    "policy_compress": only(Role.ADMINISTRATOR),
    "policy_draft": only(Role.ADMINISTRATOR),
    "policy_publish": only(Role.ADMINISTRATOR),
    **dict.fromkeys(
        (
            "policy_list_drafts",
            "policy_one",
            "policy_dry_run",
            "policy_dry_run_clocks",
            "policy_rollout",
            "policy_what_if",
            "policy_what_if_cases",
        ),
        only(Role.ADMINISTRATOR, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR),
    ),
    **dict.fromkeys(("units_every", "units_groups"), only(Role.ADMINISTRATOR, Role.AUDITOR)),
    **dict.fromkeys(("units_create", "units_change", "units_put_group"), only(Role.ADMINISTRATOR)),
    **dict.fromkeys(
        (
            "accounts_every",
            "accounts_create",
            "accounts_change",
            "accounts_reset",
            "accounts_its_sessions",
            "accounts_end_sessions",
            "accounts_end_one_session",
            "accounts_its_tokens",
            "accounts_issue",
            "accounts_revoke",
            "accounts_revoke_all",
        ),
        only(Role.ADMINISTRATOR),
    ),
    "session_begin": PUBLIC,
    "session_start": PUBLIC,
    "session_callback": PUBLIC,
    "session_current": SIGNING_IN,
    "session_end": SIGNING_IN,
    "session_change_password": SIGNING_IN,
    "session_second_factor": SIGNING_IN,
    "session_enrol": SIGNING_IN,
    "session_confirm": SIGNING_IN,
    "session_mine": SIGNED_IN,
    "session_end_mine": SIGNED_IN,
    "tokens_mine": SIGNED_IN,
    "tokens_issue": SIGNED_IN,
    "tokens_revoke": SIGNED_IN,
    "reference_me": SIGNED_IN,
    "reference_units": SIGNED_IN,
    "reference_terms": SIGNED_IN,
    "reference_offered_matters": SIGNED_IN,
    "reference_put_matter": only(Role.ADMINISTRATOR),
    "reference_every_matter": only(
        Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.ADMINISTRATOR, Role.AUDITOR
    ),
}


def _command_rows() -> Iterator[tuple[str, Access]]:
    for command in commands_for_people():
        kind, roles = kind_of(command), RULES[command].by & STAFF
        yield kind, Access(Door.ACCOUNT, roles, about_case=True)
        yield f"bulk_{kind}", Access(Door.ACCOUNT, roles)


def _line_rows() -> Iterator[tuple[str, Access]]:
    for rule in PROBLEM_RULES.values():
        if roles := rule.by & STAFF:
            yield rule.kind, Access(Door.ACCOUNT, roles)


def _dossier_rows() -> Iterator[tuple[str, Access]]:
    """Levels within the discipline body are the rules' to check; nobody else has a part in a file."""
    for command in dossier_commands():
        yield f"dossiers_{DOSSIER_RULES[command].kind}", only(Role.DISCIPLINE)


ACCESS: Final[Mapping[str, Access]] = MappingProxyType(
    {**_ROWS, **dict(_command_rows()), **dict(_line_rows()), **dict(_dossier_rows())}
)
"""Every operation by its id."""


def operation_id(route: APIRoute) -> str:
    """What an operation is called here and by generated clients; the commands name themselves."""
    return route.operation_id or f"{route.tags[0]}_{route.name}"


def roles_of(operation: str) -> frozenset[Role]:
    """The roles that use an operation, for pages that show what it answers. Raises KeyError if there is none."""
    return ACCESS[operation].roles


def admit(role: Role, route: APIRoute) -> None:
    """Refuse with NotPermitted whoever may not use an operation at all."""
    if role not in ACCESS[operation_id(route)].roles:
        raise NotPermitted("role_not_permitted", f"{role.label}不能执行此操作")


class AccessUndefinedError(RuntimeError):
    """An operation has no row, or its endpoint lets in others than its row says."""


def require_rows(routes: Iterable[BaseRoute], keepers: Mapping[Door, Callable[..., Any]]) -> None:
    """Raise AccessUndefinedError unless every operation has a row and is guarded as that row says.

    `keepers` are the dependencies that open each door; an endpoint behind a door must depend on its keeper.
    """
    for route in routes:
        name, guarded = _guards(route, keepers)
        row = ACCESS.get(name)
        if row is None:
            raise AccessUndefinedError(f"api/access.py has no row for {name}")
        if guarded != ({row.door} & keepers.keys()):
            raise AccessUndefinedError(f"{name} is not guarded as its row in api/access.py says")
        if row.about_case != ("{case_no}" in getattr(route, "path", "")):
            raise AccessUndefinedError(
                f"the row of {name} in api/access.py is wrong about its being of a case"
            )


def _guards(route: BaseRoute, keepers: Mapping[Door, Callable[..., Any]]) -> tuple[str, set[Door]]:
    if not isinstance(route, APIRoute):
        return getattr(route, "name", ""), set()
    used = set(_calls(route.dependant))
    return operation_id(route), {door for door, keeper in keepers.items() if keeper in used}


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for dependency in dependant.dependencies:
        if dependency.call is not None:
            yield dependency.call
        yield from _calls(dependency)
