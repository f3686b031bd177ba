import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.ports import LOOPBACK, PortBook, free_port, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def book(tmp_path: Path) -> PortBook:
    return PortBook(tmp_path / "ports.json")


def test_port_with_a_listener_is_not_free(taken: int) -> None:
    assert not is_free(taken)


def test_wanted_port_is_chosen_when_free(book: PortBook) -> None:
    wanted = free_port()
    assert book.choose("api", wanted) == wanted


def test_another_port_is_chosen_when_taken_and_kept_later(book: PortBook, taken: int, tmp_path: Path) -> None:
    chosen = book.choose("api", taken)
    assert chosen != taken
    assert PortBook(tmp_path / "ports.json").choose("api", taken) == chosen


def test_new_wish_replaces_the_memory(book: PortBook, taken: int) -> None:
    book.choose("api", taken)
    wanted = free_port()
    assert book.choose("api", wanted) == wanted


def test_two_parts_never_share_a_port(book: PortBook) -> None:
    wanted = free_port()
    assert book.choose("api", wanted) != book.choose("worker", wanted)


def test_remembered_port_that_was_taken_meanwhile_is_given_up(book: PortBook, taken: int) -> None:
    wanted = free_port()
    book.choose("api", wanted)
    with socket.socket() as intruder:
        intruder.bind((LOOPBACK, wanted))
        intruder.listen()
        assert book.choose("api", wanted) != wanted
