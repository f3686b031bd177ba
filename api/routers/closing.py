"""What a reply will be asked for (办结要件), before it is written."""

from typing import Self

from pydantic import Field

from api.deps import ActorDep, CaseNoDep, ServicesDep
from api.errors import responses
from api.parts import Operations
from api.schemas import View
from api.sight import visible_case
from hotline.case import EvidenceRef
from hotline.closing import Check, closing_checks
from store.evidence import evidence_of

router = Operations(tags=["cases"], responses=responses(401, 404))


class CheckView(View):
    """One requirement."""

    requirement: str = Field(examples=["contact"])
    label: str = Field(examples=["本轮已联系诉求人"])
    met: bool | None = Field(description="空表示由表单填写")

    @classmethod
    def of(cls, check: Check) -> Self:
        """The view of a check."""
        return cls(requirement=check.requirement, label=check.requirement.label, met=check.met)


class Checklist(View):
    """The requirements in the order in which they are asked."""

    items: list[CheckView]


@router.get("/cases/{case_no}/closing", summary="办结要件")
async def closing(case_no: CaseNoDep, actor: ActorDep, services: ServicesDep) -> Checklist:
    """What the guards of the reply will ask, and what of it the case has already."""
    async with services.database.read() as session:
        state = await visible_case(session, actor, case_no)
        files = await evidence_of(session, case_no)
    policy = await services.policies.of(state.policy_revision)
    named = [EvidenceRef(evidence_id=one.evidence_id, kind=one.kind, made_at=one.made_at) for one in files]
    checks = closing_checks(state, policy, named, services.now())
    return Checklist(items=[CheckView.of(check) for check in checks])
