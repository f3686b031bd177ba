"""Supervision as the public sees it (公开通报, 挂牌督办): texts that another person approved, once more without personal data.

No case number is told: with it and a retrieval code a case would open.
"""

from typing import Final, Self

from pydantic import Field, TypeAdapter

from api.schemas import Instant, View
from api.services import Services
from hotline.identifiers import CaseNo
from hotline.model import Instant as Moment
from hotline.model import Term
from hotline.privacy import ERASED
from hotline.vocabulary import MeasureKind
from store.cursor import cursor_of, place_of
from store.publications import Publication, publications
from store.vault import read_texts, redacted_texts

_PLACE: Final = TypeAdapter(tuple[Moment, str])


class PublicationState(Term):
    """How what was published stands (公开状态)."""

    LISTED = "listed", "督办中"
    TAKEN_OFF = "taken_off", "已摘牌"
    CIRCULATED = "circulated", "已通报"
    WITHDRAWN = "withdrawn", "申诉成立，已撤销"


class PublicationView(View):
    """One published notice, or one case on the list."""

    kind: str = Field(examples=["listing"])
    kind_label: str = Field(examples=["挂牌督办"])
    unit: str = Field(description="责任单位名称")
    published_at: Instant
    due_on: str | None = Field(description="挂牌督办的办结期限")
    state_label: str = Field(examples=["督办中"])
    text: str | None = Field(description="撤销后不再公开文本")

    @classmethod
    def of(cls, row: Publication, text: str) -> Self:
        """The view of a row with its text, which one that was withdrawn has no more."""
        return cls(
            kind=row.kind,
            kind_label=row.kind.label,
            unit=row.unit_name or row.unit,
            published_at=row.published_at,
            due_on=row.due_on.isoformat() if row.due_on else None,
            state_label=_state_of(row).label,
            text=None if row.withdrawn else text,
        )


class PublicationPage(View):
    """What was published, the newest first."""

    items: list[PublicationView]
    next_cursor: str | None = None


def _state_of(row: Publication) -> PublicationState:
    if row.withdrawn:
        return PublicationState.WITHDRAWN
    if row.kind is MeasureKind.LISTING:
        return PublicationState.TAKEN_OFF if row.settled else PublicationState.LISTED
    return PublicationState.CIRCULATED


async def published(
    services: Services, kind: MeasureKind | None, *, cursor: str | None, limit: int
) -> PublicationPage:
    """A page of what was published; what its citizen or its term had erased is left out."""
    before = place_of(cursor, _PLACE) if cursor else None
    async with services.database.read(snapshot=True) as session:
        rows = await publications(session, kind, before=before, limit=limit)
        said = await read_texts(session, services.keyring, [row.text for row in rows])
        texts: dict[CaseNo, dict[str, str]] = {}
        for row in rows:
            texts.setdefault(row.case_no, {})[row.number] = said[row.text.text_id]
        # Whoever approved it may have overlooked a name or a number.
        shown = await redacted_texts(session, services.keyring, texts)
    items = [
        PublicationView.of(row, shown[row.case_no][row.number])
        for row in rows
        if said[row.text.text_id] != ERASED
    ]
    last = rows[-1] if len(rows) == limit else None
    following = cursor_of((last.published_at, last.number)) if last else None
    return PublicationPage(items=items, next_cursor=following)
