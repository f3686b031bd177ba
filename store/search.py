"""Chinese text search over sealed texts (全文检索): a blind index of character pairs.

Each two neighbouring characters of a text become one keyed 64-bit token, so PostgreSQL finds 噪音 by a
GIN index without ever seeing it. Tokens only narrow the search for a longer word: whoever searches opens
the candidates and looks for the words themselves.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Self

from sqlalchemy import ColumnElement, select

from hotline.identifiers import CaseNo
from hotline.refusals import GuardFailed
from store.given import Values, insert_given
from store.persons import Cipher
from store.tables.casework import cases
from store.tables.registration import search_entries

_PURPOSE: Final = "search"
_LONGEST: Final = 200
_PAIR: Final = 2
# Unicode categories of what people do not search for: punctuation, separators, control characters.
_IGNORED: Final = frozenset("PZC")

FINDABLE: Final = insert_given(search_entries, "entry_rows")
"""Makes a new case findable by its texts (`entry_rows`); other statements are said along with it."""


@dataclass(frozen=True, slots=True)
class Search:
    """Words that must all occur; each has at least two characters, because the index knows pairs only."""

    words: tuple[str, ...] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what somebody typed: words parted by spaces. Raises GuardFailed if there is nothing to look for."""
        if len(text) > _LONGEST:
            raise GuardFailed("search_too_long", f"检索词不得超过 {_LONGEST} 个字", field="text")
        words = tuple(word for part in text.split() if (word := normal_text(part)))
        if not words or min(map(len, words)) < _PAIR:
            raise GuardFailed("search_too_short", "每个检索词至少两个字", field="text")
        return cls(words)

    def condition(self, cipher: Cipher) -> ColumnElement[bool]:
        """Narrow a query on `cases` to those that may contain the words."""
        wanted = tokens_of(cipher, self.words)
        return cases.c.case_no.in_(
            select(search_entries.c.case_no).where(search_entries.c.tokens.contains(wanted))
        )

    @property
    def is_exact(self) -> bool:
        """Whether whatever is found contains the words: each is one pair, which is what the index knows."""
        return all(len(word) == _PAIR for word in self.words)

    def occurs_in(self, texts: Iterable[str]) -> bool:
        """Tell whether every word really occurs in one of the texts."""
        normal = [normal_text(text) for text in texts]
        return all(any(word in text for text in normal) for word in self.words)


def normal_text(text: str) -> str:
    """Bring a text to the form in which it is searched: width, case, spaces and punctuation do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if unicodedata.category(char)[0] not in _IGNORED)


def pairs_of(text: str) -> Iterator[str]:
    """Yield each two neighbouring characters of a text, in its normal form."""
    return (first + second for first, second in pairwise(normal_text(text)))


def tokens_of(cipher: Cipher, texts: Iterable[str]) -> list[int]:
    """Return the tokens of some texts, each once."""
    pairs = {pair for text in texts for pair in pairs_of(text)}
    return sorted(cipher.token64(_PURPOSE, pair) for pair in pairs)


def entry_row(cipher: Cipher, case_no: CaseNo, texts: Iterable[str]) -> Values:
    """What a case is found by, as `entry_rows` takes it."""
    return {"case_no": case_no, "tokens": tokens_of(cipher, texts)}
