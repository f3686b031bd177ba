"""Where people find the interface manual (接口文档)."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.manual import POLICY, manual
from api.parts import Operations

router = Operations(below="", tags=["manual"], include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Every operation on one page."""
    app = request.app
    page = manual(app.openapi(), str(request.base_url).rstrip("/"), app.openapi_url)
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})
