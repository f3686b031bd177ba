"""What tests of anchors and exports do over and over: let days pass, anchor them, export a case."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from store_hands import OPERATOR, bring
from unit import lives
from unit.lives import Life

from hotline.commands import ReopenCase
from hotline.identifiers import CaseNo
from hotline.proof.anchors import Anchor
from hotline.proof.export import Export
from runtime.signing import SigningKeys
from store.anchors import anchor_next
from store.engine import Database
from store.export import export_case

DAY = timedelta(days=1)
MIDNIGHT = lives.at("2026-03-03 00:00")
"""The end of the Monday on which lives begin."""

OTHERS = tuple(CaseNo(f"26030209000001{number:04}") for number in range(10, 17))


async def anchor_days(database: Database, keys: SigningKeys, now: datetime) -> list[Anchor]:
    """Anchor everything that is due, as the keeper does."""
    made = []
    while True:
        async with database.write() as session:
            anchor = await anchor_next(session, keys, now=now)
        if anchor is None:
            return made
        made.append(anchor)


async def fill(database: Database, keys: SigningKeys) -> Life:
    """A case that grew on Monday, Wednesday and Thursday among others, anchored for each day but the last."""
    for number in OTHERS:
        await bring(database, lives.contacted(case_no=number))
    life = lives.completed()
    await bring(database, life)
    await anchor_days(database, keys, MIDNIGHT)
    life.wait_until(MIDNIGHT + DAY + timedelta(hours=10))
    life.then(ReopenCase(new_facts=lives.TEXT, relapse=True), lives.DISPATCHER)
    await bring(database, life)
    await anchor_days(database, keys, MIDNIGHT + 2 * DAY)
    life.then(lives.dispatch(), lives.DISPATCHER, after=DAY)
    await bring(database, life)
    return life


async def exported(database: Database, keys: SigningKeys, case_no: CaseNo = lives.NUMBER) -> Export:
    async with database.write() as session:
        export = await export_case(session, keys, case_no, at=lives.at("2026-03-06 09:00"), actor=OPERATOR)
    assert export is not None
    return export


async def document(database: Database, keys: SigningKeys, case_no: CaseNo = lives.NUMBER) -> dict[str, Any]:
    """An export as somebody reads it from its file."""
    return (await exported(database, keys, case_no)).model_dump(mode="json")


async def tamper(as_owner: Database, table: str, *statements: str) -> None:
    """Do what only somebody with the owner's password can do."""
    async with as_owner.write() as session:
        await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            await session.execute(text(statement))
