"""Single sign-on by OpenID Connect (单点登录): authorization code with PKCE, state and nonce, through authlib.

    SignOnError
    ├── SignOnRefusedError       the provider or its ID token says no; `reason` is a code for the trail
    └── ProviderAwayError        the provider does not answer, or not as one

The provider is asked afresh for its endpoints and keys at each sign-in: there are few, and a provider that has
rotated its keys is believed at once.
"""

import secrets
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

with warnings.catch_warnings():
    # authlib is about to change its HTTP library and says so on import; nothing that we call differs.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError

_DISCOVERY: Final = "/.well-known/openid-configuration"
_SCOPE: Final = "openid profile email"
_TIMEOUT_SECONDS: Final = 10.0
_LEEWAY_SECONDS: Final = 60
_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
"""Signatures alone: `none` proves nothing, and a MAC could be made with the provider's public key."""

_SECOND_FACTOR: Final = frozenset({"mfa", "otp", "hwk", "sc"})
"""Methods of RFC 8176 that are, or include, something that one has."""

Claims = Mapping[str, Any]  # Any: claims are whatever JSON the provider puts there.


class SignOnError(Exception):
    """Nobody is signed in."""


class SignOnRefusedError(SignOnError):
    """The provider or its ID token says no; what either said is not repeated."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProviderAwayError(SignOnError):
    """The provider does not answer, or not as one."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun: where the browser goes, and what must come back with it."""

    url: str
    state: str
    nonce: str
    verifier: str


class Provider:
    """One OpenID Connect provider, at which we are one client."""

    def __init__(self, issuer: str, client_id: str, client_secret: str | None = None) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret

    async def begin(self, redirect_uri: str) -> Begun:
        """Draw state, nonce and verifier, and return the address to which the browser goes."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        async with self._client(redirect_uri) as client:
            metadata = await self._metadata(client)
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Begun(url, state, nonce, verifier)

    async def finish(
        self, code: str, redirect_uri: str, *, nonce: str, verifier: str, at: datetime
    ) -> Claims:
        """Exchange the code that the browser brought, and return the claims of the ID token once they are proved."""
        async with self._client(redirect_uri) as client:
            metadata = await self._metadata(client)
            token = await client.fetch_token(
                metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
            )
            keys = await _json(client, metadata["jwks_uri"])
        return self._proved(token, keys, nonce, at)

    def _proved(self, token: Mapping[str, Any], keys: Mapping[str, Any], nonce: str, at: datetime) -> Claims:
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise SignOnRefusedError("oidc_no_id_token")
        try:
            # The provider's own list could name what it should not; ours is the one that counts.
            registry = JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
            decoded = jwt.decode(id_token, KeySet.import_key_set(dict(keys)), registry=registry)  # type: ignore[arg-type]  # checked by the import
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                {"nonce": nonce, "client_id": self._client_id, "access_token": token.get("access_token")},
            )
            claims.validate(now=int(at.timestamp()), leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError) as error:
            raise SignOnRefusedError("oidc_id_token") from error
        return dict(claims)

    async def _metadata(self, client: AsyncOAuth2Client) -> Mapping[str, str]:
        metadata = await _json(client, self._issuer.rstrip("/") + _DISCOVERY)
        if metadata.get("issuer") != self._issuer:
            # Whoever answers in the provider's place could name endpoints of their own.
            raise ProviderAwayError("the discovery document is another issuer's")
        return metadata

    @asynccontextmanager
    async def _client(self, redirect_uri: str) -> AsyncIterator[AsyncOAuth2Client]:
        try:
            async with AsyncOAuth2Client(
                client_id=self._client_id,
                client_secret=self._client_secret,
                token_endpoint_auth_method=None if self._client_secret else "none",
                scope=_SCOPE,
                redirect_uri=redirect_uri,
                code_challenge_method="S256",
                timeout=_TIMEOUT_SECONDS,
                trust_env=False,
            ) as client:
                yield client
        except OAuthError as error:
            raise SignOnRefusedError("oidc_code") from error
        except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
            raise ProviderAwayError("the provider does not answer as one") from error


def has_second_factor(claims: Claims) -> bool:
    """Whether the provider says that it asked for a second factor."""
    methods = claims.get("amr")
    return isinstance(methods, list) and bool(_SECOND_FACTOR & {str(method) for method in methods})


async def _json(client: AsyncOAuth2Client, url: str) -> Mapping[str, Any]:
    answer = await client.request("GET", url, withhold_token=True)
    answer.raise_for_status()
    document = answer.json()
    if not isinstance(document, dict):
        raise ProviderAwayError("the provider does not answer as one")
    return document
