"""The documents say what the code says: made parts are current, references lead somewhere, the drawing is true."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from hotline import vocabulary
from hotline.accountability import vocabulary as accountability
from hotline.accountability.commands import DossierCommand
from hotline.accountability.decide import RULES as DOSSIER_RULES
from hotline.accountability.facts import DossierBody
from hotline.commands import Command
from hotline.decide import RULES
from hotline.facts import Body
from hotline.problems import vocabulary as problems
from hotline.problems.commands import ProblemCommand
from hotline.problems.decide import RULES as PROBLEM_RULES
from hotline.problems.facts import ProblemBody
from hotline.refusals import Refusal
from hotline.vocabulary import ClockKind, Status
from tools.docs import DOCUMENTS
from tools.document import MARK, Document, NoMarkError, run, table
from tools.error_codes import codes
from tools.glossary import glossary, vocabularies, worded

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *(PROJECT / "deploy").rglob("*.md")])
SOURCES = sorted(
    file
    for folder in ("hotline", "workflows", "activities", "store", "runtime", "api", "commands")
    for file in (PROJECT / folder).rglob("*")
    if file.suffix in {".py", ".toml"}
)


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@cache
def _all_sources() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in SOURCES)


# ── made parts ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_made_part_is_current(document: Document) -> None:
    assert document.is_current(), f"run `python -m tools.docs --write` for docs/{document.name}"


def test_only_the_lower_part_is_made(tmp_path: Path) -> None:
    document = Document("page.md", lambda: "made\n")
    (tmp_path / "page.md").write_text(f"by hand\n{MARK}\n\nold\n", encoding="utf-8")
    assert not document.is_current(tmp_path)
    document.write(tmp_path)
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == f"by hand\n{MARK}\n\nmade\n"
    assert document.is_current(tmp_path)


def test_page_without_a_place_for_its_made_part_is_refused() -> None:
    with pytest.raises(NoMarkError, match=r"page\.md"):
        Document("page.md", str).made_from("all by hand\n")


def test_stale_page_is_named_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    stale = Document("glossary.md", lambda: "something else")
    assert run([stale], []) == 1
    assert "docs/glossary.md is not current" in capsys.readouterr().out


def test_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("a",), [("x|y",)]).splitlines()[-1] == r"| x\|y |"


def test_glossary_has_every_code_command_and_fact() -> None:
    text = glossary()
    terms = [
        term
        for module in (vocabulary, accountability, problems)
        for words in vocabularies(module)
        for term in words
    ]
    kinds = [rule.kind for rules in (RULES, DOSSIER_RULES, PROBLEM_RULES) for rule in rules.values()]
    bodies = (*get_args(Body), *get_args(DossierBody), *get_args(ProblemBody))
    tags = [body.model_fields["tag"].default for body in bodies]
    assert len(terms) > 100
    commands = (Command, DossierCommand, ProblemCommand)
    assert len(kinds) == sum(len(get_args(union)) for union in commands)
    for code in (*map(str, terms), *kinds, *tags):
        assert f"| `{code}` |" in text


@pytest.mark.parametrize(
    ("line", "term", "meaning"),
    [
        ("签收: the unit takes the case.", "签收", "the unit takes the case"),
        ("办结, 终止: one end.", "办结、终止", "one end"),
        ("Joined to this one (并单).", "并单", "Joined to this one"),
        ("No term here.", "", "No term here"),
    ],
)
def test_docstring_parts_into_term_and_meaning(line: str, term: str, meaning: str) -> None:
    assert worded(line) == (term, meaning)


def test_every_code_in_the_source_is_in_the_table() -> None:
    """An independent, cruder reading of the source must find nothing that the table lacks."""
    families = "|".join(["Refusal", *(family.__name__ for family in Refusal.__subclasses__())])
    crude = re.findall(rf'\b(?:{families})\(\s*"([a-z_]+)"', _all_sources())
    crude += re.findall(r'\bcode="([a-z_]+)"', _sources_of("hotline"))
    crude += re.findall(r'\b(?:ApiError|_problem)\(\s*\d{3},\s*"([a-z_]+)"', _sources_of("api"))
    listed = {row.code for row in codes()}
    assert len(listed) > 60
    assert set(crude) - _cli_only() <= listed


def _sources_of(folder: str) -> str:
    return "\n".join(
        file.read_text(encoding="utf-8") for file in SOURCES if file.is_relative_to(PROJECT / folder)
    )


def _cli_only() -> set[str]:
    return set(re.findall(r'GuardFailed\(\s*"([a-z_]+)"', _sources_of("commands"))) - {
        row.code for row in codes()
    }


def test_every_code_has_a_status_and_a_text() -> None:
    assert [row.code for row in codes() if not row.status.isdigit() or not row.text] == []


# ── references ──────────────────────────────────────────────────────────────────────────────────


def _references(page: str) -> Iterator[str]:
    """Every `page.md §1.2` and what follows it in the same breath: `§12 rules 7, 10–12`."""
    for found in re.finditer(
        rf"{page}\.md((?:[ ,–]|and|rules?|\(|§[\d.–]+|\d+(?:\.\d+)?|[a-j]\b)+)", _all_sources()
    ):
        yield found[1]


def _rules_named(reference: str) -> Iterator[int]:
    for numbers in re.findall(r"rules? ((?:\d+|[,–]| |and)+)", reference):
        for first, last in re.findall(r"(\d+)(?:–(\d+))?", numbers):
            yield from range(int(first), int(last or first) + 1)


def test_sections_that_the_code_cites_exist() -> None:
    for page in ("domain", "product"):
        known = set(re.findall(r"^(?:##+ |\*\*)§(\d+(?:\.\d+)?)", _text(f"{page}.md"), re.MULTILINE))
        known |= {f"{number}.{point}" for number in known for point in _points(_text(f"{page}.md"), number)}
        cited = {
            section.rstrip(".")
            for reference in _references(page)
            for section in re.findall(r"§(\d+(?:\.\d+)?)", reference)
        }
        assert cited, page
        assert cited <= known, page


def _points(text: str, number: str) -> list[str]:
    """The numbered points of a section: §4.5 is the fifth of §4."""
    section = re.search(rf"^## §{number}\b.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"^(\d+)\. ", section[0], re.MULTILINE) if section else []


def test_rules_that_the_code_cites_exist() -> None:
    known = {int(number) for number in re.findall(r"^\| rule (\d+) \|", _text("domain.md"), re.MULTILINE)}
    cited = {number for reference in _references("domain") for number in _rules_named(reference)}
    assert known == set(range(1, 26))
    assert {6, 17} <= cited <= known


def test_decisions_that_the_code_cites_exist() -> None:
    text = _text("architecture.md")
    decisions = set(re.findall(r"^\| ([a-j]) \|", text, re.MULTILINE))
    sections = set(re.findall(r"^## (\d+)\.", text, re.MULTILINE))
    cited = "".join(_references("architecture"))
    assert decisions == set("abcdefghij")
    assert set(re.findall(r"§(\d+)", cited)) <= sections
    assert set(re.findall(r"§3 ([a-j])", cited)) <= decisions


def _links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            yield target


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, punctuation gone, spaces to hyphens."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in _links(page):
        file, _, anchor = target.partition("#")
        aim = (page.parent / file) if file else page
        assert aim.exists(), target
        if anchor:
            assert anchor in _anchors(aim), target


# ── architecture.md ─────────────────────────────────────────────────────────────────────────────


STATUS = {status.value: status for status in Status}


def _drawn() -> Iterator[tuple[str, str, list[str]]]:
    for source, target, kinds in re.findall(
        r"^\s+(\w+) --> (\w+) : (.+)$", _text("architecture.md"), re.MULTILINE
    ):
        yield source, target, kinds.split(", ")


def test_drawing_has_every_status() -> None:
    labels = dict(re.findall(r"^\s+(\w+): \w+ (\S+)$", _text("architecture.md"), re.MULTILINE))
    assert labels == {status.value: status.label for status in Status}


def test_commands_are_drawn_where_they_apply() -> None:
    when = {rule.kind: rule.when for rule in RULES.values()}
    for source, target, kinds in _drawn():
        assert target in STATUS
        for kind in kinds:
            assert STATUS[source] in when[kind], f"{kind} from {source}"


def test_every_status_can_be_left_in_the_drawing_but_the_last() -> None:
    assert {source for source, _, _ in _drawn()} == set(Status) - {Status.ARCHIVED}


def test_table_of_clocks_names_every_kind() -> None:
    section = _text("architecture.md").partition("## 5. Clocks")[2].partition("## 6.")[0]
    assert {kind.value for kind in ClockKind} <= set(re.findall(r"`(\w+)`", section))


def test_every_suite_is_described() -> None:
    suites = {folder.name for folder in (PROJECT / "tests").iterdir() if list(folder.glob("test_*.py"))}
    assert suites <= set(re.findall(r"^\| tests/(\w+) \|", _text("testing.md"), re.MULTILINE))


# ── adr ─────────────────────────────────────────────────────────────────────────────────────────

ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))


def test_decisions_have_numbers_of_their_own_and_are_all_in_the_index() -> None:
    """A number may be taken before its page is there, by somebody who works on another branch."""
    index = _text("adr/README.md")
    numbers = [int(page.name[:4]) for page in ADRS]
    assert len(set(numbers)) == len(numbers)
    assert all(f"({page.name})" in index for page in ADRS)


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.stem)
def test_decision_has_every_part_and_one_quotable_sentence(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert parts == ["Context", "Decision", "Consequences", "Alternatives", "References"]
    decision = text.partition("## Decision")[2].partition("##")[0].strip()
    assert decision.startswith("> **")
    assert "Status: accepted" in text or "Status: superseded by" in text
    assert len(text.splitlines()) <= 80


def test_tests_that_prove_the_absence_of_faults_exist() -> None:
    page = _text("testing.md")
    named = set(re.findall(r"`(test_\w+)`", page))
    written = "\n".join(file.read_text(encoding="utf-8") for file in (PROJECT / "tests").rglob("test_*.py"))
    assert len(named) > 20
    assert {name for name in named if f"def {name}(" not in written} == set()
