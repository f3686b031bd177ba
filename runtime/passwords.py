"""Hashing passwords (密码散列) with argon2id, off the event loop and a few at a time.

A hash takes tens of milliseconds and 19 MB on purpose. On the event loop it would stop every other request, and
many at once would fill the memory, so that sign-ins wait for each other instead.
"""

import asyncio
import base64
import secrets
from typing import Final, NamedTuple

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from hotline.passwords import normal_password

# OWASP Password Storage Cheat Sheet, Argon2id. RFC 9106 §4 has dearer choices, for four cores and 64 MB a sign-in; a
# hotline signs in a whole shift at eight o'clock.
TIME_COST: Final = 2
MEMORY_KIB: Final = 19_456
PARALLELISM: Final = 1
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32

_AT_A_TIME: Final = 2
"""Each keeps a core busy; the third waits."""


class Verdict(NamedTuple):
    """Whether the password fits; `newer` is its hash under today's parameters, if the stored one is older."""

    fits: bool
    newer: str | None = None


class Passwords:
    """Makes and checks hashes."""

    def __init__(self) -> None:
        """Prepare the decoy, which costs as much to check as any hash, and which nothing fits."""
        self._hasher = PasswordHash(
            (
                Argon2Hasher(
                    time_cost=TIME_COST,
                    memory_cost=MEMORY_KIB,
                    parallelism=PARALLELISM,
                    hash_len=HASH_BYTES,
                    salt_len=SALT_BYTES,
                ),
            )
        )
        self._turns = asyncio.Semaphore(_AT_A_TIME)
        self._decoy = _decoy()

    async def hash(self, password: str) -> str:
        """Return the hash to keep."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def check(self, password: str, kept: str | None) -> Verdict:
        """Tell whether a password fits; without a kept hash nothing fits, after the same work."""
        async with self._turns:
            fits, newer = await asyncio.to_thread(
                self._hasher.verify_and_update, _bytes(password), kept or self._decoy
            )
        return Verdict(fits, newer) if kept else Verdict(fits=False)


def new_password() -> str:
    """Make a password for somebody who is to change it at once: 80 bits, in letters that can be read out."""
    drawn = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(drawn[start : start + 4] for start in range(0, len(drawn), 4))


def _decoy() -> str:
    salt, digest = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(HASH_BYTES)
    return (
        f"$argon2id$v=19$m={MEMORY_KIB},t={TIME_COST},p={PARALLELISM}${_unpadded(salt)}${_unpadded(digest)}"
    )


def _unpadded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _bytes(password: str) -> bytes:
    # Whatever was typed is hashed, even what is no valid text.
    return normal_password(password).encode("utf-8", "surrogatepass")
