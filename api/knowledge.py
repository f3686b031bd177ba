"""The knowledge base as it is sent out (知识库): entries, their versions, what was answered from them, and their upkeep."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from api.deps import command_id_of
from api.errors import ApiError
from api.principal import Principal
from api.schemas import Instant, View
from api.services import Services
from api.sight import scope_of
from hotline.case import Actor
from hotline.identifiers import KNOWLEDGE_NO, CommandId, KnowledgeNo, UnitCode
from hotline.knowledge import Knowledge, is_stale, may_keep
from store import knowledge
from store.administration import By
from store.cursor import cursor_of, place_of
from store.engine import WriteSession
from store.intake_request import Code
from store.knowledge import AnsweredCase, Entry, KnowledgeFilters, Revision, Upkeep

_ANSWERS: Final = 3
_CASES: Final = 20
_PLACE: Final = TypeAdapter(tuple[int, datetime, str])
NUMBER: Final = f"^{KNOWLEDGE_NO}$"

_Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
_Answer = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=5_000,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$",
    ),
]
_UNIT: Final = r"^[\w.-]{1,64}$"


class KnowledgeForm(BaseModel):
    """What an entry is to say."""

    model_config = ConfigDict(extra="forbid")

    title: _Title = Field(description="群众会问的问题")
    answer: _Answer = Field(description="不得含手机号码、身份证号或者银行卡号")
    category: Code = Field(description="事项分类")
    area: Code | None = Field(default=None, description="缺省为全市适用")
    unit: UnitCode = Field(pattern=_UNIT, description="维护单位代码")
    valid_until: date = Field(description="含当日，最长两年；到期后标为待更新")

    @property
    def said(self) -> Knowledge:
        """The same as the domain knows it."""
        return Knowledge(**self.model_dump())


class ConfirmationForm(BaseModel):
    """Until when an entry is vouched for, as it stands."""

    model_config = ConfigDict(extra="forbid")

    valid_until: date = Field(description="含当日，须晚于原有效期，最长两年")


class KnowledgeDraft(BaseModel):
    """What has been typed so far. It comes in a body, since addresses are written to logs."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    title: Annotated[str, StringConstraints(max_length=20_000)] = Field(default="", repr=False)
    content: Annotated[str, StringConstraints(max_length=20_000)] = Field(default="", repr=False)
    category: Code | None = None
    area: Code | None = None


class KnowledgeLine(View):
    """An entry of a list."""

    number: str = Field(examples=["K-000001"])
    title: str
    category: str
    area: str | None
    unit: str = Field(description="维护单位")
    valid_until: date
    stale: bool = Field(description="待更新：有效期已过，仍可查到")
    version: int
    updated_at: Instant
    updated_by: str
    withdrawn_at: Instant | None

    @classmethod
    def of(cls, entry: Entry, today: date) -> Self:
        """The view of an entry."""
        told = entry.model_dump(include=set(cls.model_fields) & set(Entry.model_fields))
        return cls(**told, stale=is_stale(entry.valid_until, today))


class KnowledgeAnswer(KnowledgeLine):
    """An entry with what is answered from it."""

    answer: str


class KnowledgePage(View):
    """Entries; `next_cursor` is absent on the last page."""

    items: list[KnowledgeLine]
    next_cursor: str | None = None


class KnowledgeAnswers(View):
    """The entries that may answer a draft, the best first."""

    items: list[KnowledgeAnswer]


class RevisionView(View):
    """One version of an entry."""

    version: int
    act: str = Field(examples=["revised"])
    act_label: str = Field(examples=["修订"])
    at: Instant
    by: str
    title: str
    answer: str
    category: str
    area: str | None
    unit: str
    valid_until: date

    @classmethod
    def of(cls, revision: Revision) -> Self:
        """The view of a version."""
        return cls(**revision.model_dump(), act_label=revision.act.label)


class AnsweredView(View):
    """A case that was answered from an entry."""

    case_no: str
    at: Instant
    version: int | None = Field(description="答复时的版本")

    @classmethod
    def of(cls, case: AnsweredCase) -> Self:
        """The view of a case."""
        return cls(**case.model_dump())


