"""The glossary (术语表): every code with its 中文 term, made from the vocabulary, the rules and the facts.

The head of docs/glossary.md, with the words that are no codes, is written by hand.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Final, get_args

from hotline import vocabulary
from hotline.accountability import vocabulary as accountability
from hotline.accountability.decide import RULES as DOSSIER_RULES
from hotline.accountability.facts import DossierBody
from hotline.accountability.rules.base import DossierRule
from hotline.accountability.vocabulary import DossierStage, Level
from hotline.decide import RULES
from hotline.facts import Body
from hotline.model import Term
from hotline.problems import vocabulary as problems
from hotline.problems.decide import RULES as PROBLEM_RULES
from hotline.problems.decide import ProblemRule
from hotline.problems.facts import ProblemBody
from hotline.problems.vocabulary import ProblemStage
from hotline.rules.base import Rule
from hotline.vocabulary import OPEN, PHASE_OF, TERMINAL, Role, Status
from tools.document import Document, run, table

_LEADING_TERM: Final = re.compile(r"(?P<term>[一-鿿]+(?:, [一-鿿]+)*)(?P<rest>.*)")
_TRAILING_TERM: Final = re.compile(r"(?P<rest>.*?) ?\((?P<term>[一-鿿]+)\)\.?")

_MANY: Final = (
    (frozenset(Status), "every status"),
    (OPEN | TERMINAL, "every status but 归档"),
    (OPEN, "every open status"),
    (TERMINAL, "every terminal status"),
)


def glossary() -> str:
    """Everything below the mark of docs/glossary.md."""
    return "\n\n".join(
        [
            "## Codes 代码",
            *(_section(words) for words in vocabularies()),
            "## Commands 指令",
            "What people and clocks ask of a case: who may, and where. `decide` and the screens read the same table.",
            table(("command", "中文", "by", "in", "meaning"), map(_command_row, RULES.values())),
            "## Facts 事实",
            "What was decided: the ledger of a case is the list of these.",
            table(("tag", "中文", "class", "meaning"), map(_fact_row, get_args(Body))),
            "## Accountability 追责问责",
            "The words of accountability files, which are kept apart from those of cases (domain.md §7).",
            *(_section(words) for words in vocabularies(accountability)),
            table(
                ("command", "中文", "by", "in", "meaning"), map(_dossier_command_row, DOSSIER_RULES.values())
            ),
            table(("tag", "中文", "class", "meaning"), map(_fact_row, get_args(DossierBody))),
            "## Repeat problems 重复性问题台账",
            "The words of a line in the ledger of repeat problems (domain.md §1.8, §8).",
            *(_section(words) for words in vocabularies(problems)),
            table(
                ("command", "中文", "by", "in", "meaning"), map(_problem_command_row, PROBLEM_RULES.values())
            ),
            table(("tag", "中文", "class", "meaning"), map(_fact_row, get_args(ProblemBody))),
        ]
    )


def vocabularies(module: ModuleType = vocabulary) -> Iterator[type[Term]]:
    """Every closed set of codes of a module, in the order in which they are defined."""
    for words in vars(module).values():
        if isinstance(words, type) and issubclass(words, Term) and words is not Term:
            yield words


def _section(words: type[Term]) -> str:
    return f"### {words.__name__}\n\n{_first_line(words)}\n\n{_codes(words)}"


def _codes(words: type[Term]) -> str:
    if words is Status:
        return table(
            ("code", "中文", "phase"),
            ((f"`{status}`", status.label, PHASE_OF[status].label) for status in Status),
        )
    return table(("code", "中文"), ((f"`{term}`", term.label) for term in words))


def _command_row(rule: Rule) -> tuple[str, ...]:
    term, meaning = worded(_first_line(rule.command))
    return f"`{rule.kind}`", term, _roles(rule.by), statuses(rule.when), meaning


def _dossier_command_row(rule: DossierRule) -> tuple[str, ...]:
    term, meaning = worded(_first_line(rule.command))
    by = "、".join(level.label for level in Level if level in rule.by)
    stages = "、".join(stage.label for stage in DossierStage if stage in rule.when)
    return f"`{rule.kind}`", term, by, stages, meaning


def _problem_command_row(rule: ProblemRule) -> tuple[str, ...]:
    term, meaning = worded(_first_line(rule.command))
    stages = "、".join(stage.label for stage in ProblemStage if stage in rule.when)
    return f"`{rule.kind}`", term, _roles(rule.by), stages, meaning


def _fact_row(body: type) -> tuple[str, ...]:
    term, meaning = worded(_first_line(body))
    return f"`{body.model_fields['tag'].default}`", term, f"`{body.__name__}`", meaning  # type: ignore[attr-defined]  # each member of the union is a model


def _roles(roles: Iterable[Role]) -> str:
    wanted = frozenset(roles)
    return "、".join(role.label for role in Role if role in wanted)


def statuses(some: frozenset[Status]) -> str:
    """A set of statuses in words: by a name of the set if it has one."""
    for many, words in _MANY:
        if some == many:
            return words
    return "、".join(status.label for status in Status if status in some)


def worded(line: str) -> tuple[str, str]:
    """Part a docstring's first line into its Chinese term and the rest: `签收: the unit takes …`."""
    if found := _LEADING_TERM.fullmatch(line):
        return found["term"].replace(", ", "、"), found["rest"].strip(" :,;.")
    if found := _TRAILING_TERM.fullmatch(line):
        return found["term"], found["rest"].strip(" .")
    return "", line.strip(" .")


def _first_line(documented: type) -> str:
    return (documented.__doc__ or "").strip().splitlines()[0]


DOCUMENT: Final = Document("glossary.md", glossary)

if __name__ == "__main__":
    sys.exit(run([DOCUMENT]))
