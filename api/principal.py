"""Who is asking, and by what they proved it (调用者): an API token, or a browser session."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from api.services import Services
from hotline.calendar import SHANGHAI
from hotline.case import Actor
from hotline.vocabulary import TokenScope
from runtime.settings import Settings
from store import sessions, tokens
from store.accounts import User, user_of
from store.sessions import Limits, Session
from store.tokens import ALL_SCOPES, Token

_SEEN_EVERY: Final = timedelta(seconds=60)
"""A session that is used is written to at most this often; its idle time is that much too short at worst."""


@dataclass(frozen=True, slots=True)
class Principal:
    """An account, and the token or the session that opened it."""

    user: User
    token: Token | None = None
    session: Session | None = None

    @property
    def actor(self) -> Actor:
        """The account as rules know it."""
        return self.user.actor

    @property
    def scopes(self) -> frozenset[TokenScope]:
        """What it may be used for; a session for everything."""
        return self.token.scopes if self.token else ALL_SCOPES

    @property
    def handle(self) -> str:
        """What names the token or the session without opening it."""
        if self.token is not None:
            return self.token.token_id
        assert self.session is not None
        return self.session.session_id


def session_limits(settings: Settings) -> Limits:
    """How long sessions may lie idle and last."""
    return Limits(
        idle_for=timedelta(minutes=settings.session_idle_minutes),
        lasts_for=timedelta(hours=settings.session_hours),
    )


async def by_token(services: Services, token: str) -> Principal | None:
    """Whoever holds an API token, if it works."""
    now = services.now()
    async with services.database.read() as session:
        held = await tokens.holder(session, token, at=now, demo_mode=services.settings.demo_mode)
    if held is None:
        return None
    today = now.astimezone(SHANGHAI).date()
    if held.token.last_used_on != today:
        async with services.database.write() as writing:
            await tokens.mark_used(writing, held.token.token_id, today)
    return Principal(held.user, token=held.token)


async def by_session(services: Services, secret: str, *, in_person: bool = True) -> Principal | None:
    """Whoever holds a browser session, if it has not ended; it may still owe a step.

    What a page asks by itself is not somebody who is there (`in_person`), and keeps no session awake.
    """
    now, settings = services.now(), services.settings
    async with services.database.read() as session:
        held = await sessions.holder(
            session, secret, at=now, limits=session_limits(settings), demo_mode=settings.demo_mode
        )
    if held is None:
        return None
    if in_person and now - held.session.seen_at >= _SEEN_EVERY:
        async with services.database.write() as writing:
            await sessions.mark_seen(writing, held.session.session_id, now)
    return Principal(held.user, session=held.session)


async def is_still_in(services: Services, principal: Principal) -> bool:
    """Whether what opened a stream some time ago would open it now: not ended, and the account unchanged."""
    now = services.now()
    async with services.database.read() as session:
        if await user_of(session, principal.user.user_id) != principal.user:
            return False
        if principal.token is not None:
            return await tokens.is_live(session, principal.handle, at=now)
        limits = session_limits(services.settings)
        return await sessions.is_live(session, principal.handle, at=now, limits=limits)
