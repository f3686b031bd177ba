"""Two commands under one id are told apart, and releases agree on what was said."""

import hashlib
import json
from datetime import UTC, datetime

from fixtures.cases import TEXT, reply

from hotline.commands import AddFacts, ArchiveCase, SignFor, SubmitReply
from workflows.contracts import DIGEST_UNKNOWN, digest_of, is_digest_of

SAID = reply(datetime(2026, 3, 2, 1, 0, tzinfo=UTC)).command


class SubmitReplyLater(SubmitReply):
    """The command in a release that has added a field."""

    language: str = "zh"


def later(**fields: str) -> SubmitReplyLater:
    return SubmitReplyLater.model_validate({**SAID.model_dump(), **fields})


def test_field_that_a_later_release_adds_leaves_the_digest_as_it_is() -> None:
    assert digest_of(later()) == digest_of(SAID)
    assert is_digest_of(digest_of(SAID), later())


def test_field_that_says_something_changes_the_digest() -> None:
    assert digest_of(later(language="en")) != digest_of(SAID)
    assert not is_digest_of(digest_of(AddFacts(text=TEXT)), SAID)


def test_commands_that_say_nothing_but_their_kind_differ() -> None:
    assert digest_of(SignFor()) != digest_of(ArchiveCase())


def test_receipt_of_before_is_known_by_its_digest_with_defaults() -> None:
    whole = json.dumps(
        SAID.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert is_digest_of(hashlib.sha256(whole.encode()).hexdigest(), SAID)


def test_receipt_that_knows_no_digest_is_believed() -> None:
    assert is_digest_of(DIGEST_UNKNOWN, SAID)
