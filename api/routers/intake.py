"""Registering by the hotline's staff (登记)."""

from uuid import uuid4

from api.deps import ActorDep, IdempotencyKey, ServicesDep
from api.errors import responses
from api.examples import COMPLAINT, as_body
from api.knowledge import KnowledgeAnswers, KnowledgeDraft, answers_to
from api.parts import Operations
from api.registering import register_case
from api.schemas import RegisteredView
from api.similar import Draft, SimilarCases, similar_to
from store.intake import IntakeRequest

router = Operations(tags=["intake"])


@router.post(
    "/cases",
    status_code=201,
    summary="登记诉求",
    responses=responses(401, 403),
    openapi_extra=as_body(COMPLAINT),
)
async def register(
    request: IntakeRequest, actor: ActorDep, services: ServicesDep, key: IdempotencyKey = None
) -> RegisteredView:
    """Give a request its number; it becomes one durable case. The same key gives the same receipt."""
    return await register_case(services, request, actor=actor, key=key or uuid4().hex)


@router.post(
    "/intake/similar",
    summary="疑似重复工单",
    responses=responses(401, 403),
    openapi_extra=as_body({"caller_phone": "138-1234-5678", "title": "夜间施工噪音扰民"}),
)
async def similar(draft: Draft, actor: ActorDep, services: ServicesDep) -> SimilarCases:
    """Open cases of the same caller, or in much the same words, while something is being taken down. Nothing is kept."""
    return await similar_to(services, actor, draft)


@router.post(
    "/intake/knowledge",
    summary="可直接答复的知识",
    responses=responses(401, 403),
    openapi_extra=as_body({"title": "社保卡丢了怎么补办", "category": "人社/社保卡"}),
)
async def knowledge(draft: KnowledgeDraft, _: ActorDep, services: ServicesDep) -> KnowledgeAnswers:
    """Entries of the knowledge base that may answer what is being taken down: those of its matter first. Nothing is kept."""
    return await answers_to(services, draft)
