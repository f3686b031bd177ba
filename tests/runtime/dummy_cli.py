"""Stands in for `cli.py` below `hotline up`: each command does the least that makes it serve."""

import asyncio
import json
import os
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer

from talkative import Talkative
from temporalio.client import Client
from temporalio.worker import Worker

from runtime.files import write_private
from runtime.lifecycle import stop_requests
from runtime.postgres_roles import connected
from runtime.settings import Settings, load_settings
from runtime.stack import find_stack


class Live(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(HTTPStatus.OK if self.path == "/health/live" else HTTPStatus.NOT_FOUND)
        self.end_headers()
        self.wfile.write(json.dumps({"status": "live", "pid": os.getpid()}).encode())


async def worker(settings: Settings) -> None:
    assert settings.temporal_address is not None
    client = await Client.connect(settings.temporal_address, namespace=settings.temporal_namespace)
    with stop_requests() as stop:
        async with Worker(client, task_queue=settings.task_queue, workflows=[Talkative]):
            await stop.wait()


def api(settings: Settings) -> None:
    HTTPServer((settings.api_host, settings.api_port), Live).serve_forever()


async def migrate(settings: Settings) -> None:
    assert settings.owner_database_url is not None
    async with connected(settings.owner_database_url.replace("+asyncpg", "")) as owner:
        await owner.execute("CREATE TABLE IF NOT EXISTS cases (number text)")


async def seed(settings: Settings) -> None:
    stack = find_stack(settings.data_dir)
    async with connected(stack.database_url.replace("+asyncpg", "")) as application:
        await application.execute("INSERT INTO cases VALUES ('20260213-000001')")
    write_private(settings.data_dir / "demo-tokens.json", "{}")


if __name__ == "__main__":
    chosen = load_settings()
    match sys.argv[1]:
        case "worker":
            asyncio.run(worker(chosen))
        case "api":
            api(chosen)
        case "migrate":
            asyncio.run(migrate(chosen))
        case "seed":
            asyncio.run(seed(chosen))
        case command:
            sys.exit(f"no command {command}")
