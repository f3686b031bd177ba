"""`hotline worker` and `hotline api`: one process each (工作进程、接口进程).

`hotline up` starts them as children; a large installation starts as many as it likes. Both wait for what
they need instead of failing without it.
"""

import typer
import uvicorn

import worker as case_worker
from api.app import create_app
from commands.options import DataDir, stack_settings
from runtime.logging import configure_logging

_GRACE_SECONDS = 10
"""How long open requests may take to finish; live streams are cut after it."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(worker)
    app.command()(api)


def worker(data_dir: DataDir = None) -> None:
    """Take on cases until stopped (运行工作进程)."""
    case_worker.main(stack_settings(data_dir))


def api(data_dir: DataDir = None) -> None:
    """Serve the API until stopped (运行接口进程)."""
    settings = stack_settings(data_dir)
    configure_logging(settings, "api")
    uvicorn.run(
        create_app(settings),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
