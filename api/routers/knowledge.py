"""The knowledge base (知识库): read by all staff, looked after by the unit whose matter it is (domain.md §1.6)."""

from typing import Annotated, Any, Final

from fastapi import Path, Query

from api.address import AddressDep
from api.deps import ActorDep, ExpectedVersion, IdempotencyKey, PrincipalDep, ServicesDep
from api.errors import responses
from api.examples import as_body
from api.filters import WORDS
from api.knowledge import (
    NUMBER,
    ConfirmationForm,
    KnowledgeAnswer,
    KnowledgeForm,
    KnowledgePage,
    KnowledgeView,
    UpkeepBoard,
    keep,
    one_entry,
    page_of,
    upkeep_of,
)
from api.parts import Operations
from hotline.identifiers import KnowledgeNo, UnitCode
from hotline.model import Instant
from store import knowledge
from store.knowledge import KnowledgeFilters
from store.search import Search

router = Operations(tags=["knowledge"], responses=responses(401, 403))

_ENTRY: Final[dict[str, Any]] = {
    "title": "社会保障卡丢失怎样补办",
    "answer": "本人持身份证到任一社保卡合作银行网点，挂失后当场补办，工本费二十元。",
    "category": "人社/社保卡",
    "unit": "U150",
    "valid_until": "2027-12-31",
}

Number = Annotated[str, Path(pattern=NUMBER, description="知识编号", examples=["K-000001"])]


@router.get("/knowledge", summary="知识库")
async def listed(
    _: ActorDep,
    services: ServicesDep,
    unit: Annotated[str | None, Query(pattern=r"^[\w.-]{1,64}$", description="维护单位代码")] = None,
    category: Annotated[str | None, Query(pattern=WORDS, description="事项分类")] = None,
    stale: Annotated[bool | None, Query(description="是否待更新")] = None,
    updated_since: Annotated[Instant | None, Query(description="更新时间自（含）")] = None,
    withdrawn: Annotated[bool, Query(description="已下架的；缺省为在用的")] = False,
    text: Annotated[str | None, Query(max_length=200, description="检索词，每个词至少两个字")] = None,
    cursor: Annotated[str | None, Query(max_length=300, description="上一页的 next_cursor")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="条数")] = 50,
) -> KnowledgePage:
    """Entries in use, the last updated first; with words those that match best."""
    filters = KnowledgeFilters(
        unit=UnitCode(unit) if unit else None,
        category=category,
        stale=stale,
        updated_since=updated_since,
        withdrawn=withdrawn,
        search=Search.parse(text) if text else None,
    )
    return await page_of(services, filters, cursor=cursor, limit=limit)


@router.get("/knowledge/upkeep", summary="各单位知识维护情况")
async def upkeep(_: ActorDep, services: ServicesDep) -> UpkeepBoard:
    """Entries in use, those that are 待更新 and those updated in the month, by unit."""
    return await upkeep_of(services)


@router.get("/knowledge/{number}", summary="知识条目", responses=responses(404))
async def one(number: Number, actor: ActorDep, services: ServicesDep) -> KnowledgeView:
    """One entry with every version that it had, and the cases that were answered from it."""
    return await one_entry(services, actor, KnowledgeNo(number))


@router.post("/knowledge", status_code=201, summary="编写知识", openapi_extra=as_body(_ENTRY))
async def write(
    body: KnowledgeForm,
    principal: PrincipalDep,
    services: ServicesDep,
    address: AddressDep,
    key: IdempotencyKey = None,
) -> KnowledgeAnswer:
    """Add an entry; operators find it from now on."""
    return await keep(
        services,
        principal,
        address,
        key,
        "knowledge",
        lambda session, by, command_id: knowledge.write_entry(
            session, body.said, by=by, command_id=command_id
        ),
    )


@router.post(
    "/knowledge/{number}/revise",
    summary="修订知识",
    responses=responses(404, 409),
    openapi_extra=as_body(_ENTRY),
)
async def revise(
    number: Number,
    body: KnowledgeForm,
    principal: PrincipalDep,
    services: ServicesDep,
    address: AddressDep,
    seen: ExpectedVersion = None,
    key: IdempotencyKey = None,
) -> KnowledgeAnswer:
    """Let an entry say something else from now on. With `If-Match` only as long as it is what somebody saw."""
    return await keep(
        services,
        principal,
        address,
        key,
        number,
        lambda session, by, command_id: knowledge.revise_entry(
            session, KnowledgeNo(number), body.said, by=by, command_id=command_id, seen=seen
        ),
    )


@router.post(
    "/knowledge/{number}/confirm",
    summary="确认知识有效",
    responses=responses(404, 409),
    openapi_extra=as_body({"valid_until": _ENTRY["valid_until"]}),
)
async def confirm(
    number: Number,
    body: ConfirmationForm,
    principal: PrincipalDep,
    services: ServicesDep,
    address: AddressDep,
    seen: ExpectedVersion = None,
    key: IdempotencyKey = None,
) -> KnowledgeAnswer:
    """Vouch for an entry until a later day without changing what it says."""
    return await keep(
        services,
        principal,
        address,
        key,
        number,
        lambda session, by, command_id: knowledge.confirm_entry(
            session, KnowledgeNo(number), body.valid_until, by=by, command_id=command_id, seen=seen
        ),
    )


@router.post("/knowledge/{number}/withdraw", summary="下架知识", responses=responses(404, 409))
async def withdraw(
    number: Number,
    principal: PrincipalDep,
    services: ServicesDep,
    address: AddressDep,
    seen: ExpectedVersion = None,
    key: IdempotencyKey = None,
) -> KnowledgeAnswer:
    """Take an entry out of use. What it said, and what was answered from it, stays."""
    return await keep(
        services,
        principal,
        address,
        key,
        number,
        lambda session, by, command_id: knowledge.withdraw_entry(
            session, KnowledgeNo(number), by=by, command_id=command_id, seen=seen
        ),
    )
