"""Signing in (登录): a local password first, then whatever step the account still owes.

    password ─▶ totp | enrolment ─▶ password (chosen by an administrator) ─▶ complete
    oidc     ─▶ totp | enrolment, unless the provider asked for a second factor itself

Every refusal is the same to who is refused, costs the same work, and is in the trail with its reason.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from api.address import network_of
from api.errors import ApiError, sign_in_refused
from api.principal import session_limits
from api.services import Services
from hotline.identifiers import UserId, is_user_id
from hotline.passwords import MAX_LENGTH, check_password
from hotline.refusals import GuardFailed
from hotline.vocabulary import SignInMethod, SignInStep, TrailEvent
from runtime.second_factor import normal_recovery_code, step_of
from runtime.settings import Settings
from store import credentials as kept_credentials
from store import sessions
from store.accounts import User, account, all_users
from store.credentials import Credentials, Lockout
from store.engine import WriteSession
from store.sessions import Session
from store.trail import TrailEntry, record
from store.vault import bound_to

_AGENT_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Visit:
    """Where somebody signs in from: network address, and what the browser calls itself."""

    address: str
    agent: str | None = None


class Opened(NamedTuple):
    """A session and the secret for its cookie."""

    secret: str
    session: Session
    user: User


class _Attempt(NamedTuple):
    """Whom an attempt is for, and why it must fail whatever the password is."""

    user: User | None
    kept: Credentials | None
    failing: str | None

    @property
    def password_hash(self) -> str | None:
        """What the password is compared with; None means with the decoy."""
        return self.kept.password_hash if self.kept and self.failing is None else None


async def sign_in(services: Services, name: str, password: str, visit: Visit) -> Opened:
    """Open a session for an account with a local password, or refuse with 401, whatever the reason."""
    network = network_of(visit.address)
    await services.limits.require(services.settings.refused_limit, "refused", network)
    attempt = await _attempt(services, name)
    verdict = await services.passwords.check(password[: MAX_LENGTH + 1], attempt.password_hash)
    if attempt.user is None or attempt.kept is None or not verdict.fits:
        await _refuse(services, attempt, name, visit)
        await services.limits.spend(services.settings.refused_limit, "refused", network)
        raise sign_in_refused()
    async with services.database.write() as session:
        if verdict.newer:
            await kept_credentials.rehash(session, attempt.user.user_id, verdict.newer)
        await kept_credentials.undo_attempt(session, attempt.user.user_id)
        return await open_for(services, session, attempt.user, visit, method=SignInMethod.PASSWORD)


async def _attempt(services: Services, name: str) -> _Attempt:
    """Count an attempt before the password is looked at; unknown names count nothing, and cost the same."""
    async with services.database.write() as session:
        user = await account(session, UserId(name)) if is_user_id(name) else None
        if user is None:
            return _Attempt(None, None, "unknown")
        if not user.active:
            return _Attempt(user, None, "inactive")
        if user.demo and not services.settings.demo_mode:
            return _Attempt(user, None, "demo")
        kept = await kept_credentials.take_attempt(
            session, user.user_id, lockout(services.settings), at=services.now()
        )
    if kept is None:
        return _Attempt(user, None, "locked")
    if kept.password_hash is None:
        return _Attempt(user, kept, "no_password")
    expired = kept.password_expires_at is not None and kept.password_expires_at <= services.now()
    return _Attempt(user, kept, "expired" if expired else None)


async def _refuse(services: Services, attempt: _Attempt, name: str, visit: Visit) -> None:
    """Write down a refusal. What was typed for a name that is none may be a password, and is not kept."""
    reason = attempt.failing or "password"
    detail = {"reason": reason}
    if attempt.user is None:
        detail["name_hash"] = services.keyring.match("sign-in-name", name)
    async with services.database.write() as session:
        await _write_refusal(services, session, attempt.user, attempt.kept, visit, detail)


async def _write_refusal(
    services: Services,
    session: WriteSession,
    user: User | None,
    counted: Credentials | None,
    visit: Visit,
    detail: dict[str, str],
) -> None:
    subject, at = user.user_id if user else None, services.now()
    if counted is not None and counted.locked_until is not None:
        # The attempt that reached the limit has failed, so the lock that it brought stays.
        locked = TrailEntry(at=at, event=TrailEvent.LOCKED_OUT, subject=subject, address=visit.address)
        await record(session, locked)
    entry = TrailEntry(
        at=at,
        event=TrailEvent.SIGN_IN_REFUSED,
        subject=subject,
        address=visit.address,
        detail=dict(detail),
    )
    await record(session, entry)


async def open_for(
    services: Services,
    session: WriteSession,
    user: User,
    visit: Visit,
    *,
    method: SignInMethod,
    second_factor_given: bool = False,
) -> Opened:
    """Begin a session at the first step that the account owes. The last statements of a transaction."""
    now = services.now()
    kept = await kept_credentials.credentials_of(session, user.user_id)
    opened = Session(
        session_id=sessions.new_session_id(),
        user_id=user.user_id,
        method=method,
        step=next_step(user, kept, services.settings, method=method, second_factor_given=second_factor_given),
        created_at=now,
        seen_at=now,
        address=visit.address,
        agent=visit.agent[:_AGENT_CHARS] if visit.agent else None,
    )
    await sessions.forget_ended(session, at=now, limits=session_limits(services.settings))
    secret = await sessions.open_session(session, opened)
    await _arrived(services, session, user, opened)
    return Opened(secret, opened, user)


async def advance(services: Services, session: WriteSession, user: User, current: Session) -> Opened:
    """Bring a session to its next step under a new secret, after the step it owed was done.

    Raises 401 if it was ended in the meantime. The last statements of a transaction.
    """
    kept = await kept_credentials.credentials_of(session, user.user_id)
    step = next_step(user, kept, services.settings, method=current.method, second_factor_given=True)
    secret = await sessions.rotate(session, current.session_id, step=step, at=services.now())
    if secret is None:
        raise sign_in_refused()
    reached = current.model_copy(update={"step": step})
    await _arrived(services, session, user, reached)
    return Opened(secret, reached, user)


async def _arrived(services: Services, session: WriteSession, user: User, opened: Session) -> None:
    """When nothing is owed any more: failures are forgotten, and the trail tells who is in."""
    if opened.step is not SignInStep.COMPLETE:
        return
    await kept_credentials.forget_failures(session, user.user_id)
    entry = TrailEntry(
        at=services.now(),
        event=TrailEvent.SIGNED_IN,
        actor=user.actor,
        subject=user.user_id,
        address=opened.address,
        detail={"method": opened.method.value, "session": opened.session_id},
    )
    await record(session, entry)


def next_step(
    user: User,
    kept: Credentials,
    settings: Settings,
    *,
    method: SignInMethod,
    second_factor_given: bool,
) -> SignInStep:
    """What somebody whose first factor is proved still owes."""
    if not second_factor_given:
        if kept.has_second_factor:
            return SignInStep.TOTP
        if user.role in settings.second_factor_roles:
            return SignInStep.ENROLMENT
    if method is SignInMethod.PASSWORD and kept.must_change:
        return SignInStep.PASSWORD
    return SignInStep.COMPLETE


def lockout(settings: Settings) -> Lockout:
    """When an account is locked, and for how long."""
    return Lockout(settings.lockout_after, timedelta(minutes=settings.lockout_minutes))


async def prove_password(services: Services, user: User, password: str, visit: Visit) -> None:
    """Ask somebody who is signed in for their password again; guesses count as they do at the door."""
    async with services.database.write() as session:
        counted = await kept_credentials.take_attempt(
            session, user.user_id, lockout(services.settings), at=services.now()
        )
    kept = counted.password_hash if counted else None
    if not (await services.passwords.check(password[: MAX_LENGTH + 1], kept)).fits:
        async with services.database.write() as session:
            detail = {"reason": "password" if counted else "locked"}
            await _write_refusal(services, session, user, counted, visit, detail)
        raise sign_in_refused()
    async with services.database.write() as session:
        await kept_credentials.undo_attempt(session, user.user_id)


async def new_password_hash(services: Services, user: User, current: str, new: str) -> str:
    """Check a new password against the rules and return its hash."""
    check_password(new, user_id=user.user_id, min_length=services.settings.password_min_length)
    if new == current:
        raise GuardFailed("password_unchanged", "新密码不得与原密码相同", field="new_password")
    return await services.passwords.hash(new)


# ── demo mode 演示模式 ───────────────────────────────────────────────────────────────────────────


async def demo_accounts(services: Services) -> tuple[User, ...]:
    """The accounts that anybody may enter; none outside demo mode."""
    if not services.settings.demo_mode:
        return ()
    async with services.database.read() as session:
        return tuple(user for user in await all_users(session) if user.demo)


async def enter_demo(services: Services, name: str, visit: Visit) -> Opened:
    """Open a session for a demo account without a password. Raises 401 for any other, and outside demo mode."""
    found = next((user for user in await demo_accounts(services) if user.user_id == name), None)
    if found is None:
        raise sign_in_refused()
    async with services.database.write() as session:
        return await open_for(
            services, session, found, visit, method=SignInMethod.DEMO, second_factor_given=True
        )


# ── the second factor 动态口令 ───────────────────────────────────────────────────────────────────


def seal_totp(services: Services, user_id: UserId, secret: str) -> bytes:
    """Seal the secret of a second factor for one account."""
    return services.keyring.seal(kept_credentials.TOTP, secret.encode(), bound_to(user_id))


def recovery_hash(services: Services, user_id: UserId, code: str) -> str:
    """The keyed hash of a recovery code, of no use to who has the database alone."""
    return services.keyring.match("recovery-code", f"{user_id}/{normal_recovery_code(code)}")


async def prove_second_factor(services: Services, user: User, code: str, visit: Visit) -> None:
    """Check a code of the app or a recovery code and use it up, or refuse with 401 as any sign-in."""
    async with services.database.write() as session:
        counted = await kept_credentials.take_attempt(
            session, user.user_id, lockout(services.settings), at=services.now()
        )
    async with services.database.write() as session:
        if counted is not None and await _is_good(services, session, user, counted, code):
            await kept_credentials.undo_attempt(session, user.user_id)
            return
        detail = {"reason": "totp" if counted else "locked"}
        await _write_refusal(services, session, user, counted, visit, detail)
    network = network_of(visit.address)
    await services.limits.spend(services.settings.refused_limit, "refused", network)
    raise sign_in_refused()


async def _is_good(
    services: Services, session: WriteSession, user: User, kept: Credentials, code: str
) -> bool:
    if kept.totp_sealed is None:
        return False
    secret = services.keyring.open(kept_credentials.TOTP, kept.totp_sealed, bound_to(user.user_id)).decode()
    step = step_of(secret, code, services.now())
    if step is not None:
        return await kept_credentials.use_totp_step(session, user.user_id, step)
    if not kept.has_second_factor:
        return False
    hashed = recovery_hash(services, user.user_id, code)
    return await kept_credentials.use_recovery_code(session, user.user_id, hashed, at=services.now())


def require_local_login(settings: Settings) -> None:
    """Refuse passwords where only single sign-on is in use."""
    if not settings.local_login:
        raise ApiError(403, "local_login_off", "本系统已关闭本地密码登录，请使用单点登录")
