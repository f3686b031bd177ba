"""Cases that may be the same matter as what somebody takes down (疑似重复), to be joined instead of handled twice."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.reading import titles_of
from api.schemas import Instant, View
from api.services import Services
from api.sight import scope_of
from hotline.case import Actor
from hotline.secrecy import reads_redacted
from store.similar import Likeness, similar_cases
from store.vault import caller_hash

_SHOWN: Final = 6

_Some = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]


class Draft(BaseModel):
    """What has been typed so far. It comes in a body, since addresses are written to logs."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    caller_phone: Annotated[str, StringConstraints(max_length=40)] = Field(default="", repr=False)
    title: _Some = Field(default="", repr=False)
    content: _Some = Field(default="", repr=False)
    address: _Some = Field(default="", repr=False)


class SimilarView(View):
    """One case that may be the same matter."""

    case_no: str
    title: str | None
    status: str
    status_label: str
    lead_unit: str | None
    registered_at: Instant
    next_due_at: Instant | None
    same_caller: bool
    likeness: float = Field(description="较短一方的用语有多少与另一方相同，0 至 1", examples=[0.62])
    joinable: bool = Field(description="已在单位办理，可以并入")

    @classmethod
    def of(cls, one: Likeness, title: str | None) -> Self:
        """The view of a row with its title from the vault."""
        row = one.row
        return cls(
            case_no=row.case_no,
            title=title,
            status=row.status,
            status_label=row.status.label,
            lead_unit=row.lead_unit,
            registered_at=row.registered_at,
            next_due_at=row.next_due_at,
            same_caller=one.same_caller,
            likeness=one.likeness,
            joinable=row.lead_unit is not None and row.joined_to is None,
        )


class SimilarCases(View):
    """Those of the same caller first, then the most alike."""

    items: list[SimilarView]


async def similar_to(services: Services, actor: Actor, draft: Draft) -> SimilarCases:
    """Look for open cases that somebody may see and that may be the same matter."""
    async with services.database.read(snapshot=True) as session:
        found = await similar_cases(
            session,
            scope_of(actor),
            services.keyring,
            caller_hash=caller_hash(services.keyring, draft.caller_phone),
            texts=[text for text in (draft.title, draft.content, draft.address) if text],
            with_secret=not reads_redacted(actor.role),
            limit=_SHOWN,
        )
        secrets = {one.row.case_no: one.row.secret for one in found}
        titles = await titles_of(services, session, actor, secrets)
    return SimilarCases(items=[SimilarView.of(one, titles.get(one.row.case_no)) for one in found])
