"""Secrecy (保密): who learns of a caller what, without asking and by opening (domain.md §1.5, §12 rule 5).

Contact details go to those who must reach the citizen: the hotline, and the unit in hand. Of a secret case
nobody sees the caller in passing: the hotline sees a mask and may open the data with a reason, which is
recorded; everybody else sees nothing, and reads the texts without what tells who the caller is.
"""

from enum import Enum, auto
from typing import Final

from hotline.roles import UNIT_ROLES
from hotline.vocabulary import Role

OPENERS: Final = frozenset({Role.OPERATOR, Role.DISPATCHER, Role.REVISITOR, Role.SUPERVISOR})
"""The hotline's own staff who contact citizens, revisit and dispatch: they may open a secret caller."""


class Shown(Enum):
    """How much of a caller is shown in passing."""

    WHOLE = auto()
    MASKED = auto()
    NOTHING = auto()


def caller_shown_to(role: Role, *, secret: bool) -> Shown:
    """How much of a case's caller somebody sees without opening anything."""
    if role in OPENERS:
        return Shown.MASKED if secret else Shown.WHOLE
    return Shown.WHOLE if role in UNIT_ROLES and not secret else Shown.NOTHING


def reads_redacted(role: Role) -> bool:
    """Whether the texts of secret cases are redacted for somebody."""
    return role not in OPENERS
