"""Codes that a telephone scans (二维码), drawn on the server: nothing of what they hold leaves it.

The drawing has neither style nor script, as the pages' security policy demands.
"""

from typing import Final

import segno
from markupsafe import Markup

_SCALE: Final = 5
_QUIET: Final = 3
"""Modules of white around the code; a page may be dark, and a camera needs the edge."""


def drawn(content: str) -> Markup:
    """A code as SVG, black on white whatever the theme; the page says beside it what it is for."""
    code = segno.make(content, error="m", micro=False)
    # Made of squares alone: what it holds is nowhere in the text of it.
    return Markup(code.svg_inline(scale=_SCALE, border=_QUIET, dark="#000", light="#fff", svgclass="qr"))  # noqa: S704
