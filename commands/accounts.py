"""The demo accounts of a stack (演示账号): who can act, found by role and unit.

The file is written by `hotline up` in demo mode; nothing here knows a user id before it has read one.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pydantic import Field, TypeAdapter, ValidationError

from hotline.identifiers import UnitCode, UserId
from hotline.model import Record
from hotline.vocabulary import Role

FILE: Final = "demo-tokens.json"


class AccountsMissingError(RuntimeError):
    """The accounts that a command needs are not there."""


class Account(Record):
    """One account with its bearer token."""

    user_id: UserId = UserId("")
    token: str = Field(repr=False)
    role: Role
    unit: UnitCode | None = None
    name: str = ""


_ACCOUNTS: Final = TypeAdapter(dict[str, Account])


class Accounts:
    """Accounts by role and unit."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._accounts = sorted(accounts, key=lambda account: account.user_id)

    @classmethod
    def load(cls, data_dir: Path) -> "Accounts":
        """Read the demo accounts of the stack that runs on a folder."""
        try:
            read = _ACCOUNTS.validate_json((data_dir / FILE).read_bytes())
        except (OSError, ValidationError) as error:
            raise AccountsMissingError(
                f"{data_dir / FILE} cannot be read; `hotline up` writes it in demo mode"
            ) from error
        return cls(account.model_copy(update={"user_id": UserId(key)}) for key, account in read.items())

    def of(self, role: Role, unit: UnitCode | None = None) -> tuple[Account, ...]:
        """Every account in a role, of one unit if one is named."""
        return tuple(
            account
            for account in self._accounts
            if account.role is role and (unit is None or account.unit == unit)
        )

    def pick(self, role: Role, unit: UnitCode | None = None, *, nth: int = 0) -> Account:
        """The nth account in a role, counted round; AccountsMissingError if there is none."""
        found = self.of(role, unit)
        if not found:
            where = f" of {unit}" if unit else ""
            raise AccountsMissingError(f"there is no demo account for a {role.value}{where}")
        return found[nth % len(found)]

    def units_with(self, *roles: Role) -> tuple[UnitCode, ...]:
        """The units that have an account in each of some roles."""
        by_role = [{account.unit for account in self.of(role)} for role in roles]
        return tuple(sorted(unit for unit in set.intersection(*by_role) if unit is not None))
