"""The case file on paper (工单档案): everything about one case that its reader may know, as a page of A4 without a menu."""

from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import HTMLResponse

from api.boards import ChainOfHands
from api.evidence_views import EvidenceList
from api.parts import Part
from api.reading import fact_page
from api.routers.boards import hands
from api.routers.cases import one_case
from api.routers.evidence import listed
from api.routers.supervision import of_case
from api.schemas import CaseView
from api.supervision import SupervisionOfCase
from console.labels import FACTS
from console.visit import Here
from hotline.identifiers import CaseNo
from hotline.vocabulary import Role

router = Part()

_FACTS: Final = 500
_QUIET: Final = frozenset({"clock:started", "clock:moved", "clock:held", "clock:stopped", "policy:revised"})
"""What the table of limits says already."""


@router.get("/cases/{case_no}/print", operation_id="cases_one_case")
async def file_of(
    visit: Here,
    case: Annotated[CaseView, Depends(one_case)],
    chain: Annotated[ChainOfHands, Depends(hands)],
    supervision: Annotated[SupervisionOfCase, Depends(of_case)],
    files: Annotated[EvidenceList, Depends(listed)],
) -> HTMLResponse:
    """The whole file in the order in which things happened, with the texts and the places for signatures."""
    facts = await fact_page(visit.services, visit.actor, CaseNo(case.case_no), after=0, limit=_FACTS)
    return visit.page(
        "case_print.html",
        case=case,
        chain=chain,
        supervision=supervision,
        files=files.items,
        facts=[fact for fact in facts.items if fact.tag not in _QUIET],
        texts=facts.texts,
        said=FACTS,
        units=await visit.unit_names(),
        roles={role.value: role.label for role in Role},
    )
