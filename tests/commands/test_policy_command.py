"""`hotline policy` and `hotline calendar`: what is asked of the API, by whom, and how its answer is told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import typer
from fake_api import FakeApi, serving
from typer.testing import CliRunner, Result

from commands import policy_command

DRAFT: dict[str, Any] = {
    "draft_id": "d1",
    "revision": "city/2",
    "in_force": "default/1",
    "differences": [{"field": "limits.rework", "before": "3 个工作日", "after": None}],
}
app = typer.Typer()
policy_command.register(app)


class Answers:
    """An API that gives each address its answer and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.forms: list[Any] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        self.asked.append((request.method, path, request.headers["Authorization"]))
        self.forms.append(json.loads(request.content) if request.content else None)
        match request.method, path:
            case "GET", "/policies":
                return httpx.Response(200, json={"items": ["default/1"]})
            case "GET", "/policies/drafts":
                return httpx.Response(200, json={"items": []})
            case "POST", "/policies/drafts/d1/publish":
                return httpx.Response(403, json={"code": "own_draft", "title": "须由另一人办理"})
            case _, "/policies/drafts" | "/policies/drafts/d1":
                return httpx.Response(200, json=DRAFT)
        return httpx.Response(200, json={"path": path})


@pytest.fixture
def api() -> Answers:
    return Answers()


@pytest.fixture
def url(api: Answers) -> Iterator[str]:
    with serving(cast(FakeApi, api)) as address:
        yield address


def run(url: str, tmp_path: Path, *arguments: str) -> Result:
    where = ("--api-url", url, "--token", "t-1", "--data-dir", str(tmp_path))
    return CliRunner().invoke(app, [*arguments, *where])


def test_policy_file_is_drafted_and_its_difference_told(url: str, api: Answers, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('revision = "city/2"\n', encoding="utf-8")
    done = run(url, tmp_path, "policy", "draft", str(file))
    assert done.exit_code == 0, done.output
    assert "limits.rework: 3 个工作日 → —" in done.stdout
    assert api.asked == [("POST", "/policies/drafts", "Bearer t-1")]
    assert api.forms == [{"toml": 'revision = "city/2"\n'}]


def test_notice_is_drafted_under_the_revision_that_is_named(url: str, api: Answers, tmp_path: Path) -> None:
    file = tmp_path / "2027.json"
    file.write_text('{"year": 2027, "days": []}')
    done = run(url, tmp_path, "calendar", "import", str(file), "--revision", "city/2", "--json")
    assert json.loads(done.stdout) == DRAFT
    assert api.forms[0]["notice"] == {"year": 2027, "days": []}
    assert api.forms[0]["revision"] == "city/2"


def test_notice_that_is_no_json_never_reaches_the_api(url: str, api: Answers, tmp_path: Path) -> None:
    file = tmp_path / "2027.json"
    file.write_text("{")
    done = run(url, tmp_path, "calendar", "import", str(file), "--revision", "city/2", "--json")
    assert (done.exit_code, json.loads(done.stderr)["code"]) == (1, "bad_notice")
    assert api.asked == []


def test_refusal_of_the_api_ends_the_command_with_its_code(url: str, tmp_path: Path) -> None:
    done = run(url, tmp_path, "policy", "publish", "d1", "--json")
    assert (done.exit_code, json.loads(done.stderr)["code"]) == (1, "own_draft")


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("diff", "d1"), "/policies/drafts/d1"),
        (("dry-run", "d1"), "/policies/drafts/d1/dry-run"),
        (("rollout", "city/2"), "/policies/city/2/rollout"),
    ],
)
def test_question_goes_to_its_address(
    url: str, api: Answers, tmp_path: Path, arguments: tuple[str, ...], path: str
) -> None:
    done = run(url, tmp_path, "policy", *arguments, "--json")
    assert done.exit_code == 0, done.output
    assert [asked[:2] for asked in api.asked] == [("GET", path)]


def test_list_has_revisions_and_drafts(url: str, tmp_path: Path) -> None:
    done = run(url, tmp_path, "policy", "list", "--json")
    assert json.loads(done.stdout) == {"published": ["default/1"], "drafts": []}
