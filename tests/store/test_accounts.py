"""A token opens its own account and no other, and stops when it is revoked, expired or its user leaves."""

from datetime import date, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from store_hands import NOW, rows

from hotline.case import Actor
from hotline.identifiers import UnitCode, UserId
from hotline.policy import default_policy
from hotline.vocabulary import Role, TokenScope
from store import accounts, policies
from store.accounts import User, unknown_units
from store.engine import Database, ReadSession, WriteSession
from store.failures import PolicyAltered
from store.seed import DEMO_UNITS, demo_users, seed_demo
from store.tables import metadata
from store.tables.access import tokens
from store.tokens import holder, issue_token, mark_used, revoke_token, revoke_tokens, tokens_of

DISPATCHER = UserId("dispatcher1")
HANDLER = UserId("handler-U310")


async def authenticate(
    session: ReadSession, token: str, *, at: datetime, demo_mode: bool = True
) -> Actor | None:
    held = await holder(session, token, at=at, demo_mode=demo_mode)
    return held.user.actor if held else None


async def _seeded(session: WriteSession) -> dict[UserId, str]:
    return await seed_demo(session, at=NOW)


async def test_demo_city_has_every_role_and_a_handler_and_a_head_for_each_unit(database: Database) -> None:
    async with database.write() as session:
        issued = await _seeded(session)
        users = await accounts.all_users(session)
        assert await accounts.all_units(session) == tuple(sorted(DEMO_UNITS, key=lambda unit: unit.code))
        actors = {user: await authenticate(session, token, at=NOW) for user, token in issued.items()}
    assert actors == {user.user_id: user.actor for user in users}
    assert {user.role for user in users} == set(Role) - {Role.CITIZEN, Role.SYSTEM}
    assert actors[HANDLER] == Actor(user_id=HANDLER, role=Role.HANDLER, unit=UnitCode("U310"))


async def test_seeding_again_changes_nothing(database: Database) -> None:
    async with database.write() as session:
        await _seeded(session)
        before = [await rows(session, table) for table in metadata.sorted_tables]
        assert await _seeded(session) == {}
        assert [await rows(session, table) for table in metadata.sorted_tables] == before


async def test_tokens_that_were_lost_are_replaced_and_the_others_kept(database: Database) -> None:
    async with database.write() as session:
        issued = await _seeded(session)
        known = {user: token for user, token in issued.items() if user != DISPATCHER} | {HANDLER: "nonsense"}
        again = await seed_demo(session, at=NOW, known=known)
        assert again.keys() == {user.user_id for user in demo_users()}
        assert {user for user in again if again[user] != issued[user]} == {DISPATCHER, HANDLER}
        assert await authenticate(session, issued[DISPATCHER], at=NOW) is None
        assert await authenticate(session, again[DISPATCHER], at=NOW) is not None


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "a" * 5000])
async def test_nonsense_opens_nothing(database: Database, token: str) -> None:
    async with database.write() as session:
        await _seeded(session)
        assert await authenticate(session, token, at=NOW) is None


async def test_token_itself_is_not_kept(database: Database) -> None:
    async with database.write() as session:
        issued = await _seeded(session)
        assert issued[DISPATCHER] not in repr(await rows(session, tokens))


async def test_token_ends_when_it_expires(database: Database) -> None:
    async with database.write() as session:
        await _seeded(session)
        token = await issue_token(
            session, DISPATCHER, name="shift", at=NOW, expires_at=NOW + timedelta(hours=8)
        )
        assert await authenticate(session, token, at=NOW + timedelta(hours=7)) is not None
        assert await authenticate(session, token, at=NOW + timedelta(hours=8)) is None


async def test_revoking_ends_the_named_tokens_of_one_user(database: Database) -> None:
    async with database.write() as session:
        issued = await _seeded(session)
        shift = await issue_token(session, DISPATCHER, name="shift", at=NOW)
        assert await revoke_tokens(session, DISPATCHER, at=NOW, name="shift") == 1
        assert await authenticate(session, shift, at=NOW) is None
        assert await authenticate(session, issued[DISPATCHER], at=NOW) is not None
        assert await revoke_tokens(session, DISPATCHER, at=NOW) == 1
        assert await authenticate(session, issued[DISPATCHER], at=NOW) is None
        assert await authenticate(session, issued[HANDLER], at=NOW) is not None


