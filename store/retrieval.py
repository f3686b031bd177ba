"""Retrieval codes (提取码): with its number and six characters a citizen follows a case.

The database keeps a keyed hash to compare with, and a sealed copy, so that whoever repeats a
registration gets the same code again.
"""

import hmac
import secrets
from typing import Final

from sqlalchemy import select

from hotline.identifiers import CaseNo
from store.engine import ReadSession
from store.persons import Cipher
from store.tables.registration import intake

ALPHABET: Final = "346789ACDEFGHJKMNPQRTUVWXY"
"""Without what is misheard or misread: 0 O, 1 I L, 2 Z, 5 S, B."""

LENGTH: Final = 6
PURPOSE: Final = "retrieval"


def new_code() -> str:
    """Draw a code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def code_hash(cipher: Cipher, case_no: CaseNo, code: str) -> str:
    """Return the keyed hash of a case's code; how people type it does not matter."""
    return cipher.match(PURPOSE, f"{case_no}/{code.strip().upper()}")


def seal_code(cipher: Cipher, case_no: CaseNo, code: str) -> bytes:
    """Seal a code for the one case it belongs to."""
    return cipher.seal(PURPOSE, code.encode(), case_no.encode())


def open_code(cipher: Cipher, case_no: CaseNo, sealed: bytes) -> str:
    """Open what `seal_code` sealed."""
    return cipher.open(PURPOSE, sealed, case_no.encode()).decode()


async def code_fits(session: ReadSession, cipher: Cipher, case_no: CaseNo, code: str) -> bool:
    """Tell whether a code belongs to a case; an unknown case takes as long to answer as a wrong code."""
    stored = await session.scalar(select(intake.c.retrieval_hash).where(intake.c.case_no == case_no))
    return hmac.compare_digest(str(stored or ""), code_hash(cipher, case_no, code))
