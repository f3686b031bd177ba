"""Open cases that may be the same matter (疑似重复): of the same caller, or whose texts share much with what is being taken down.

Texts are compared by the keyed pairs of characters that the search knows them by (store/search.py), so nothing is
opened for it. It only points somebody to cases; whether they are one matter, that person decides (domain.md §1.8).
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Subquery,
    and_,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hotline.model import Record
from store.engine import ReadSession
from store.listing import CASE_COLUMNS
from store.persons import Cipher
from store.rows import CaseRow
from store.scope import CaseScope
from store.search import tokens_of
from store.tables.casework import cases
from store.tables.registration import search_entries

_NEWEST: Final = 400
"""So many of the newest open cases that share anything are compared."""

_ALIKE: Final = 0.35
"""The share of the shorter text's pairs from which on a case is worth a look; our choice, by the sample city."""

_PAIRS_AT_LEAST: Final = 4


class Likeness(Record):
    """A case that may be the same matter: of the same caller, and how much of the shorter text both share."""

    row: CaseRow
    same_caller: bool
    likeness: float


async def similar_cases(
    session: ReadSession,
    scope: CaseScope,
    cipher: Cipher,
    *,
    caller_hash: str | None,
    texts: Collection[str],
    with_secret: bool,
    limit: int,
) -> tuple[Likeness, ...]:
    """Return open cases that somebody may see, those of the caller first, then the most alike.

    Without `with_secret` no secret case is told of: likeness would tell of its texts, the hash of its caller.
    """
    wanted = tokens_of(cipher, texts)
    conditions = _conditions(caller_hash, wanted)
    if not conditions:
        return ()
    visible = and_(scope.condition, cases.c.closed_at.is_(None), or_(*conditions))
    if not with_secret:
        visible = and_(visible, not_(cases.c.secret))
    newest = (
        select(*CASE_COLUMNS, cases.c.caller_hash, search_entries.c.tokens)
        .join(search_entries, search_entries.c.case_no == cases.c.case_no, isouter=True)
        .where(visible)
        .order_by(cases.c.registered_at.desc(), cases.c.case_no.desc())
        .limit(_NEWEST)
        .subquery()
    )
    likeness = _likeness(newest, wanted).label("likeness")
    same = func.coalesce(newest.c.caller_hash == (caller_hash or ""), literal(value=False)).label(
        "same_caller"
    )
    query = (
        select(newest, likeness, same)
        .where(or_(same, likeness >= _ALIKE))
        .order_by(same.desc(), likeness.desc(), newest.c.registered_at.desc())
        .limit(limit)
    )
    found = await session.execute(query)
    return tuple(
        Likeness(
            row=CaseRow.model_validate({name: line[name] for name in CaseRow.model_fields}),
            same_caller=line["same_caller"],
            likeness=round(line["likeness"], 2),
        )
        for line in found.mappings()
    )


def _conditions(caller_hash: str | None, wanted: list[int]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if caller_hash:
        conditions.append(cases.c.caller_hash == caller_hash)
    if len(wanted) >= _PAIRS_AT_LEAST:
        conditions.append(search_entries.c.tokens.overlap(wanted))
    return conditions


def _likeness(newest: Subquery, wanted: list[int]) -> ColumnElement[float]:
    """The share of the shorter text's pairs that the other has too; nothing for a text that has hardly begun."""
    if len(wanted) < _PAIRS_AT_LEAST:
        return cast(literal(0), Float)
    tokens = newest.c.tokens
    pairs = func.unnest(tokens, type_=BigInteger).column_valued("pair")
    shared = (
        select(func.count(pairs))
        .where(pairs == func.any(cast(wanted, ARRAY(BigInteger))))
        .correlate(newest)
        .scalar_subquery()
    )
    shorter = func.greatest(func.least(func.cardinality(tokens), len(wanted)), _PAIRS_AT_LEAST)
    return func.coalesce(cast(shared, Float) / shorter, 0.0)
