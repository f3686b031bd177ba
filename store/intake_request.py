"""What is taken down when somebody calls, writes or is imported (受理信息): the one form of registering.

It carries personal data, so it never leaves the process: registering puts the parts into the vault, and
neither its repr nor a validation error shows a value.
"""

import re
import unicodedata
from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from hotline.case import Classification
from hotline.identifiers import UnitCode
from hotline.model import Instant, Message
from hotline.vocabulary import Channel, Element, EmergencyService, RequestType, Urgency
from store.vault import Caller, normal_phone

_PHONE: Final = re.compile(r"[\d\s+()./#*-]+(?:转\s*\d+)?")
_PHONE_DIGITS: Final = range(3, 21)
CODE: Final = r"^[\w./:-]{1,64}$"

Code = Annotated[str, StringConstraints(pattern=CODE)]
"""A code of another register: no blanks and no control characters, so that it may stand in the ledger."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class IntakeRequest(Message):
    """One complaint as it came in."""

    model_config = ConfigDict(hide_input_in_errors=True)

    channel: Channel
    type: RequestType
    urgency: Urgency = Urgency.NORMAL
    title: Line = Field(repr=False)
    content: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)] = (
        Field(repr=False)
    )
    caller_name: Line | None = Field(default=None, repr=False)
    caller_phone: Line | None = Field(default=None, repr=False)
    address: Line | None = Field(default=None, repr=False)
    category: Code | None = None
    area: Code | None = None
    hard: bool = False
    secret: bool = False
    anonymous: bool = False
    reachable_elsewhere: bool = Field(default=False, description="可通过来源平台联系诉求人")
    missing: tuple[Element, ...] = Field(default=(), description="尚缺的要素，登记后转待补充")
    accused_units: tuple[UnitCode, ...] = ()
    emergency: EmergencyService | None = None
    source_number: Code | None = None
    raised_at: Instant | None = Field(
        default=None, description="诉求人提出的时间，如来源平台的留言时间；缺省为登记时间"
    )
    reply: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)] | None = Field(
        default=None, repr=False
    )
    replied_at: Instant | None = None

    @field_validator("caller_phone")
    @classmethod
    def _is_a_phone_number(cls, phone: str | None) -> str | None:
        if phone is None:
            return None
        if not _PHONE.fullmatch(unicodedata.normalize("NFKC", phone)):
            message = "a phone number has digits and + ( ) - only"
            raise ValueError(message)
        if len(normal_phone(phone)) not in _PHONE_DIGITS:
            message = f"a phone number has {_PHONE_DIGITS[0]} to {_PHONE_DIGITS[-1]} digits"
            raise ValueError(message)
        return phone

    @model_validator(mode="after")
    def _emergency_is_critical(self) -> Self:
        if self.emergency and self.urgency is not Urgency.CRITICAL:
            message = "urgency: what goes to 110, 119, 120 or 122 is critical"
            raise ValueError(message)
        return self

    @property
    def has_contact(self) -> bool:
        """Whether the caller can be reached: by phone, or through the platform that the request came from."""
        return self.caller_phone is not None or self.reachable_elsewhere

    @property
    def caller(self) -> Caller:
        """Who called, for the vault."""
        return Caller(name=self.caller_name, phone=self.caller_phone, address=self.address)

    @property
    def classification(self) -> Classification:
        """What it is about, in codes."""
        return Classification(
            type=self.type,
            urgency=self.urgency,
            category=self.category,
            area=self.area,
            hard=self.hard,
            accused_units=self.accused_units,
            emergency=self.emergency,
        )
