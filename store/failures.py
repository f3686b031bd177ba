"""What can go wrong in the store, apart from what the rules refuse.

    StoreFailure
    ├── DatabaseUnavailable     no answer from PostgreSQL: try again later (503)
    │   └── DatabaseBusy        it answers, but not in time: pool, lock or statement timeout, deadlock
    ├── LedgerFailure
    │   ├── LedgerConflict      another fact already has this number: an alarm, never an overwrite
    │   └── LedgerGap           facts are missing before this one: the caller sends them all again
    ├── TextFailure
    │   ├── TextAltered         a text is not the one that its reference was made for
    │   └── TextMissing         a reference leads to no text
    └── PolicyAltered           a published revision is immutable

Nothing here carries personal data: not in messages, not in chained errors that leave the store.
"""


class StoreFailure(Exception):  # noqa: N818  failures state what failed, as refusals state their reason
    """The store could not do what was asked."""


class DatabaseUnavailable(StoreFailure):
    """PostgreSQL does not answer."""


class DatabaseBusy(DatabaseUnavailable):
    """PostgreSQL did not answer in time, or gave way to another transaction."""


class LedgerFailure(StoreFailure):
    """The ledger of a case and the facts at hand do not fit together."""

    def __init__(self, case_no: str, seq: int) -> None:
        super().__init__(f"{self.__doc__} ({case_no}, fact {seq})")
        self.case_no = case_no
        self.seq = seq


class LedgerConflict(LedgerFailure):
    """Another fact already has this number."""


class LedgerGap(LedgerFailure):
    """Facts before this one are missing."""


class TextFailure(StoreFailure):
    """A text of the vault cannot be had."""

    def __init__(self, text_id: str) -> None:
        super().__init__(f"{self.__doc__} ({text_id})")
        self.text_id = text_id


class TextAltered(TextFailure):
    """The text is not the one that its reference was made for."""


class TextMissing(TextFailure):
    """The reference leads to no text."""


class PolicyAltered(StoreFailure):
    """A published revision was brought again with other content."""
