"""Signing in and out (登录、退出), step by step, and the choice of a theme.

The steps are those of the API's session operations, whose functions these pages call; in demo mode every
demo account is one click away.
"""

from typing import Annotated, Final

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.address import AddressDep
from api.browser import (
    csrf_token,
    give_session,
    refuse_other_origins,
    require_private_channel,
    session_secret,
)
from api.deps import ServicesDep, VisitorDep
from api.errors import ApiError, problem_of
from api.parts import Part
from api.principal import Principal
from api.routers import session as steps
from api.services import Services
from api.signing_in import Visit as Coming
from api.signing_in import demo_accounts, enter_demo, require_local_login, sign_in
from console.codes import drawn
from console.menu import HOME
from console.rendering import render
from console.speaking import Language
from console.visit import ANYBODY, LANGUAGE_COOKIE, THEME_COOKIE, THEMES, Here, look_of
from hotline.refusals import Refusal
from hotline.vocabulary import Role, SignInStep
from runtime.second_factor import enrolment_uri

router = Part()

_YEAR: Final = 365 * 86_400
_Next = Annotated[str, Form(alias="next")]


@router.get("/", operation_id=ANYBODY)
async def home(visit: Here) -> RedirectResponse:
    """Everybody lands on their own work."""
    return RedirectResponse(HOME[visit.actor.role], status_code=303)


@router.get("/login")
async def ask(request: Request, services: ServicesDep, next: str = "/") -> HTMLResponse:  # noqa: A002  as in the address
    """The form; in demo mode the demo accounts by role."""
    return await _form(request, services, next)


@router.post("/login")
async def enter(
    request: Request,
    services: ServicesDep,
    address: AddressDep,
    user_id: Annotated[str, Form(max_length=1000)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    where: _Next = "/",
) -> Response:
    """Sign in with account and password; a refusal says so above the form and keeps the name."""
    try:
        require_local_login(services.settings)
        require_private_channel(request, services.settings)
        refuse_other_origins(request, services.settings)
        coming = Coming(address, request.headers.get("user-agent"))
        opened = await sign_in(services, user_id, password, coming)
    except (ApiError, Refusal) as error:
        return await _form(request, services, where, user_id=user_id, error=error)
    await steps.leave(services, request)
    answer = RedirectResponse(_inside(where), status_code=303)
    give_session(request, answer, services.settings, opened.secret)
    return answer


@router.post("/login/demo")
async def enter_as(
    request: Request,
    services: ServicesDep,
    address: AddressDep,
    user_id: Annotated[str, Form(max_length=64)],
    where: _Next = "/",
) -> Response:
    """Sign in as a demo account; refused outside demo mode."""
    refuse_other_origins(request, services.settings)
    opened = await enter_demo(services, user_id, Coming(address, request.headers.get("user-agent")))
    await steps.leave(services, request)
    answer = RedirectResponse(_inside(where), status_code=303)
    give_session(request, answer, services.settings, opened.secret)
    return answer


@router.get("/login/step")
async def owed(visitor: VisitorDep, services: ServicesDep, request: Request) -> Response:
    """The step that a session still owes."""
    assert visitor.session is not None
    if visitor.session.step is SignInStep.COMPLETE:
        return RedirectResponse("/", status_code=303)
    return await _step(request, services, visitor)


@router.post("/login/step")
async def take_step(
    visitor: VisitorDep,
    services: ServicesDep,
    request: Request,
    address: AddressDep,
    code: Annotated[str, Form(max_length=64)] = "",
    current: Annotated[str, Form(max_length=1000)] = "",
    new_password: Annotated[str, Form(max_length=1000)] = "",
    secret: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Take the step: a code of the app, the first code of a new one, or a password of one's own."""
    assert visitor.session is not None
    answer: Response = RedirectResponse("/login/step", status_code=303)
    try:
        match visitor.session.step:
            case SignInStep.TOTP:
                given = steps.OneTimeCode(code=code)
                await steps.second_factor(given, visitor, services, request, answer, address)
            case SignInStep.ENROLMENT:
                given = steps.OneTimeCode(code=code)
                kept = await steps.confirm(given, visitor, services, request, answer, address)
                page = HTMLResponse(render(look_of(request), "recovery.html", visit=None, codes=kept.codes))
                page.raw_headers.extend(head for head in answer.raw_headers if head[0] == b"set-cookie")
                answer = page
            case SignInStep.PASSWORD:
                change = steps.PasswordChange(current=current, new_password=new_password)
                await steps.change_password(change, visitor, services, request, answer, address)
    except (ApiError, Refusal) as error:
        return await _step(request, services, visitor, error=error, shown=secret)
    return answer


@router.post("/logout")
async def leave(
    visitor: VisitorDep, services: ServicesDep, request: Request, address: AddressDep
) -> RedirectResponse:
    """End the session."""
    answer = RedirectResponse("/login", status_code=303)
    await steps.end(visitor, services, request, answer, address)
    return answer


@router.post("/look")
async def choose_look(
    request: Request,
    services: ServicesDep,
    theme: Annotated[str, Form(max_length=10)] = "",
    language: Annotated[str, Form(max_length=10)] = "",
    where: _Next = "/",
) -> RedirectResponse:
    """Keep the theme or the language that somebody chose in their browser."""
    refuse_other_origins(request, services.settings)
    answer = RedirectResponse(_inside(where), status_code=303)
    if theme in THEMES:
        answer.set_cookie(THEME_COOKIE, theme, max_age=_YEAR, samesite="lax", httponly=True)
    if language in set(Language):
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, samesite="lax", httponly=True)
    return answer


def _inside(where: str) -> str:
    """Only a path of ours: a link must not lead somebody who just signed in to another site."""
    return where if where.startswith("/") and not where.startswith(("//", "/\\")) else "/"


async def _form(
    request: Request, services: Services, where: str, user_id: str = "", error: Exception | None = None
) -> HTMLResponse:
    problem = problem_of(error)[0] if error else None
    demo = await demo_accounts(services)
    page = render(
        look_of(request),
        "login.html",
        visit=None,
        problem=problem,
        user_id=user_id,
        where=_inside(where),
        demo=[(role, [one for one in demo if one.role is role]) for role in Role if role in HOME],
        has_demo=bool(demo),
        single_sign_on=services.settings.oidc_issuer is not None,
    )
    return HTMLResponse(page, status_code=problem.status if problem else 200)


async def _step(
    request: Request,
    services: Services,
    visitor: Principal,
    error: Exception | None = None,
    shown: str = "",
) -> HTMLResponse:
    """The page of a step. A secret that the app has taken is shown again after a wrong code, not made anew."""
    assert visitor.session is not None
    problem = problem_of(error)[0] if error else None
    step, secret = visitor.session.step, session_secret(request, services.settings)
    assert secret is not None
    enrolment = None
    if step is SignInStep.ENROLMENT:
        enrolment = shown or (await steps.enrol(visitor, services)).secret
    page = render(
        look_of(request),
        "step.html",
        visit=None,
        problem=problem,
        step=step,
        enrolment=enrolment,
        scan=drawn(enrolment_uri(enrolment, visitor.user.user_id)) if enrolment else None,
        csrf=csrf_token(services.keyring, secret),
    )
    return HTMLResponse(page, status_code=problem.status if problem else 200)
