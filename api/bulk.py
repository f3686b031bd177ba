"""One thing asked of many cases (批量办理): row by row, each with its own result."""

from collections.abc import Iterable

from pydantic import BaseModel
from structlog.contextvars import bound_contextvars

from api.desk import Filing, file
from api.errors import EXPECTED, Problem, not_found, problem_of
from api.schemas import ReceiptView
from api.services import Services
from hotline.identifiers import is_case_no


class BulkResult(BaseModel):
    """What became of one row of a bulk."""

    case_no: str
    ok: bool
    receipt: ReceiptView | None = None
    problem: Problem | None = None


class BulkResults(BaseModel):
    """One result per row, in the order of the request."""

    results: list[BulkResult]


async def file_all(services: Services, filings: Iterable[Filing]) -> list[BulkResult]:
    """File row by row. When two in a row find nobody, the rest would each wait as long, and are not tried."""
    results: list[BulkResult] = []
    for filing in filings:
        last = [result.problem for result in results[-2:] if _is_outage(result.problem)]
        if len(last) == 2:
            results.append(BulkResult(case_no=filing.case_no, ok=False, problem=last[-1]))
        else:
            results.append(await _row(services, filing))
    return results


def _is_outage(problem: Problem | None) -> bool:
    return problem is not None and problem.code in {"engine_unavailable", "database_unavailable"}


async def _row(services: Services, filing: Filing) -> BulkResult:
    """A row that fails reports why and does not stop the others."""
    try:
        if not is_case_no(filing.case_no):
            raise not_found()
        with bound_contextvars(case_no=filing.case_no, command_id=filing.command_id):
            receipt = ReceiptView.of(await file(services, filing))
    except EXPECTED as error:
        problem, _ = problem_of(error)
        return BulkResult(case_no=filing.case_no, ok=False, problem=problem)
    return BulkResult(case_no=filing.case_no, ok=True, receipt=receipt)
