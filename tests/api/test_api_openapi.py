"""The OpenAPI document tells the truth: complete, with examples that are valid, and kept under random input."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import hypothesis
import pytest
import pytest_asyncio
import requests
import schemathesis
from api_document import DOCUMENT
from api_hands import HANDLER, HEAD, Office, advance, served
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.examples import COMPLAINT, SUBMISSION, bulk_example_of, example_of
from api.forms import commands_for_people, form_of, kind_of
from api.parts import PREFIX
from api.routers.public import PublicSubmission
from hotline.commands import DispatchCase, SignFor
from hotline.decide import RULES
from hotline.model import Message
from hotline.vocabulary import Role
from runtime.settings import Settings
from store.intake import IntakeRequest

COMMANDS = list(commands_for_people())
SAMPLES = 2
UNSAMPLED = {
    f"{PREFIX}/live",  # A stream has no end; test_api_live.py listens to it.
    # Every bulk takes the forms of its single command; one with texts and one with an empty form stand for all.
    *(f"{PREFIX}/bulk/{kind_of(command)}" for command in COMMANDS if command not in {DispatchCase, SignFor}),
}
SPEAKERS = {
    Role.OPERATOR: "operator1",
    Role.DISPATCHER: "dispatcher1",
    Role.HANDLER: HANDLER,
    Role.UNIT_HEAD: HEAD,
    Role.REVISITOR: "revisitor1",
    Role.SUPERVISOR: "supervisor1",
    Role.ADMINISTRATOR: "administrator1",
}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def single(command: type[Message]) -> dict[str, Any]:
    operation: dict[str, Any] = DOCUMENT["paths"][f"{PREFIX}/cases/{{case_no}}/commands/{kind_of(command)}"][
        "post"
    ]
    return operation


def test_the_document_is_valid_openapi() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_operation_has_a_name_of_its_own() -> None:
    names = Counter(operation["operationId"] for _, _, operation in operations())
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in names if not re.fullmatch("[a-z_]+", name)] == []


def test_every_operation_says_in_chinese_what_it_is() -> None:
    assert [
        path for _, path, operation in operations() if not re.search("[一-鿿]", operation["summary"])
    ] == []


def test_everything_that_takes_a_body_shows_one() -> None:
    bare = [
        path
        for _, path, operation in operations()
        if "requestBody" in operation
        and any("example" not in shown for shown in operation["requestBody"]["content"].values())
    ]
    assert bare == []


def test_a_failure_is_announced_as_the_problem_that_it_is() -> None:
    for _, path, operation in operations():
        for status, response in operation["responses"].items():
            if status >= "400" and path != "/health/ready":
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
                assert set(response["content"]) == {"application/problem+json"}


@pytest.mark.parametrize("command", COMMANDS, ids=kind_of)
def test_every_command_is_there_with_term_roles_and_example(command: type[Message]) -> None:
    operation = single(command)
    assert (command.__doc__ or "").startswith(operation["summary"])
    for role in RULES[command].by - {Role.SYSTEM}:
        assert role.label in operation["description"]
    assert operation["requestBody"]["content"]["application/json"]["example"] == example_of(command)
    assert operation["operationId"] == kind_of(command)
    assert {"200", "401", "403", "404", "409", "422", "503"} <= set(operation["responses"])


@pytest.mark.parametrize("command", COMMANDS, ids=kind_of)
def test_the_example_of_a_command_is_a_valid_form(command: type[Message]) -> None:
    form_of(command).model_validate(example_of(command))
    for row in bulk_example_of(command)["items"]:
        form_of(command).model_validate(row["form"])


def test_the_examples_of_registering_are_valid_requests() -> None:
    IntakeRequest.model_validate(dict(COMPLAINT))
    PublicSubmission.model_validate(dict(SUBMISSION)).request()


# ── random input ────────────────────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture(scope="module")
async def server(api_settings: Settings, tokens: dict[str, str]) -> AsyncIterator[Office]:
    async with served(api_settings, tokens) as office:
        yield office


@pytest_asyncio.fixture(scope="module")
async def codes(office: Office) -> dict[str, str]:
    """The retrieval codes of a case before its dispatch, one in hand and one to be revisited."""
    made = [(await office("operator1").register()).json() for _ in range(3)]
    for receipt, until in zip(made[1:], ("log_contact", "review_reply"), strict=True):
        await advance(office, receipt["case_no"], until=until)
    return {receipt["case_no"]: receipt["retrieval_code"] for receipt in made}


async def test_no_input_brings_a_5xx_or_an_answer_that_was_not_announced(
    server: Office, codes: dict[str, str]
) -> None:
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    sampled = [operation for operation in found if operation.path not in UNSAMPLED]
    assert len(sampled) == len(found) - len(UNSAMPLED)
    for operation in sampled:
        await asyncio.to_thread(_sampled(operation, str(server.http.base_url), server.tokens, codes))


def _sampled(
    operation: Any, base_url: str, tokens: Mapping[str, str], codes: Mapping[str, str]
) -> Callable[[], None]:
    """A test of one operation: the same samples each time, valid and invalid, by people who may and may not."""
    checks = [not_a_server_error, status_code_conformance, content_type_conformance]
    if operation.path != f"{PREFIX}/policies/active":
        # Opening hours have no time zone, which pydantic announces as `time` and JSON Schema means otherwise.
        checks.append(response_schema_conformance)
    session = requests.Session()

    @hypothesis.seed(12345)
    @hypothesis.settings(
        max_examples=SAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(data=st.data(), number=st.sampled_from(list(codes)), speaker=_speakers(operation))
    def sample(data: st.DataObject, number: str, speaker: str) -> None:
        case = data.draw(_cases(operation, number))
        headers = {"Authorization": f"Bearer {tokens[speaker]}", "X-Retrieval-Code": codes[number]}
        answer = case.call(base_url=base_url, headers=headers, session=session, timeout=60)
        case.validate_response(answer, checks=checks)

    return sample


def _cases(operation: Any, number: str) -> st.SearchStrategy[Any]:
    at = {"path_parameters": {"case_no": number}} if "{case_no}" in operation.path else {}
    return st.one_of(*(operation.as_strategy(mode, **at) for mode in schemathesis.GenerationMode))


def _speakers(operation: Any) -> st.SearchStrategy[str]:
    """Mostly those whose command it is: what others send is refused unread."""
    kind = operation.path.rpartition("/")[2]
    may = [
        SPEAKERS[role]
        for role in SPEAKERS
        if any(role in RULES[c].by for c in COMMANDS if kind_of(c) == kind)
    ]
    everybody = st.sampled_from(list(SPEAKERS.values()))
    return st.one_of(*[st.sampled_from(may)] * 4, everybody) if may else everybody
