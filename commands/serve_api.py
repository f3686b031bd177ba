"""`hotline api`: one process that serves the API and the console (接口进程); a large installation starts as many as it likes."""

import typer
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from commands.options import DataDir, stack_settings
from console.app import add_console
from runtime.logging import configure_logging
from runtime.metrics import metrics_served
from runtime.settings import Settings
from runtime.tracing import traced

_GRACE_SECONDS = 10
"""How long open requests may take to finish; live streams are cut after it."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(api)


def api(data_dir: DataDir = None) -> None:
    """Serve the API until stopped (运行接口进程)."""
    settings = stack_settings(data_dir)
    configure_logging(settings, "api")
    app = create_app(settings)
    add_console(app)
    with traced(settings, "api"), metrics_served(settings.metrics_host, settings.api_metrics_port):
        _serve(app, settings)


def _serve(app: FastAPI, settings: Settings) -> None:
    uvicorn.run(
        app,
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        # api/app.py reads what proxies say, and believes those of `trusted_proxies` alone.
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
