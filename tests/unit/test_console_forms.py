"""Every form of the console: each field has a name for people, and what a browser sends back is what was meant."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from starlette.datastructures import FormData

from api.dossier_examples import CLUE, dossier_example_of
from api.dossier_forms import clue_form, dossier_commands, dossier_form_of
from api.examples import COMPLAINT, example_of
from api.forms import commands_for_people, form_of, kind_of
from console.forms import Catalogue, Field, Widget, fields_of, fill, leaves, with_errors
from console.icons import ICONS
from console.labels import FACTS
from console.menu import HOME, MENU, menu_of
from hotline.accountability.commands import ProposeDecision
from hotline.case import EvidenceRef
from hotline.decide import RULES
from hotline.model import Message
from hotline.roles import STAFF
from store.intake import IntakeRequest

FORMS = [
    *(form_of(command) for command in commands_for_people()),
    *(dossier_form_of(command) for command in dossier_commands()),
    clue_form(),
]


def evidence_in(example: Mapping[str, Any]) -> dict[str, EvidenceRef]:
    named = example.get("evidence", [])
    found = [named] if isinstance(named, dict) else named
    return {one["evidence_id"]: EvidenceRef.model_validate(one) for one in found}


def sent(fields: tuple[Field, ...], example: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a browser sends when somebody fills in an example, and leaves the rest as the page had it."""
    for one in leaves(fields):
        for name, typed in typed_in(one, found(example, one)):
            yield one.name + name, typed


def found(example: Any, one: Field) -> Any:
    for step in one.path:
        is_there = step < len(example) if isinstance(step, int) else step in example
        if not is_there:
            return one.value
        example = example[step]
    return example


def typed_in(one: Field, value: Any) -> Iterator[tuple[str, str]]:
    match one.widget:
        case Widget.TICK:
            yield from [("", "true")] if value else []
        case Widget.YES_NO:
            yield "", str(value).lower()
        case Widget.ASSISTS:
            for order in value or ():
                yield from ((".unit", order["unit"]), (".days", str(order.get("days", ""))))
        case Widget.EVIDENCE:
            yield from (
                ("", one["evidence_id"]) for one in ([value] if isinstance(value, dict) else value or ())
            )
        case Widget.CASES:
            yield "", "、".join(value or ())
        case Widget.ACCUSED:
            yield "", value or ""
        case Widget.CHOICES | Widget.UNITS | Widget.PEOPLE:
            yield from (("", part) for part in value or ())
        case Widget.MOMENT:
            yield "", str(value or "").removesuffix(":00+08:00")
        case _:
            yield "", "" if value is None else str(value)


@pytest.mark.parametrize("command", list(commands_for_people()), ids=kind_of)
def test_every_command_can_be_filled_in_on_a_page(command: type[Message]) -> None:
    example = example_of(command)
    model, catalogue = form_of(command), Catalogue(evidence=evidence_in(example))
    filled = fill(model, catalogue, FormData(list(sent(fields_of(model, catalogue), example))))
    assert filled.form == model.model_validate(example)


@pytest.mark.parametrize("command", list(dossier_commands()), ids=lambda command: command.__name__)
def test_every_command_on_a_file_can_be_filled_in_on_a_page(command: type[Message]) -> None:
    """What belongs to another choice is sent with the rest here, and no model takes it."""
    example, model = dossier_example_of(command), dossier_form_of(command)
    filled = fill(model, Catalogue(), FormData(list(sent(fields_of(model, Catalogue()), example))))
    assert filled.form == model.model_validate(example)


def test_clue_about_several_can_be_filled_in_and_an_empty_row_is_none() -> None:
    person = {
        "kind": "person",
        "person": "p-5e0c1f2a9b3d4c6e",
        "position": {"unit": "U120", "title": "副大队长"},
        "account": "handler-U120",
        "party_member": True,
    }
    clue = dict(CLUE) | {"subjects": [*CLUE["subjects"], person]}
    rows = {f"subjects.{at}.kind": "" for at in range(3)}
    fields = fields_of(clue_form(), Catalogue(), rows)
    filled = fill(clue_form(), Catalogue(), FormData(list(sent(fields, clue))))
    assert filled.form == clue_form().model_validate(clue)


def test_fault_of_a_part_is_said_at_the_part() -> None:
    draft = {"draft.measure.family": "party", "draft.bases.1.article": "39(1)"}
    form = dossier_form_of(ProposeDecision)
    filled = fill(form, Catalogue(), FormData(draft))
    wrong = {one.name for one in leaves(filled.fields) if one.error}
    assert {"draft.measure.party.sanction", "draft.bases.1.instrument"} <= wrong
    assert not {name for name in wrong if "administrative" in name}
    said = with_errors(filled.fields, {"measure": "未经立案"})
    assert [one.name for one in leaves(said) if one.error] == ["draft.measure.family"]


def test_registering_can_be_filled_in_on_a_page() -> None:
    fields = fields_of(IntakeRequest, Catalogue())
    filled = fill(IntakeRequest, Catalogue(), FormData(list(sent(fields, COMPLAINT))))
    assert filled.form == IntakeRequest.model_validate(COMPLAINT)


@pytest.mark.parametrize("model", [IntakeRequest, *FORMS], ids=lambda model: model.__name__)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(model: Any) -> None:
    """An empty form names every field that must be filled in, and keeps those that were."""
    fields = [one for one in leaves(fields_of(model, Catalogue())) if one.when is None]
    typed = [(one.name, "甲") for one in fields if one.widget is Widget.TEXT]
    filled = fill(model, Catalogue(), FormData(typed))
    wrong = {one.name for one in leaves(filled.fields) if one.error}
    assert wrong == {one.name for one in fields if one.required and one.widget is not Widget.TEXT}
    assert (filled.form is None) == bool(wrong)
    kept = {one.name: one.value for one in leaves(filled.fields) if one.widget is Widget.TEXT}
    assert {name: value for name, value in kept.items() if value} == dict(typed)


def test_code_of_no_term_is_named_by_its_field() -> None:
    command = next(command for command in RULES if kind_of(command) == "reject_case")
    filled = fill(form_of(command), Catalogue(), FormData([("reason", "R99"), ("advice", "请咨询")]))
    assert {one.name: one.error for one in filled.fields} == {"reason": "填写有误", "advice": ""}


def test_every_fact_has_a_name_for_people() -> None:
    assert [tag for tag, name in FACTS.items() if name == tag] == []
    assert FACTS["assignment:signed"] == "签收"


def test_every_role_lands_on_a_page_of_its_own_menu() -> None:
    assert HOME.keys() == STAFF
    for role, path in HOME.items():
        assert path in {entry.path for entry in menu_of(role)}


def test_every_entry_of_the_menu_has_an_icon_that_is_drawn() -> None:
    assert {entry.icon for entry in MENU} <= set(ICONS)
