"""From data to HTML (页面渲染): one environment of templates, and what every template may call.

Templates show; what there is to show is decided by the domain and the API. Everything is escaped, an unknown
name is an error, and times are Shanghai's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from gettext import NullTranslations
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from console.assets import Assets
from console.charts import options_of, table_of
from console.icons import ICONS
from console.speaking import Language, translations
from hotline.calendar import SHANGHAI
from hotline.model import Term
from hotline.policy import Limit

_HERE: Final = Path(__file__).parent
assets: Final = Assets()


@dataclass(frozen=True, slots=True)
class Look:
    """How a browser wants its pages: theme, language, and the address it is at, without its host."""

    theme: str = "light"
    path: str = "/"
    language: Language = Language.CHINESE


def render(look: Look, template: str, **context: Any) -> str:
    """Fill in a template. Raises UndefinedError if it names what it was not given."""
    return environment(look.language).get_template(template).render(look=look, **context)


@cache
def environment(language: Language = Language.CHINESE) -> Environment:
    """The templates, in one language. What they say is marked for translation."""
    say = partial(said, translations(language))
    made = _Spoken(
        say,
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "_": say,
        "asset": assets.url,
        "icon": icon,
        "units_of_time": UNITS[language],
    }
    made.filters |= {
        "instant": instant,
        "limit": partial(limit, language=language),
        "local": local,
        "span": partial(span, units=UNITS[language]),
        "terms": terms,
        "chart_options": options_of,
        "chart_table": table_of,
    }
    return made


class _Spoken(Environment):
    """Templates that are compiled in their language: what they say themselves is not looked up for each page."""

    def __init__(
        self, say: Callable[[str], str], **options: Any
    ) -> None:  # Any: whatever an environment takes.
        super().__init__(**options)
        self._sayings = _Sayings(say)

    def compile(
        self, source: Any, name: str | None = None, *given: Any, **options: Any
    ) -> Any:  # Any: as above
        tree = self.parse(source, name) if isinstance(source, str) else source
        return super().compile(self._sayings.visit(tree), name, *given, **options)


class _Sayings(NodeTransformer):
    def __init__(self, say: Callable[[str], str]) -> None:
        self._say = say

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  the name is Jinja's
        match node:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=text)], kwargs=[]):
                return nodes.Const(self._say(text), lineno=node.lineno)
        return self.generic_visit(node)


def said(language: NullTranslations, text: str, **values: object) -> str:
    """Something in a language, with values for its %(names)s. It is plain text, which the page escapes.

    Labels may come from people (the name of a unit), so a text without values is no format.
    """
    found = language.gettext(text) if text else ""
    return found % values if values else found


@cache
def icon(name: str, label: str | None = None) -> Markup:
    """An icon of ours; with a label it speaks for itself, without one it is an ornament."""
    assert name in ICONS, name
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(
        spoken, assets.url("vendor/icons.svg"), name
    )


def terms(kind: type[Term]) -> list[tuple[str, str]]:
    """Codes with what they are called, as a field offers them."""
    return [(term.value, term.label) for term in kind]


def local(at: datetime) -> str:
    """A moment on Shanghai's clock as a field for date and time takes it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}"


def instant(at: datetime | None) -> str:
    """A moment to the minute on Shanghai's clock."""
    if at is None:
        return "—"
    here = at.astimezone(SHANGHAI)
    return f"{here:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class TimeUnits:
    """How a language names lengths of time."""

    day: str
    hour: str
    minute: str
    less: str


UNITS: Final[Mapping[Language, TimeUnits]] = MappingProxyType(
    {
        Language.CHINESE: TimeUnits("天", "小时", "分钟", "不到1分钟"),
        Language.ENGLISH: TimeUnits(" d ", " h ", " min", "under a minute"),
    }
)
"""The script that keeps countdowns true is told the same words by the page."""


_LIMITS_IN_ENGLISH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "wd": "working day",
        "wh": "working hour",
        "d": "day",
        "h": "hour",
        "min": "minute",
        "s": "second",
    }
)


def limit(told: Limit | str, language: Language = Language.CHINESE) -> str:
    """A limit, or what policy writes of it ("5 wd"), as somebody reads it who works with it."""
    found = Limit.model_validate(told)
    if language is Language.CHINESE:
        return found.words
    amount, unit = str(found).split()
    return f"{amount} {_LIMITS_IN_ENGLISH[unit]}{'' if amount == '1' else 's'}"


def span(length: timedelta | float | None, units: TimeUnits = UNITS[Language.CHINESE]) -> str:
    """A length of time in its two greatest units, without a sign: 3天4小时."""
    if length is None:
        return "—"
    seconds = int(abs(length.total_seconds() if isinstance(length, timedelta) else length))
    parts: list[tuple[int, str]] = []
    for name, size in ((units.day, 86_400), (units.hour, 3_600), (units.minute, 60)):
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append((count, name))
    said = "".join(f"{count}{name}" for count, name in parts[:2] if count)
    return said.strip() or units.less
