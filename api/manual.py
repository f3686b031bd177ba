"""The interface manual (接口文档): every operation of the OpenAPI document on one page, for people.

Made on the server without a script or anything from another host, so that it can be read inside an office
network; it says nothing that the document does not say.
"""

import base64
import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote

Schema = Mapping[str, Any]  # A part of an OpenAPI document.

STYLE: Final = files("api").joinpath("manual.css").read_text(encoding="utf-8")
_STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of the page: its own style sheet and nothing else."""

_NUMBER: Final = "case_no"
_BODY: Final = "application/json"
_BEARER: Final = "HTTPBearer"
_SIGN_IN: Final = "session_begin"
_TOKENS: Final = ".hotline/demo-tokens.json"
_READ_TOKEN: Final = (
    f'python3 -c \'import json; print(json.load(open("{_TOKENS}"))["dispatcher1"]["token"])\''
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    about: Schema

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return str(self.about["operationId"])

    @property
    def example(self) -> Any:  # whatever JSON the operation takes
        """A body that can be sent, if it takes one."""
        body: Schema = self.about.get("requestBody", {}).get("content", {}).get(_BODY, {})
        return body.get("example")

    def parameters(self, place: str) -> Iterator[Schema]:
        """Its parameters in a place: path, query or header."""
        yield from (one for one in self.about.get("parameters", ()) if one["in"] == place)


def operations(document: Schema) -> dict[str, list[Operation]]:
    """Every operation by its tag, in the order of the document's tags."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            found[about["tags"][0]].append(Operation(method.upper(), path, about))
    return found


def manual(document: Schema, origin: str, document_at: str) -> str:
    """The page; `origin` is where the reader reached the server, `document_at` where the document is."""
    terms = {tag["name"]: tag["description"] for tag in document["tags"]}
    by_tag = operations(document)
    parts = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>12345 热线工单引擎接口</title><style>{STYLE}</style></head><body>",
        _contents(terms, by_tag),
        "<main>",
        _introduction(document, origin, document_at),
        *(_section(tag, terms[tag], by_tag[tag]) for tag in by_tag),
        "</main></body></html>",
    )
    return "".join(parts)


def _contents(terms: Mapping[str, str], by_tag: Mapping[str, list[Operation]]) -> str:
    links = (
        f'<li><a href="#{tag}">{escape(terms[tag])}</a> <small>{len(found)}</small></li>'
        for tag, found in by_tag.items()
    )
    return f'<nav aria-label="目录"><ul>{"".join(links)}</ul></nav>'


def _introduction(document: Schema, origin: str, document_at: str) -> str:
    paragraphs = (f"<p>{_marked(part)}</p>" for part in document["info"]["description"].split("\n\n"))
    shell = f"HOTLINE={shlex.quote(origin)}\nTOKEN=$({_READ_TOKEN})\nNO=261120103000010001"
    return (
        f"<header><h1>12345 热线工单引擎接口</h1>{''.join(paragraphs)}"
        f'<p>机器可读的完整描述：<a href="{escape(document_at)}">OpenAPI</a>。</p>'
        f"<p>下文的命令行示例使用这些变量：</p>{_code(shell)}</header>"
    )


def _section(tag: str, term: str, found: Iterable[Operation]) -> str:
    return f'<section id="{tag}"><h2>{escape(term)}</h2>{"".join(map(_article, found))}</section>'


def _article(operation: Operation) -> str:
    about = operation.about
    parts = (
        f'<details id="{escape(operation.anchor)}"><summary>',
        f'<b class="{operation.method.lower()}">{operation.method}</b> ',
        f"<code>{escape(operation.path)}</code> <span>{escape(about['summary'])}</span></summary>",
        *(f"<p>{_marked(part)}</p>" for part in about.get("description", "").split("\n\n")),
        _parameters(operation),
        _example(operation),
        f"<h3>命令行</h3>{_code(curl(operation))}",
        _answers(about["responses"]),
        "</details>",
    )
    return "".join(parts)