class KnowledgeView(KnowledgeAnswer):
    """One entry with every version, and what was answered from it."""

    versions: list[RevisionView] = Field(description="全部版本，最新在前")
    answered: int = Field(description="据此直接解答的工单数")
    cases: list[AnsweredView] = Field(description="其中可见的最近各件")
    maintainable: bool = Field(description="本人可以更新")


class UpkeepLine(View):
    """How one unit keeps its knowledge."""

    unit: str
    entries: int = Field(description="在用条目")
    stale: int = Field(description="待更新条目")
    updated: int = Field(description="本月更新的条目")

    @classmethod
    def of(cls, line: Upkeep) -> Self:
        """The view of a line."""
        return cls(**line.model_dump())


class UpkeepBoard(View):
    """Every unit that has entries in use, by its code."""

    since: Instant = Field(description="本月起")
    items: list[UpkeepLine]


def knowledge_missing() -> ApiError:
    """There never was an entry of that number."""
    return ApiError(404, "knowledge_not_found", "没有这个编号的知识")


async def page_of(
    services: Services, filters: KnowledgeFilters, *, cursor: str | None, limit: int
) -> KnowledgePage:
    """One page of the entries."""
    after = place_of(cursor, _PLACE) if cursor else None
    now = services.now()
    async with services.database.read() as session:
        found = await knowledge.list_entries(session, filters, now=now, after=after, limit=limit)
    following = None
    if len(found) == limit:
        last, rank = found[-1]
        following = cursor_of((rank, last.updated_at, last.number))
    today = knowledge.today_of(now)
    return KnowledgePage(items=[KnowledgeLine.of(entry, today) for entry, _ in found], next_cursor=following)


async def answers_to(services: Services, draft: KnowledgeDraft) -> KnowledgeAnswers:
    """Look for entries that may answer what somebody takes down."""
    async with services.database.read() as session:
        found = await knowledge.answers_to(
            session,
            f"{draft.title}\n{draft.content}",
            category=draft.category,
            area=draft.area,
            limit=_ANSWERS,
        )
    today = knowledge.today_of(services.now())
    return KnowledgeAnswers(items=[KnowledgeAnswer.of(entry, today) for entry in found])


async def one_entry(services: Services, actor: Actor, number: KnowledgeNo) -> KnowledgeView:
    """One entry, whole. Raises 404."""
    async with services.database.read(snapshot=True) as session:
        entry = await knowledge.entry_of(session, number)
        if entry is None:
            raise knowledge_missing()
        versions = await knowledge.revisions_of(session, number)
        answered = await knowledge.answered_with(session, number)
        cases = await knowledge.cases_answered(session, scope_of(actor), number, limit=_CASES)
    today = knowledge.today_of(services.now())
    return KnowledgeView(
        **KnowledgeAnswer.of(entry, today).model_dump(),
        versions=[RevisionView.of(one) for one in versions],
        answered=answered,
        cases=[AnsweredView.of(one) for one in cases],
        maintainable=entry.withdrawn_at is None and may_keep(actor, entry.unit),
    )


async def upkeep_of(services: Services) -> UpkeepBoard:
    """How each unit keeps its knowledge."""
    now = services.now()
    async with services.database.read() as session:
        lines = await knowledge.upkeep(session, now=now)
    return UpkeepBoard(since=knowledge.month_began(now), items=[UpkeepLine.of(line) for line in lines])


Keep = Callable[[WriteSession, By, CommandId], Awaitable[Entry | None]]


async def keep(
    services: Services, principal: Principal, address: str | None, key: str | None, what: str, act: Keep
) -> KnowledgeAnswer:
    """Do something with an entry, once for each key. Raises 404."""
    by = By(principal.actor, services.now(), address)
    command_id = command_id_of(principal.actor.user_id, what, key)
    async with services.database.write() as session:
        entry = await act(session, by, command_id)
    if entry is None:
        raise knowledge_missing()
    return KnowledgeAnswer.of(entry, knowledge.today_of(by.at))
