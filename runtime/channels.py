"""Outside channels (对外通知渠道): mail, webhooks, WeCom, DingTalk, Feishu and SMS gateways, through apprise.

Which there are and whom they are for is a TOML document from a file or a variable, never from the database, since
an address such as `mailtos://user:password@…` is a secret. Each try carries the message's id, and what hangs is
left behind after a time limit: it keeps its own thread and nothing else.

    SendFailed
    ├── refused    the receiver or its gateway did not take it
    └── timeout    nobody answered in time; it may yet have been taken, and the id tells
"""

import asyncio
import logging
import threading
import tomllib
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from string import Formatter
from typing import Annotated, Final, Self
from urllib.parse import quote

import apprise
from pydantic import AfterValidator, Field, ValidationError, model_validator

from hotline.case import Actor
from hotline.identifiers import DeliveryId, UnitCode
from hotline.model import Message
from hotline.notices import Notice
from hotline.vocabulary import NoticeKind, Role
from runtime.settings import Settings

ID_HEADERS: Final = ("Idempotency-Key", "X-Hotline-Notification")
"""Where webhooks and mail carry a message's id; group robots and SMS have it in the words alone."""

_SENDER: Final = "hotline12345"
_TITLE: Final = "12345 热线工单提醒"
_PLACES: Final = frozenset({"user", "unit"})

# apprise names receivers and quotes answers in its log; ours says what was sent by id.
logging.getLogger("apprise").disabled = True


class ChannelsError(ValueError):
    """The document of channels cannot be read; no address is in the message."""


class SendFailed(Exception):  # noqa: N818  as the failures of store and gateway
    """A channel did not deliver a message; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason


class Reach(StrEnum):
    """Whom one message of a channel reaches, as its address says."""

    PERSON = "person"
    UNIT = "unit"
    EVERYBODY = "everybody"


@lru_cache(maxsize=1)
def _load_plugins() -> None:
    """Some of apprise's hundred kinds of address stand on modules that Python is about to drop; none is of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        apprise.Apprise.instantiate("json://127.0.0.1")


def _as_address(url: str) -> str:
    _load_plugins()
    try:
        places = {name for _, name, _, _ in Formatter().parse(url) if name is not None}
    except ValueError as error:
        message = "a brace that belongs to the address is written twice"
        raise ValueError(message) from error
    if not places <= _PLACES or len(places) > 1:
        message = "an address has no other place than {user} or {unit}, and one of them at most"
        raise ValueError(message)
    if apprise.Apprise.instantiate(url.format(user="user", unit="unit")) is None:
        message = "apprise does not know this kind of address, or a part of it is missing"
        raise ValueError(message)
    return url


class Channel(Message):
    """One outside channel: its address, and what it carries to whom; what is empty does not restrict.

    `{user}` or `{unit}` in the address make it one receiver per account or per unit; else all share one.
    What is `mandatory` cannot be turned off by those who are told.
    """

    url: Annotated[str, AfterValidator(_as_address)] = Field(repr=False)
    roles: frozenset[Role] = frozenset()
    units: frozenset[UnitCode] = frozenset()
    kinds: frozenset[NoticeKind] = frozenset()
    urgent_only: bool = False
    mandatory: bool = False

    @model_validator(mode="after")
    def _has_its_units(self) -> Self:
        if self.roles == frozenset() and self.reach is Reach.EVERYBODY and not self.units:
            message = "a channel with one receiver for all names the roles or units that it is for"
            raise ValueError(message)
        return self

    @property
    def reach(self) -> Reach:
        """Whom one message reaches."""
        named = {name for _, name, _, _ in Formatter().parse(self.url) if name}
        return Reach.PERSON if "user" in named else Reach.UNIT if "unit" in named else Reach.EVERYBODY

    def carries(self, notice: Notice) -> bool:
        """Whether it is for such a notice."""
        return (not self.kinds or notice.kind in self.kinds) and (notice.is_urgent or not self.urgent_only)

    def is_for(self, actor: Actor) -> bool:
        """Whether it is for somebody."""
        return (not self.roles or actor.role in self.roles) and (not self.units or actor.unit in self.units)


class _Document(Message):
    channels: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")], Channel] = {}


def channels_of(settings: Settings) -> Mapping[str, Channel]:
    """The channels of this installation by name. Raises ChannelsError that names the field at fault."""
    text = settings.notify_channels
    if settings.notify_file is not None:
        text = settings.notify_file.read_text(encoding="utf-8")
    try:
        return _Document.model_validate(tomllib.loads(text or "")).channels
    except tomllib.TOMLDecodeError as error:
        raise ChannelsError(f"not TOML: {error}") from None
    except ValidationError as error:
        # The values stay out: an address is a secret.
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise ChannelsError("; ".join(faults)) from None


class Outside:
    """Sends messages by the channels of this installation."""

    def __init__(self, channels: Mapping[str, Channel], *, answer_within: timedelta) -> None:
        """Nothing is connected before the first message."""
        self.channels = channels
        self._answer_within = answer_within

    async def send(self, channel: str, place: str, message_id: DeliveryId, lines: Sequence[str]) -> None:
        """Deliver one message; `place` is the account or unit of the address. Raises SendFailed."""
        url = self.channels[channel].url.format(user=quote(place, safe=""), unit=quote(place, safe=""))
        within = self._answer_within.total_seconds()
        try:
            delivered = await asyncio.wait_for(
                _in_thread(lambda: _notify(url, message_id, _body(message_id, lines), within)), within
            )
        except TimeoutError as error:
            raise SendFailed("timeout") from error
        if not delivered:
            raise SendFailed("refused")


def _body(message_id: DeliveryId, lines: Sequence[str]) -> str:
    told = lines if len(lines) == 1 else [f"{n}. {line}" for n, line in enumerate(lines, start=1)]
    return "\n".join([*told, "请登录热线系统，按工单编号查看办理。", f"通知编号：{message_id}"])


def _notify(url: str, message_id: DeliveryId, body: str, within: float) -> bool:
    asset = apprise.AppriseAsset(app_id=_SENDER, app_desc=_SENDER, async_mode=False)
    plugin = apprise.Apprise.instantiate(url, asset=asset)
    if plugin is None:
        return False
    plugin.socket_connect_timeout = plugin.socket_read_timeout = within
    if isinstance(headers := getattr(plugin, "headers", None), dict):
        headers.update(dict.fromkeys(ID_HEADERS, message_id))
    return bool(plugin.notify(body=body, title=_TITLE))


async def _in_thread(send: Callable[[], bool]) -> bool:
    """Run what may hang in a thread that neither the pool nor the end of the process waits for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bool] = loop.create_future()

    def settle(delivered: bool) -> None:
        if not done.done():
            done.set_result(delivered)

    def work() -> None:
        try:
            delivered = send()
        except Exception:  # noqa: BLE001  whatever a plugin stumbles over, the message was not delivered
            delivered = False
        with suppress(RuntimeError):  # The loop has ended, and nobody asks any more.
            loop.call_soon_threadsafe(settle, delivered)

    threading.Thread(target=work, name="notify", daemon=True).start()
    return await done
