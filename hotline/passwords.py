"""What a password must be (密码要求): long, and nothing that is guessed first (等保 2.0 三级 8.1.4.1).

Length is what makes a password hard to guess; rules about kinds of characters make people write `Password123!`. So a
password is measured by its length, and refused when it is the account's own name or a common word with digits behind.
"""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

from hotline.identifiers import UserId
from hotline.refusals import GuardFailed

MAX_LENGTH: Final = 256
"""Longer ones are refused rather than cut off: they only cost time to hash."""

_FEWEST_DIFFERENT: Final = 5
_FIELD: Final = "new_password"
_RULE: Final = "密码不少于规定的长度，不得为账号名、常用密码或其变形"


def normal_password(password: str) -> str:
    """Bring what was typed to one form: the same keys give other code points on other systems."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, *, user_id: UserId, min_length: int) -> None:
    """Refuse with GuardFailed a password that is too short, too long or guessed first."""
    text = normal_password(password)
    if not min_length <= len(text) <= MAX_LENGTH:
        raise GuardFailed(
            "password_length",
            f"密码长度须为 {min_length} 至 {MAX_LENGTH} 个字符",
            field=_FIELD,
            rule=_RULE,
        )
    if _is_like_the_account(text, user_id):
        raise GuardFailed("password_is_account", "密码不得包含账号名", field=_FIELD, rule=_RULE)
    if _is_common(text):
        raise GuardFailed("password_common", "密码过于常见，容易被猜到", field=_FIELD, rule=_RULE)


def _is_like_the_account(text: str, user_id: UserId) -> bool:
    name = user_id.casefold()
    return len(name) > 2 and name in text.casefold()


def _is_common(text: str) -> bool:
    """Whether it is a common word, repeated or with digits and signs around it, or hardly more than one key."""
    folded = text.casefold()
    if len(set(folded)) < _FEWEST_DIFFERENT:
        return True
    stems = {folded, re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)}
    return any(_whole_of_common(stem) for stem in stems)


def _whole_of_common(stem: str) -> bool:
    """Whether common words one behind the other make it up."""
    if not stem:
        return False
    reached = {0}
    for end in range(1, len(stem) + 1):
        if any(start in reached and stem[start:end] in _common() for start in range(end)):
            reached.add(end)
    return len(stem) in reached


@cache
def _common() -> frozenset[str]:
    """The list: what leaks show to be tried first, in Chinese offices too."""
    text = files("hotline").joinpath("data/common-passwords.toml").read_text(encoding="utf-8")
    return frozenset(word for words in tomllib.loads(text).values() for word in words)
