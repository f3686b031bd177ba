"""Every failure as a problem document (RFC 9457), in one place.

    ApiError                    what only HTTP knows: no token, no such case, too many requests
    hotline.refusals.Refusal    what the rules do not allow (403, 409, 422)
    api.gateway.GatewayError    the engine is away (503) or the case is archived (409)
    store.failures              PostgreSQL is away (503)

A problem has a stable `code`, names field and rule where there is one, and never carries personal data
or a stack trace. Whatever is not listed is a bug: it is logged, and the client learns only that.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.gateway import (
    CaseArchived,
    CaseNotAdopted,
    DossierArchived,
    DossierNotAdopted,
    EngineUnavailable,
    GatewayError,
    LineFiled,
)
from hotline.refusals import (
    GuardFailed,
    KeyReused,
    LimitReached,
    NotPermitted,
    Refusal,
    StaleVersion,
    Unseen,
    WindowClosed,
    WrongStatus,
)
from store.failures import DatabaseUnavailable

log = structlog.get_logger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
_RETRY_AFTER_SECONDS: Final = "2"
_TYPE: Final = "urn:hotline:problem:"
_FIELD: Final = re.compile(r"[A-Za-z][\w-]{0,63}", re.ASCII)

STATUS_OF: Final[Mapping[type[Refusal], int]] = {
    NotPermitted: 403,
    Unseen: 404,
    WrongStatus: 409,
    StaleVersion: 409,
    LimitReached: 409,
    WindowClosed: 409,
    GuardFailed: 422,
    KeyReused: 422,
    Refusal: 422,
}


class FieldError(BaseModel):
    """One input at fault."""

    field: str = Field(examples=["lead"])
    message: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """A problem document (RFC 9457) with our stable code."""

    type: str = Field(examples=["urn:hotline:problem:wrong_status"])
    title: str = Field(examples=["当前状态为“办结”，不能执行此操作"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["wrong_status"])
    field: str | None = None
    rule: str | None = Field(default=None, examples=["domain.md §12 rule 17"])
    errors: list[FieldError] | None = None


class ApiError(HTTPException):
    """What only HTTP knows. FastAPI lets an HTTPException pass where it would hide any other behind a 400."""

    def __init__(
        self, status: int, code: str, title: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep the parts of the problem."""
        super().__init__(status, title, headers)
        self.code = code


EXPECTED: Final = (Refusal, ApiError, GatewayError, DatabaseUnavailable)
"""What an operation may answer instead of doing it, as drawn above."""


def not_found() -> ApiError:
    """No such case, or none that the caller may know of: the two look the same on purpose."""
    return ApiError(404, "case_not_found", "没有找到该工单")


def caller_erased() -> ApiError:
    """There is nothing left to open."""
    return ApiError(410, "caller_erased", "诉求人信息已按规定删除")


def unauthenticated() -> ApiError:
    """No token, or one that is unknown, expired or revoked."""
    return ApiError(401, "unauthenticated", "请先登录", headers={"WWW-Authenticate": "Bearer"})


def sign_in_refused() -> ApiError:
    """One answer for every reason, so that nobody learns from it which accounts there are."""
    return ApiError(401, "sign_in_refused", "账号、密码或者动态口令不正确，或者账号已停用、暂时锁定")


def unit_unknown(field: str) -> GuardFailed:
    """No active unit has this code; what was written instead is not repeated."""
    return GuardFailed("unit_unknown", "没有这个代码的单位", field=field)


