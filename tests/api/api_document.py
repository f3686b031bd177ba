"""The application as it describes itself, made once for all tests of a process: it takes seconds."""

from typing import Any

from api.app import create_app
from runtime.settings import Settings

APP = create_app(Settings())
DOCUMENT: dict[str, Any] = APP.openapi()
