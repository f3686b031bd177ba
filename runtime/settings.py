"""Settings of every process, read from ``HOTLINE_*`` variables (系统设置).

One frozen model is the only door to the environment, so that what an operator may set is one table
and a misspelt name is an error instead of a silent default.
"""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import AfterValidator, Field, FilePath, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from hotline.vocabulary import Role

PREFIX: Final = "HOTLINE_"
_ASYNC_DRIVER: Final = "postgresql+asyncpg://"
_WITH_SECOND_FACTOR: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.DISCIPLINE, Role.SUPERVISOR})


class UnknownSettingError(ValueError):
    """An environment variable carries our prefix but names no setting."""


def _with_async_driver(url: str) -> str:
    """Operators paste libpq URLs; SQLAlchemy needs to be told which driver speaks."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return _ASYNC_DRIVER + url.removeprefix(plain)
    return url


def _as_origin(url: str) -> str:
    """Scheme, host and port; a browser says no more of where a request comes from."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or parts.query:
        message = "must be like https://hotline.example.gov.cn, without a path"
        raise ValueError(message)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _as_roles(codes: str) -> str:
    if unknown := set(split(codes)) - set(Role):
        message = f"no such role: {', '.join(sorted(unknown))}"
        raise ValueError(message)
    return codes


def _as_limits(text: str) -> str:
    parse_many(text)
    return text


def _as_networks(listed: str) -> str:
    for network in split(listed):
        ip_network(network)
    return listed


def split(listed: str) -> tuple[str, ...]:
    """The members of a setting that is a list with commas."""
    return tuple(part.strip() for part in listed.split(",") if part.strip())


Origin = Annotated[str, AfterValidator(_as_origin)]
Networks = Annotated[str, AfterValidator(_as_networks)]
RoleCodes = Annotated[str, AfterValidator(_as_roles)]
RateLimit = Annotated[str, AfterValidator(_as_limits)]
Port = Annotated[int, Field(ge=1, le=65535)]
DatabaseUrl = Annotated[str, AfterValidator(_with_async_driver)]