def _parameters(operation: Operation) -> str:
    lines = "".join(
        f"<li><code>{escape(one['name'])}</code> <small>{term}{'，必填' if one['required'] else ''}</small> "
        f"{_marked(one.get('description', ''))}</li>"
        for place, term in _PLACES.items()
        for one in operation.parameters(place)
    )
    return f"<h3>参数</h3><ul>{lines}</ul>" if lines else ""


def _example(operation: Operation) -> str:
    if operation.example is None:
        return ""
    return f"<h3>请求示例</h3>{_code(json.dumps(operation.example, ensure_ascii=False, indent=2))}"


def _answers(responses: Schema) -> str:
    lines = (
        f"<li><code>{status}</code> {_ANSWERS.get(status, escape(response['description']))}</li>"
        for status, response in sorted(responses.items())
    )
    return f"<h3>应答</h3><ul>{''.join(lines)}</ul>"


def curl(operation: Operation) -> str:
    """A line for a shell in which HOTLINE, TOKEN and NO are set."""
    words = ["curl", "-N" if operation.anchor.startswith("live_") else "-s"]
    if operation.method != "GET":
        words += ["-X", operation.method]
    schemes = {name for scheme in operation.about.get("security", ()) for name in scheme}
    if _BEARER in schemes:
        words += ["-H", '"Authorization: Bearer $TOKEN"']
    elif schemes:
        words += [
            "-b",
            "cookies.txt",
            "-c",
            "cookies.txt",
            "-H",
            '"X-CSRF-Token: $CSRF"',
            "-H",
            '"Origin: $HOTLINE"',
        ]
    elif operation.anchor == _SIGN_IN:
        words += ["-c", "cookies.txt"]
    words += [f'-H "{name}: ${variable}"' for name, variable in _headers(operation)]
    words.append(f'"$HOTLINE{_address(operation)}"')
    if operation.example is not None:
        words += ["-H", shlex.quote(f"Content-Type: {_BODY}")]
        words += ["-d", shlex.quote(json.dumps(operation.example, ensure_ascii=False))]
    return " ".join(words)


def _headers(operation: Operation) -> Iterator[tuple[str, str]]:
    for header in operation.parameters("header"):
        if header["required"]:
            yield header["name"], "CODE"
        elif header["name"] == "Idempotency-Key":
            yield header["name"], "(uuidgen)"


def _address(operation: Operation) -> str:
    path = re.sub(r"\{(\w+)\}", _variable, operation.path)
    asked = [
        f"{one['name']}={quote(str(examples[0]), safe=':')}"
        for one in operation.parameters("query")
        if (examples := one["schema"].get("examples"))
    ]
    return f"{path}?{'&'.join(asked)}" if asked else path


def _variable(placeholder: re.Match[str]) -> str:
    name = placeholder[1]
    return "$NO" if name == _NUMBER else f"${name.upper()}"


def _marked(text: str) -> str:
    """Text in which `…` stands for code, as docstrings write it."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if odd % 2 else piece for odd, piece in enumerate(pieces))


def _code(text: str) -> str:
    # Long lines scroll, also for who has no mouse.
    return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'


_PLACES: Final = {"path": "路径", "query": "查询", "header": "请求头"}
_ANSWERS: Final = {
    "200": "成功",
    "201": "已登记",
    "401": "未登录，或者令牌无效",
    "403": "角色、范围或者回避规则不允许",
    "404": "没有该工单，或者无权知悉",
    "409": "工单状态不适用，或者版本已更新",
    "422": "输入不符合要求；<code>code</code>、<code>field</code>、<code>rule</code> 说明原因",
    "429": "请求过于频繁，见 <code>Retry-After</code>",
    "503": "数据库或者流程引擎暂不可用，请用同一幂等键重试",
}