def problem_of(error: Exception) -> tuple[Problem, dict[str, str]]:
    """The problem document of any failure, and the headers that go with it."""
    retry = {"Retry-After": _RETRY_AFTER_SECONDS}
    match error:
        case Refusal():
            return refused(error), {}
        case ApiError():
            return _problem(error.status_code, error.code, error.detail), dict(error.headers or {})
        case CaseArchived():
            return _problem(409, "case_archived", "工单已归档，如有新情况请重新登记并注明原工单号"), {}
        case LineFiled():
            return _problem(409, "line_filed", "台账已归档；问题再次发生的，登记新的诉求后另立台账"), {}
        case CaseNotAdopted():
            return _problem(503, "case_not_adopted", "工单正在建立，请稍后用同一幂等键重试"), retry
        case DossierArchived():
            return _problem(409, "dossier_archived", "案卷已归档，台账为最终记录"), {}
        case DossierNotAdopted():
            return _problem(503, "dossier_not_adopted", "案卷正在建立，请稍后用同一幂等键重试"), retry
        case EngineUnavailable():
            return _problem(503, "engine_unavailable", "流程引擎暂不可用，请稍后用同一幂等键重试"), retry
        case DatabaseUnavailable():
            return _problem(503, "database_unavailable", "数据库暂不可用，请稍后重试"), retry
        case _:
            log.error("request_failed", error_type=type(error).__name__, exc_info=error)
            return _problem(500, "internal_error", "系统内部错误，已记录"), {}


def refused(refusal: Refusal) -> Problem:
    """The problem document of a refusal of the rules."""
    # A refusal may be more particular than its family, as that of a source number which is taken.
    status = next(STATUS_OF[family] for family in type(refusal).__mro__ if family in STATUS_OF)
    problem = _problem(status, refusal.code, refusal.message)
    return problem.model_copy(update={"field": refusal.field, "rule": refusal.rule})


def _problem(status: int, code: str, title: str) -> Problem:
    return Problem(type=_TYPE + code, title=title, status=status, code=code)


def _respond(problem: Problem, headers: Mapping[str, str]) -> JSONResponse:
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=problem.status,
        headers=dict(headers),
        media_type=PROBLEM_JSON,
    )


def problem_response(error: Exception) -> JSONResponse:
    """The answer to a failure."""
    return _respond(*problem_of(error))


async def _known(_: Request, error: Exception) -> JSONResponse:
    return problem_response(error)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Names the fields at fault; the rejected values stay out, as they may be personal."""
    assert isinstance(error, RequestValidationError)
    errors = [
        FieldError(field=_field_name(entry["loc"][1:]), message=entry["msg"]) for entry in error.errors()
    ]
    return _respond(_invalid_input(errors), {})


def _invalid_input(errors: list[FieldError]) -> Problem:
    problem = _problem(422, "invalid_input", "输入有误")
    return problem.model_copy(update={"errors": errors, "field": errors[0].field})


def _field_name(path: Sequence[str | int]) -> str:
    """The path to a field. Names that clients made up may hold anything, and are not repeated."""
    known = (str(part) if isinstance(part, int) or _FIELD.fullmatch(part) else "…" for part in path)
    return ".".join(known) or "body"


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:  # A body that is not even text; what is no JSON arrives at `_invalid`.
        return _respond(_invalid_input([FieldError(field="body", message="Not valid text")]), {})
    title = _TITLES.get(error.status_code, error.detail)
    return _respond(_problem(error.status_code, f"http_{error.status_code}", title), error.headers or {})


def install(app: FastAPI) -> None:
    """Give an application the one way to report failures; api/tracing.py answers for those it does not know."""
    for known in EXPECTED:
        app.add_exception_handler(known, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem responses of an endpoint, for OpenAPI."""
    # A `model` here would be announced as plain JSON, which no problem ever is.
    content = {PROBLEM_JSON: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    return {status: {"content": content, "description": _DESCRIPTIONS[status]} for status in statuses}


_TITLES: Final = {404: "没有这个地址", 405: "此地址不支持该方法"}
"""For what the framework refuses by itself."""

_DESCRIPTIONS: Final = {
    401: "No token, or one that is not valid",
    403: "The role, the scope or the separation of duties does not allow it",
    404: "No such case, or none that the caller may know of",
    409: "The case is not where this applies, or has moved on",
    410: "What was asked for was erased as the law demands",
    413: "More than the operation takes",
    422: "The input is refused; `code`, `field` and `rule` say why",
    429: "Too many requests",
    503: "PostgreSQL or the engine is away; retry with the same key",
}