class Settings(BaseSettings):
    """Everything an operator may choose; no field has a second way to be set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_dir: Path = Field(
        default=Path(".hotline"),
        description="Folder of the embedded servers' data, logs, keyring and stack file.",
    )
    database_url: DatabaseUrl | None = Field(
        default=None,
        repr=False,
        description="PostgreSQL of the application role; empty means the embedded server.",
    )
    owner_database_url: DatabaseUrl | None = Field(
        default=None,
        repr=False,
        description="The same database as the role that owns the tables and migrates; empty means `database_url`.",
    )
    temporal_address: str | None = Field(
        default=None,
        description="`host:port` of a Temporal frontend; empty means the embedded server.",
    )
    temporal_namespace: str = Field(default="default", description="Namespace that holds the cases.")
    temporal_tls: bool = Field(default=False, description="Whether the Temporal frontend speaks TLS.")
    temporal_ca_file: FilePath | None = Field(
        default=None,
        description="Certificates (PEM) that vouch for the Temporal frontend; empty means those of the system.",
    )
    temporal_cert_file: FilePath | None = Field(
        default=None, description="Certificate (PEM) that the Temporal frontend asks of its clients."
    )
    temporal_key_file: FilePath | None = Field(default=None, description="The key (PEM) of that certificate.")
    temporal_server_name: str | None = Field(
        default=None,
        description="Name in the Temporal frontend's certificate where it is not that of its address.",
    )
    task_queue: str = Field(default="hotline", description="Task queue of the case workflows.")
    api_host: str = Field(default="127.0.0.1", description="Address on which the API listens.")
    api_port: Port = Field(
        default=8000, description="Port of the API; `hotline up` takes a free one when taken."
    )
    postgres_port: Port = Field(
        default=5433,
        description="Port of the embedded PostgreSQL; a free one when taken.",
    )
    temporal_port: Port = Field(
        default=7233, description="Port of the embedded Temporal; a free one when taken."
    )
    temporal_ui_port: Port = Field(
        default=8233,
        description="Port of Temporal's web interface; a free one when taken.",
    )
    worker_metrics_port: Port = Field(
        default=9464,
        description="Port of the worker's Prometheus metrics; a free one when taken.",
    )
    api_metrics_port: Port = Field(
        default=9465,
        description="Port of the API's Prometheus metrics; a free one when taken.",
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="Address on which metrics are served. They name no case and no person; keep them inside all the same.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO",
        description="Least severe level that is written.",
    )
    log_format: Literal["json", "console"] = Field(
        default="json",
        description="`json` for machines, `console` for eyes.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="Receiver of traces by OTLP over HTTP, such as `http://collector:4318`; empty means no traces. Headers, certificates and the size of the queue are OpenTelemetry's own variables (`OTEL_EXPORTER_OTLP_HEADERS`, `…_CERTIFICATE`, `OTEL_BSP_MAX_QUEUE_SIZE`).",
    )
    trace_share: float = Field(
        default=1.0, ge=0, le=1, description="Share of the traces that are kept, each whole or not at all."
    )
    keyring_file: Path | None = Field(
        default=None,
        description="Keys of the vault and of the payload codec; empty means `keyring.json` in the data folder.",
    )
    keyring: str | None = Field(
        default=None,
        repr=False,
        description="The content of a key file, for deployments that hand secrets in as variables; instead of `keyring_file`.",
    )
    cipher: Literal["aes-256-gcm", "sm4-gcm"] = Field(
        default="aes-256-gcm",
        description="Cipher of new seals; what another one sealed stays readable.",
    )
    evidence_url: str = Field(
        default="",
        pattern=r"^(|file:///.+|s3://[^/]+(/.*)?)$",
        description="Where evidence files lie: `s3://bucket/prefix` or `file:///folder`; empty means `evidence` in the data folder.",
    )
    evidence_s3_endpoint: str | None = Field(
        default=None, description="Address of an S3-compatible store; empty means Amazon's own."
    )
    evidence_s3_region: str | None = Field(default=None, description="Region of the bucket.")
    evidence_s3_key_id: str | None = Field(
        default=None, description="Access key of the bucket; empty means the machine's own credentials."
    )
    evidence_s3_secret: str | None = Field(
        default=None, repr=False, description="The secret that goes with the access key."
    )
    evidence_max_bytes: int = Field(
        default=20_000_000,
        ge=1,
        le=200_000_000,
        description="Largest evidence file; each upload is held in memory while it is examined.",
    )
    demo_mode: bool = Field(
        default=False,
        description="Seeds demo accounts and tokens; `hotline up` switches it on unless told otherwise.",
    )
    demo_cases: int | None = Field(
        default=None,
        ge=0,
        description="About how many cases the demo city has that `hotline up` lets grow in demo mode; 0 means no city, empty means those of commands/city.toml.",
    )
    deployment_name: str = Field(
        default="hotline", description="Worker deployment to which cases are pinned."
    )
    build_id: str = Field(
        default="",
        description="Version of the worker deployment; empty means the generation of the workflow code.",
    )
    database_pool_size: int = Field(
        default=20,
        ge=1,
        description="Database connections a process has in use at most; as many that read and as many that write are kept once opened.",
    )
    rpc_timeout_seconds: float = Field(
        default=10.0,
        gt=0,
        description="Longest wait for an answer of Temporal before a request answers 503.",
    )
    facts_in_answers: bool = Field(
        default=True,
        description="Cases give their facts to the API, which writes them. Off while a release before this feature "
        "may have to take the cases back: its workers cannot replay what was handed over.",
    )
    relay_interval_seconds: float = Field(
        default=2.0,
        gt=0,
        description="Pause between two looks for registered cases that no workflow has adopted.",
    )
    public_submit_limit: str = Field(
        default="10/minute",
        description="Complaints one address may submit through the public endpoints.",
    )
    public_follow_limit: str = Field(
        default="60/minute",
        description="Other public requests of one address.",
    )
    public_url: Origin | None = Field(
        default=None,
        description="Where browsers reach the API, such as `https://hotline.example.gov.cn`; needed for single sign-on, and behind a proxy that changes the host name.",
    )
    temporal_ui_origin: Origin | None = Field(
        default=None,
        description="Origin of Temporal's web interface, whose pages may ask `/codec` to decode payloads; `hotline up` sets it to its own.",
    )
    trusted_proxies: Networks = Field(
        default="",
        description="Addresses or networks of proxies, with commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; empty means none.",
    )
    local_login: bool = Field(
        default=True, description="Whether accounts may sign in with a password; off leaves single sign-on."
    )
    password_min_length: int = Field(default=12, ge=8, le=64, description="Fewest characters of a password.")
    initial_password_hours: int = Field(
        default=72, ge=1, description="How long a password works that an administrator handed out."
    )
    lockout_after: int = Field(
        default=5, ge=1, description="Failed attempts after which an account is locked."
    )
    lockout_minutes: int = Field(default=15, ge=1, description="How long it stays locked.")
    totp_roles: RoleCodes | None = Field(
        default=None,
        description="Roles that need a second factor, with commas; empty means none. Unless set: administrator, auditor, discipline and supervisor outside demo mode.",
    )
    session_idle_minutes: int = Field(
        default=30, ge=1, description="After how long without a request a browser session ends."
    )
    session_hours: int = Field(default=12, ge=1, description="How long a browser session lasts at most.")
    token_max_days: int = Field(default=365, ge=1, description="Longest life of an API token.")
    oidc_issuer: str | None = Field(
        default=None, description="Issuer of the OpenID Connect provider; empty means no single sign-on."
    )
    oidc_client_id: str | None = Field(default=None, description="Our client id there.")
    oidc_client_secret: str | None = Field(
        default=None, repr=False, description="Our client secret there; a public client has none."
    )
    oidc_user_claim: str = Field(
        default="preferred_username", description="Claim of the ID token that holds the account's user id."
    )
    address_limit: RateLimit = Field(
        default="600/second;12000/minute",
        description="Requests of one network address, whoever sends them.",
    )
    account_limit: RateLimit = Field(
        default="100/second;6000/minute",
        description="Requests of one account, over all its sessions and tokens.",
    )
    token_limit: RateLimit = Field(
        default="100/second;6000/minute", description="Requests with one API token or browser session."
    )
    refused_limit: RateLimit = Field(
        default="30/minute;300/hour",
        description="Refused sign-ins and unknown tokens of one address, after which it waits.",
    )
    request_timeout_seconds: float = Field(
        default=60.0,
        gt=0,
        description="How long a request may take before it is answered 503; live streams apart.",
    )
    notify_file: Path | None = Field(
        default=None,
        description="TOML file of the outside channels that notices go to (docs/runbooks/notices.md); empty means inboxes alone.",
    )
    notify_channels: str | None = Field(
        default=None,
        repr=False,
        description="The content of such a file, for deployments that hand secrets in as variables; instead of `notify_file`.",
    )
    notify_interval_seconds: float = Field(
        default=1.0, gt=0, description="Pause between two looks for notices that nobody was told of yet."
    )
    notify_timeout_seconds: float = Field(
        default=10.0, gt=0, le=60, description="How long one try to reach a receiver may take."
    )
    notify_retry_seconds: float = Field(
        default=30.0,
        gt=0,
        description="Pause before the second try to reach a receiver; each further one waits twice as long, up to an hour.",
    )
    notify_attempts: int = Field(
        default=12, ge=1, description="Tries after which a message is given up and shown to administrators."
    )
    max_cached_workflows: int = Field(
        default=1000,
        ge=0,
        description="Cases a worker keeps in memory (about 0.3 MB each); 0 replays every task.",
    )
    max_concurrent_activities: int = Field(
        default=50,
        ge=1,
        description="Activities a worker runs at the same time.",
    )

    @model_validator(mode="after")
    def _secrets_come_from_one_place(self) -> Self:
        if self.keyring is not None and self.keyring_file is not None:
            message = "keyring: the keys come from HOTLINE_KEYRING or HOTLINE_KEYRING_FILE, not from both"
            raise ValueError(message)
        if self.notify_channels is not None and self.notify_file is not None:
            message = (
                "notify: the channels come from HOTLINE_NOTIFY_CHANNELS or HOTLINE_NOTIFY_FILE, not from both"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        """What says how to speak TLS and does not is a mistake that would send case numbers in the clear."""
        files = (self.temporal_ca_file, self.temporal_cert_file, self.temporal_key_file)
        if not self.temporal_tls and any((*files, self.temporal_server_name)):
            message = "temporal_tls: certificates, keys and a server name need HOTLINE_TEMPORAL_TLS=true"
            raise ValueError(message)
        if (self.temporal_cert_file is None) != (self.temporal_key_file is None):
            message = (
                "temporal_key_file: HOTLINE_TEMPORAL_CERT_FILE and HOTLINE_TEMPORAL_KEY_FILE go together"
            )
            raise ValueError(message)
        return self

    @property
    def second_factor_roles(self) -> frozenset[Role]:
        """The roles that sign in with a second factor (双因素)."""
        if self.totp_roles is not None:
            return frozenset(role for role in Role if role in split(self.totp_roles))
        return frozenset() if self.demo_mode else _WITH_SECOND_FACTOR

    @property
    def keyring_path(self) -> Path:
        return self.keyring_file or self.data_dir / "keyring.json"


def load_settings(**given: Any) -> Settings:  # Any: each field validates its own
    """Read the environment, over which `given` takes precedence where it is not None."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name.upper() not in known)
    if unknown:
        # A misspelt name would otherwise leave a default where the operator believes a choice.
        raise UnknownSettingError(f"not a setting: {', '.join(unknown)}")
    return Settings(**{name: value for name, value in given.items() if value is not None})


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables from which a child process reads the same settings; what nobody chose stays unset."""
    chosen = settings.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return {PREFIX + name.upper(): str(value) for name, value in chosen.items()}


def settings_table() -> str:
    """The Markdown table of docs/settings.md; a test keeps the two equal."""
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _row(name: str, field: FieldInfo) -> str:
    return f"| `{PREFIX}{name.upper()}` | {_shown(field)} | {field.description} |"


def _shown(field: FieldInfo) -> str:
    default = field.default
    return "" if field.default_factory is not None or default is None else f"`{default}`"
