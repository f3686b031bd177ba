"""The manual is one page that says what the OpenAPI document says, and loads nothing from anywhere."""

import base64
import hashlib
import re
import shlex
from html.parser import HTMLParser

import httpx
import pytest
import pytest_asyncio
from api_document import DOCUMENT
from api_hands import opened

from api.manual import Operation, curl, manual, operations
from runtime.settings import Settings

OPERATIONS = [operation for found in operations(DOCUMENT).values() for operation in found]


class Elements(HTMLParser):
    """Every element with its attributes, and the text of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.found if (value := attributes.get(attribute))]


@pytest_asyncio.fixture(scope="module")
async def answer(api_settings: Settings) -> httpx.Response:
    async with opened(api_settings, {}) as office:
        answer = await office.http.get("/docs")
    assert answer.status_code == 200
    return answer


@pytest.fixture(scope="module")
def page(answer: httpx.Response) -> Elements:
    return Elements(answer.text)


def test_every_operation_is_on_the_page_with_its_example_and_line(page: Elements) -> None:
    assert len(OPERATIONS) > 90
    assert [one.anchor for one in OPERATIONS if one.anchor not in page.values("id")] == []
    for operation in OPERATIONS:
        assert operation.path in page.words
        assert operation.about["summary"] in page.words
        assert curl(operation) in page.words
    for told in ("可由：分办员", "夜间施工噪音扰民", "X-Retrieval-Code", "至多 100 行"):
        assert told in page.words


def test_the_page_loads_nothing_and_runs_nothing(answer: httpx.Response, page: Elements) -> None:
    assert {tag for tag, _ in page.found} & {"script", "link", "img", "iframe", "object", "form"} == set()
    assert page.values("src") == []
    assert page.values("style") == []
    assert [name for _, attributes in page.found for name in attributes if name.startswith("on")] == []
    assert [link for link in page.values("href") if not link.startswith(("#", "/api/v1/openapi.json"))] == []
    assert re.search(r"url\(|@import", answer.text) is None


def test_the_policy_of_the_page_allows_its_own_style_alone(answer: httpx.Response) -> None:
    policy = answer.headers["content-security-policy"]
    style = re.search("<style>(.*)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_the_reader_sends_is_escaped() -> None:
    page = manual(DOCUMENT, "http://<script>alert(1)</script>", '/"><script>')
    assert "<script" not in page


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.anchor)
def test_the_line_of_an_operation_is_one_that_a_shell_can_read(operation: Operation) -> None:
    words = shlex.split(curl(operation))
    assert words[0] == "curl"
    (address,) = [word for word in words if word.startswith("$HOTLINE/")]
    assert "{" not in address
    assert ("-d" in words) == (operation.example is not None)
    schemes = {name for scheme in operation.about.get("security", ()) for name in scheme}
    assert ("Authorization: Bearer $TOKEN" in words) == ("HTTPBearer" in schemes)
    assert ("X-CSRF-Token: $CSRF" in words) == (schemes == {"APIKeyCookie"})
