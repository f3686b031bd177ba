"""术语: closed sets of codes, each with one Chinese term; identifiers built in one place."""

from datetime import timedelta

import pytest

from hotline import policy, vocabulary
from hotline.accountability import vocabulary as accountability
from hotline.case import CaseState
from hotline.identifiers import (
    SEQUENCES,
    case_no,
    case_no_of,
    derived_command,
    is_case_no,
    workflow_id,
)
from hotline.model import Term
from hotline.vocabulary import (
    CHANNEL_CODE,
    CLOSED,
    OPEN,
    PHASE_OF,
    TERMINAL,
    Channel,
    Phase,
    Status,
)
from unit.lives import NUMBER, at, in_hand

TERMS = [
    term
    for term in (vars(vocabulary) | vars(accountability)).values()
    if isinstance(term, type) and issubclass(term, Term) and term is not Term
]


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.__name__)
def test_every_code_has_one_chinese_label_in_its_set(term: type[Term]) -> None:
    labels = [member.label for member in term]
    assert len(labels) == len(set(labels))
    assert all(label.strip() for label in labels)
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in label) for label in labels)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.__name__)
def test_every_code_is_found_by_its_value(term: type[Term]) -> None:
    assert [term.__members__[member.name] for member in term] == list(term)
    assert {member.value: member for member in term} == term._value2member_map_
    assert all(str(member) == member.value for member in term)


def test_every_status_belongs_to_one_phase_and_is_open_or_closed() -> None:
    assert set(PHASE_OF) == set(Status)
    assert set(PHASE_OF.values()) == set(Phase)
    assert set(Status) == OPEN | CLOSED
    assert OPEN.isdisjoint(CLOSED)
    assert {Status.ARCHIVED} == CLOSED - TERMINAL
    assert {PHASE_OF[status] for status in CLOSED} == {Phase.CLOSEOUT}


def test_phase_follows_from_the_status() -> None:
    state: CaseState = in_hand().state
    assert (state.phase, state.is_open) == (Phase.RECTIFICATION, True)


def test_basis_is_told_in_what_people_write() -> None:
    assert {basis.value for basis in policy.Basis} == {"wd", "wh", "clock"}


# ── identifiers ─────────────────────────────────────────────────────────────────────────────────


def test_case_number_is_eighteen_digits_of_shanghai_time_channel_and_sequence() -> None:
    number = case_no(at("2026-03-02 09:00") + timedelta(seconds=7), CHANNEL_CODE[Channel.PHONE], 12)
    assert number == "260302090007010012"
    assert is_case_no(number)


def test_sequence_wraps_within_its_four_digits() -> None:
    first, again = (case_no(at("2026-03-02 09:00"), "01", n) for n in (3, SEQUENCES + 3))
    assert first == again


@pytest.mark.parametrize("text", ["", "26030209000701001", "2603020900070100123", "26030209000701001x"])
def test_other_text_is_no_case_number(text: str) -> None:
    assert is_case_no(NUMBER)
    assert not is_case_no(text)


def test_workflow_id_carries_the_number_and_gives_it_back() -> None:
    assert workflow_id(NUMBER) == f"case:{NUMBER}"
    assert case_no_of(workflow_id(NUMBER)) == NUMBER


def test_derived_command_id_is_stable_and_tells_its_causes_apart() -> None:
    assert derived_command("a", "b") == derived_command("a", "b")
    assert len({derived_command("a", "b"), derived_command("a", "c"), derived_command("b", "b")}) == 3
    assert 8 <= len(derived_command("a", "b")) <= 64


def test_channel_codes_are_two_digits_and_distinct() -> None:
    assert set(CHANNEL_CODE) == set(Channel)
    assert sorted(CHANNEL_CODE.values()) == [f"{n:02}" for n in range(1, len(Channel) + 1)]
