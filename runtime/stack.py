"""What runs on a data folder and where, written by `hotline up` and read by every command (运行清单).

A file rather than fixed ports, because several stacks may run on one machine, each with the ports
that were free; it holds the database passwords and is readable by its owner alone.
"""

from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from runtime.files import write_private
from runtime.processes import ProcessIdentity
from runtime.settings import Settings

_FILE: Final = "stack.json"


class StackNotRunningError(RuntimeError):
    """No `hotline up` serves this data folder now."""


class StackInfo(BaseModel):
    """One running stack; an external part has an address here and no pid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    supervisor: ProcessIdentity
    started_at: AwareDatetime
    database_url: str = Field(repr=False)
    owner_database_url: str = Field(repr=False)
    temporal_address: str
    temporal_namespace: str
    temporal_ui_url: str | None
    task_queue: str
    api_url: str
    pids: dict[str, int]


def publish_stack(data_dir: Path, stack: StackInfo) -> None:
    write_private(data_dir / _FILE, stack.model_dump_json(indent=2))


def withdraw_stack(data_dir: Path) -> None:
    (data_dir / _FILE).unlink(missing_ok=True)


def find_stack(data_dir: Path) -> StackInfo:
    """The stack that runs on this folder, or an error that says how to start one."""
    try:
        stack = StackInfo.model_validate_json((data_dir / _FILE).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError) as error:
        raise _not_running(data_dir) from error
    # A supervisor that was killed leaves its file behind.
    if not stack.supervisor.is_alive():
        raise _not_running(data_dir)
    return stack


def _not_running(data_dir: Path) -> StackNotRunningError:
    return StackNotRunningError(
        f"nothing runs on {data_dir}; start it with `hotline up --data-dir {data_dir}`, "
        "or set HOTLINE_DATABASE_URL and HOTLINE_TEMPORAL_ADDRESS"
    )


def connected_settings(settings: Settings) -> Settings:
    """The settings with every address known: those that were given, else those of the running stack."""
    if settings.database_url and settings.temporal_address:
        return settings.model_copy(
            update={"owner_database_url": settings.owner_database_url or settings.database_url}
        )
    stack = find_stack(settings.data_dir)
    found = {
        "database_url": settings.database_url or stack.database_url,
        "owner_database_url": settings.owner_database_url
        or settings.database_url
        or stack.owner_database_url,
        "temporal_address": settings.temporal_address or stack.temporal_address,
        "temporal_namespace": stack.temporal_namespace,
        "task_queue": stack.task_queue,
    }
    return settings.model_copy(update=found)
