"""Accountability as a case knows of it (工单所涉案卷): that files came of it, for those who may know."""

from api.deps import CaseNoDep, PrincipalDep, ServicesDep
from api.dossier_reading import files_of_case
from api.dossier_views import FilesOfCase
from api.errors import responses
from api.parts import Operations

router = Operations(tags=["dossiers"], responses=responses(401, 403, 404))


@router.get("/cases/{case_no}/accountability", summary="工单所涉问责案卷")
async def of_case(case_no: CaseNoDep, principal: PrincipalDep, services: ServicesDep) -> FilesOfCase:
    """Which files came of a case and how far they are; one you may not know of is not among them."""
    return await files_of_case(services, principal.user, case_no)