async def test_user_who_left_has_no_way_in(database: Database) -> None:
    async with database.write() as session:
        issued = await _seeded(session)
        await session.execute(text("UPDATE users SET active = false WHERE user_id = 'dispatcher1'"))
        assert await authenticate(session, issued[DISPATCHER], at=NOW) is None
        assert await accounts.user_of(session, DISPATCHER) is None
        assert await accounts.user_of(session, HANDLER) is not None


async def test_demo_accounts_exist_in_demo_mode_alone(database: Database) -> None:
    async with database.write() as session:
        issued = await _seeded(session)
        assert await authenticate(session, issued[DISPATCHER], at=NOW) is not None
        assert await authenticate(session, issued[DISPATCHER], at=NOW, demo_mode=False) is None


async def test_token_is_listed_with_its_purpose_and_never_with_itself(database: Database) -> None:
    async with database.write() as session:
        await _seeded(session)
        secret = await issue_token(
            session, DISPATCHER, name="对接", at=NOW, scopes=[TokenScope.READ], issued_by=HANDLER
        )
        held = await holder(session, secret, at=NOW, demo_mode=True)
        assert held is not None
        await mark_used(session, held.token.token_id, date(2026, 3, 2))
        token = {token.name: token for token in await tokens_of(session, DISPATCHER)}["对接"]
    assert (token.scopes, token.issued_by, token.last_used_on) == (
        frozenset({TokenScope.READ}),
        HANDLER,
        date(2026, 3, 2),
    )
    assert secret not in repr(token)


async def test_only_its_own_user_can_have_a_token_revoked(database: Database) -> None:
    async with database.write() as session:
        issued = await _seeded(session)
        (token,) = await tokens_of(session, DISPATCHER)
        assert await revoke_token(session, HANDLER, token.token_id, at=NOW) is None
        assert await authenticate(session, issued[DISPATCHER], at=NOW) is not None
        revoked = await revoke_token(session, DISPATCHER, token.token_id, at=NOW)
        assert revoked is not None
        assert revoked.revoked_at == NOW
        assert await revoke_token(session, DISPATCHER, token.token_id, at=NOW) is None
        assert await authenticate(session, issued[DISPATCHER], at=NOW) is None


async def test_unknown_and_inactive_units_are_named(database: Database) -> None:
    async with database.write() as session:
        await _seeded(session)
        await session.execute(text("UPDATE units SET active = false WHERE code = 'U321'"))
        asked = [UnitCode(code) for code in ("U110", "U999", "U321", "U999")]
        assert await unknown_units(session, asked) == ("U999", "U321")
        assert await unknown_units(session, []) == ()


def test_handler_without_a_unit_is_no_account() -> None:
    with pytest.raises(ValidationError, match="unit"):
        User(user_id=HANDLER, display_name="经办人", role=Role.HANDLER)


async def test_policy_in_force_is_the_default_until_another_is_published(database: Database) -> None:
    faster = default_policy().compressed(60.0, "fast/1")
    async with database.write() as session:
        assert await policies.active(session) is None
        assert await policies.ensure_default(session, at=NOW) == default_policy()
        await policies.publish(session, faster, by=DISPATCHER, at=NOW)
        assert await policies.active(session) == faster
        assert await policies.ensure_default(session, at=NOW) == faster
        assert await policies.by_revision(session, "default/3") == default_policy()
        assert await policies.by_revision(session, "none/1") is None
        await policies.put_in_force(session, "default/3")
        assert await policies.active(session) == default_policy()
        assert await policies.revisions(session) == ("fast/1", "default/3")


async def test_published_revision_is_immutable(database: Database) -> None:
    faster = default_policy().compressed(60.0, "fast/1")
    async with database.write() as session:
        await policies.publish(session, faster, by=DISPATCHER, at=NOW, activate=False)
        await policies.publish(session, faster, by=DISPATCHER, at=NOW, activate=False)
        assert await policies.active(session) is None
        with pytest.raises(PolicyAltered):
            await policies.publish(
                session, default_policy().compressed(90.0, "fast/1"), by=DISPATCHER, at=NOW
            )
        assert await policies.by_revision(session, "fast/1") == faster
