"""One-time codes of an authenticator app (动态口令, RFC 6238), and the recovery codes for who lost the app.

A code belongs to one step of 30 seconds. The step is returned to be used up, since a code that was seen over a
shoulder is good for as long as its step lasts.
"""

import base64
import hmac
import re
import secrets
from datetime import datetime
from typing import Final

import pyotp

STEP_SECONDS: Final = 30
ISSUER: Final = "hotline 12345"
RECOVERY_CODES: Final = 10

# A telephone's clock may be off by a step, as RFC 6238 §5.2 allows; more would only help who guesses.
_DRIFT: Final = (0, -1, 1)


def new_secret() -> str:
    """Make the secret that the app and we share: 160 bits in base32."""
    return pyotp.random_base32(32)


def enrolment_uri(secret: str, user_id: str) -> str:
    """Return what the app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_id, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Return the step to which a code belongs, or None if it is none of now."""
    typed = re.sub(r"\s", "", code).encode("utf-8", "surrogatepass")
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP_SECONDS
    for drift in _DRIFT:
        if hmac.compare_digest(totp.generate_otp(now + drift).encode(), typed):
            return now + drift
    return None


def new_recovery_codes() -> tuple[str, ...]:
    """Make the codes that stand in for the app, each once: 80 bits in groups of four."""
    drawn = (base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES))
    return tuple("-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in drawn)


def normal_recovery_code(code: str) -> str:
    """Bring what was typed to the form that is hashed: people leave out hyphens and type capitals."""
    return re.sub(r"[\s-]", "", code).lower()
