"""Today's code reads whatever an earlier release has left, and drops none of it."""

import copy
from typing import Any

import pytest
from stored_examples import Shape, is_stored, lost, made, read_again, shapes, stored

KINDS = shapes()
EXAMPLES = [
    pytest.param(KINDS[file].get(name), example, id=f"{file}-{name}-{place}")
    for file in KINDS
    for name, examples in stored(file).items()
    for place, example in enumerate(examples, start=1)
]
RECORD = "`python tests/replay/stored_examples.py` adds it; examples that are there stay as they are"


@pytest.mark.parametrize(("shape", "example"), EXAMPLES)
def test_stored_example_is_read_whole(shape: Shape | None, example: dict[str, Any]) -> None:
    assert shape is not None, "ledgers and histories have it for ever: the code that reads it stays"
    assert list(lost(example, read_again(shape.model, example))) == []


@pytest.mark.parametrize("file", KINDS)
def test_everything_that_is_kept_has_an_example_of_its_present_shape(file: str) -> None:
    kept = stored(file)
    missing = [name for name, shape in KINDS[file].items() if not is_stored(kept.get(name, []), made(shape))]
    assert missing == [], RECORD


def test_field_that_was_renamed_is_noticed_though_it_reads_without_an_error() -> None:
    shape = KINDS["case_facts"]["assignment:dispatched"]
    example = copy.deepcopy(stored("case_facts")["assignment:dispatched"][0])
    example["body"]["was_called_so"] = example["body"].pop("assists")
    assert list(lost(example, read_again(shape.model, example))) == [".body.was_called_so"]


def test_value_that_is_read_as_another_is_noticed() -> None:
    example = {"alarms": [{"at": 1}, {"at": 2}]}
    assert list(lost(example, {"alarms": [{"at": 1}, {"at": 3}], "more": None})) == [".alarms[1].at"]
    assert list(lost(example, {"alarms": [{"at": 1}]})) == [".alarms"]
