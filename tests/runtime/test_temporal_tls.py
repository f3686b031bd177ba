"""TLS to Temporal: a server that shows the right certificate and knows ours is spoken to, any other is not."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fixtures.stack import TemporalForTests
from pydantic import ValidationError

from runtime.keyring import Keyring
from runtime.settings import Settings
from runtime.temporal import connect, tls_of

NAME = "temporal.hotline.internal"


class Authority:
    """Somebody who signs certificates, and the folder in which they lie."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(_pem(self._signed(name, self._key.public_key(), is_authority=True)))

    def issue(self, name: str) -> tuple[Path, Path]:
        """A certificate for a name, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate, own = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        certificate.write_bytes(_pem(self._signed(name, key.public_key(), is_authority=False)))
        own.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, own

    def _signed(self, name: str, key: ec.EllipticCurvePublicKey, *, is_authority: bool) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(self._name))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "authority")


@pytest.fixture
async def guarded(authority: Authority, temporal_server: TemporalForTests) -> AsyncIterator[str]:
    """The address of a Temporal server that shows a certificate and asks for one."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.file)
    context.load_cert_chain(*authority.issue(NAME))
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    host, _, port = temporal_server.address.rpartition(":")

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            inner, outer = await asyncio.open_connection(host, int(port))
            await asyncio.gather(_carry(reader, outer), _carry(inner, writer))

    async with _serving(pass_on, context) as address:
        yield address


@asynccontextmanager
async def _serving(pass_on: Any, context: ssl.SSLContext) -> AsyncIterator[str]:
    server = await asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, ssl.SSLError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.close()


def settings(**given: Any) -> Settings:
    return Settings(temporal_tls=True, temporal_server_name=NAME, **given)


async def asked(address: str, own: Settings, namespace: str) -> str:
    """The version of the server behind an address, or RuntimeError."""
    client = await connect(address, namespace, Keyring.generate(), identity="test", tls=tls_of(own))
    async for _ in client.list_workflows("WorkflowId = 'none'"):
        raise AssertionError("there is none of that name")
    return client.namespace


async def test_a_server_is_spoken_to_that_shows_the_right_certificate_and_knows_ours(
    authority: Authority, guarded: str, temporal_server: TemporalForTests
) -> None:
    certificate, key = authority.issue("hotline")
    own = settings(temporal_ca_file=authority.file, temporal_cert_file=certificate, temporal_key_file=key)
    assert await asked(guarded, own, temporal_server.namespace) == temporal_server.namespace


def _strangers(tmp_path: Path, authority: Authority) -> Iterator[Settings]:
    certificate, key = authority.issue("hotline")
    yield settings(temporal_ca_file=authority.file)
    other = Authority(tmp_path, "other")
    yield settings(temporal_ca_file=other.file, temporal_cert_file=certificate, temporal_key_file=key)
    yield Settings(
        temporal_tls=True,
        temporal_ca_file=authority.file,
        temporal_cert_file=certificate,
        temporal_key_file=key,
        temporal_server_name="another.hotline.internal",
    )


async def test_nobody_else_is(
    tmp_path: Path, authority: Authority, guarded: str, temporal_server: TemporalForTests
) -> None:
    """Without our certificate, with one that another authority signed for the server, or under another name."""
    for own in _strangers(tmp_path, authority):
        with pytest.raises(RuntimeError):
            await asked(guarded, own, temporal_server.namespace)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"temporal_server_name": NAME}, "HOTLINE_TEMPORAL_TLS=true"),
        ({"temporal_tls": True, "temporal_cert_file": Path(__file__)}, "HOTLINE_TEMPORAL_KEY_FILE"),
        ({"temporal_tls": True, "temporal_ca_file": Path("nowhere.pem")}, "temporal_ca_file"),
    ],
)
def test_half_a_setting_is_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        Settings(**given)


def test_in_the_clear_unless_told_otherwise() -> None:
    assert tls_of(Settings()) is False
