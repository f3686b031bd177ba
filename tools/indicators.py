"""The definitions of the indicators (指标口径), made from the code that counts."""

from typing import Final

from hotline.indicators.definitions import DEFINITIONS, SCORE
from hotline.vocabulary import Counted, CountReason
from tools.document import Document, table


def indicators() -> str:
    """Everything below the mark of docs/indicators.md."""
    rows = (
        (
            f"`{entry.id}` {entry.indicator.label}",
            entry.numerator,
            entry.denominator,
            entry.left_out,
            entry.counted_at,
            entry.attributed_to,
            entry.source,
        )
        for entry in DEFINITIONS.values()
    )
    return "\n\n".join(
        [
            "## Definitions 口径",
            table(
                (
                    "indicator",
                    "numerator 分子",
                    "denominator 分母",
                    "left out 不计",
                    "when 计入时刻",
                    "whose 归属",
                    "source 依据",
                ),
                rows,
            ),
            f"The score is `{SCORE}`; its weights and the minimum for a place are `scoring` of the policy.",
            "## How a row counts 计入方式",
            table(("code", "中文"), ((f"`{term}`", term.label) for term in Counted)),
            "## Why 计入理由",
            table(("code", "中文"), ((f"`{term}`", term.label) for term in CountReason)),
        ]
    )


DOCUMENT: Final = Document("indicators.md", indicators)
