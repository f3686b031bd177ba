"""Refusals (拒绝): what the rules do not allow, said so that a person can act on it.

    Refusal                 code, message, field, rule
    ├── NotPermitted        this role may not do this, or not on this case
    ├── Unseen              there is no such case for whoever asks
    ├── WrongStatus         the case is not where this command applies
    ├── StaleVersion        somebody else acted first
    ├── GuardFailed         something required is missing or does not hold
    ├── LimitReached        a cap of the policy is used up
    └── WindowClosed        it was possible until an instant that has passed

A refusal changes nothing. Its code is stable and may be programmed against; its text is for people and
never carries personal data. `KeyReused` is raised where the same idempotency key brings another command.
"""

from typing import ClassVar


class Refusal(Exception):  # noqa: N818 — a refusal is an answer, not an error
    """A rule says no. `field` names the input at fault, `rule` the source of the rule."""

    family: ClassVar[str] = "refused"

    def __init__(self, code: str, message: str, *, field: str | None = None, rule: str | None = None) -> None:
        """Keep the parts apart: the text is never parsed."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.rule = rule


class NotPermitted(Refusal):
    """This role may not do this, or not on this case."""

    family = "not_permitted"


class Unseen(Refusal):
    """The case is kept from whoever asks, and is told to them like one that does not exist."""

    family = "unseen"


class WrongStatus(Refusal):
    """The case is not in a status in which the command applies."""

    family = "wrong_status"


class StaleVersion(Refusal):
    """The case has moved on since the caller looked."""

    family = "stale_version"


class GuardFailed(Refusal):
    """Something that the rules require is missing or does not hold."""

    family = "guard_failed"


class LimitReached(Refusal):
    """A cap of the policy is used up."""

    family = "limit_reached"


class WindowClosed(Refusal):
    """The command was possible until an instant that has passed."""

    family = "window_closed"


class KeyReused(Refusal):
    """The same idempotency key was used for another command."""

    family = "key_reused"


FAMILIES = {
    family.family: family
    for family in (
        Refusal,
        NotPermitted,
        Unseen,
        WrongStatus,
        StaleVersion,
        GuardFailed,
        LimitReached,
        WindowClosed,
        KeyReused,
    )
}
"""From the family's stable name to its class, for who receives a refusal over a wire."""
