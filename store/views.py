"""Saved views (常用视图): the filters and columns of a list under a name, for one account.

What a view holds are codes: a word that somebody searched for may name a citizen, and is not kept.
"""

from datetime import datetime
from typing import Any, Final

from pydantic import JsonValue
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from hotline.identifiers import UserId
from hotline.model import Record
from hotline.refusals import LimitReached
from store.engine import ReadSession, WriteSession
from store.tables.reference import saved_views

AT_MOST: Final = 30
"""Set by us: more tabs than anybody finds again."""


class SavedView(Record):
    """One view: its name is unique for its owner."""

    view_id: str
    user_id: UserId
    name: str
    filters: dict[str, JsonValue]
    columns: tuple[str, ...]
    saved_at: datetime


async def save_view(session: WriteSession, view: SavedView) -> SavedView:
    """Keep a view; one of the same name is replaced and keeps its id. LimitReached: there are enough."""
    known = select(saved_views.c.name).where(saved_views.c.user_id == view.user_id)
    # Whoever saves two at once waits here, so that both are counted.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(view.user_id, 0))))
    names = await session.scalars(known)
    if view.name not in names and len(names) >= AT_MOST:
        raise LimitReached("too_many_views", f"最多保存 {AT_MOST} 个视图，请先删除不用的", field="name")
    values = view.model_dump(mode="python") | {"columns": list(view.columns)}
    changed = {name: values[name] for name in ("filters", "columns", "saved_at")}
    statement = (
        insert(saved_views)
        .values(values)
        .on_conflict_do_update(index_elements=["user_id", "name"], set_=changed)
        .returning(*saved_views.c)
    )
    return _view((await session.execute(statement)).mappings().one())


async def views_of(session: ReadSession, user_id: UserId) -> tuple[SavedView, ...]:
    """Return somebody's views by their names."""
    found = await session.execute(
        select(saved_views).where(saved_views.c.user_id == user_id).order_by(saved_views.c.name)
    )
    return tuple(_view(row) for row in found.mappings())


async def delete_view(session: WriteSession, user_id: UserId, view_id: str) -> bool:
    """Delete one of somebody's views; False if they have none of that id."""
    done = await session.execute(
        delete(saved_views).where(saved_views.c.user_id == user_id, saved_views.c.view_id == view_id)
    )
    return done.rowcount > 0


# A row is of as many types as it has columns.
def _view(row: Any) -> SavedView:
    return SavedView.model_validate(dict(row))
