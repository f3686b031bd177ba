"""From data to HTML (页面渲染): one environment of templates, and what every template may call.

Templates show; what there is to show is decided by the domain and the API. Everything is escaped, an unknown
name is an error, and times are Shanghai's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from console.assets import Assets
from console.icons import ICONS
from hotline.calendar import SHANGHAI

_HERE: Final = Path(__file__).parent
assets: Final = Assets()


@dataclass(frozen=True, slots=True)
class Look:
    """How a browser wants its pages: the theme, and the address it is at, without its host."""

    theme: str = "light"
    path: str = "/"


def render(look: Look, template: str, **context: Any) -> str:
    """Fill in a template. Raises UndefinedError if it names what it was not given."""
    return environment().get_template(template).render(look=look, **context)


@cache
def environment() -> Environment:
    """The templates. What they say is marked for translation; they speak Chinese."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    made.globals |= {"asset": assets.url, "icon": icon}
    made.filters |= {
        "instant": instant,
        "span": span,
    }
    return made


def icon(name: str, label: str | None = None) -> Markup:
    """An icon of ours; with a label it speaks for itself, without one it is an ornament."""
    assert name in ICONS, name
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(
        spoken, assets.url("vendor/icons.svg"), name
    )


def instant(at: datetime | None) -> str:
    """A moment to the minute on Shanghai's clock."""
    if at is None:
        return "—"
    here = at.astimezone(SHANGHAI)
    return f"{here:%Y-%m-%d %H:%M}"


_UNITS: Final[Mapping[str, int]] = {"天": 86_400, "小时": 3_600, "分钟": 60}


def span(length: timedelta | float | None) -> str:
    """A length of time in its two greatest units, without a sign: 3天4小时."""
    if length is None:
        return "—"
    seconds = int(abs(length.total_seconds() if isinstance(length, timedelta) else length))
    parts: list[tuple[int, str]] = []
    for name, size in _UNITS.items():
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append((count, name))
    said = "".join(f"{count}{name}" for count, name in parts[:2] if count)
    return said or "不到1分钟"
