"""筛查: read the ledger of a case for what the discipline body should look at (domain.md §8.1 B-38, §12 rule 22).

A rule speaks at the fact that first shows what it looks for, once in each round of work, and names that fact
and those that led to it. The same facts under the same rules give the same hits, however often they are read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from hotline.calendar import SHANGHAI
from hotline.case import CaseState, Classification
from hotline.evolve import evolve
from hotline.facts import (
    CaseReclassified,
    CaseRegistered,
    CaseReopened,
    CaseReturned,
    CitizenRated,
    ClockFired,
    ClockStarted,
    ClockStopped,
    Fact,
    FlagRaised,
    ReplyReturned,
    RevisitRecorded,
    ReworkOrdered,
)
from hotline.model import Record
from hotline.obligations import flag_of_breach
from hotline.oversight import ScreeningRule, ScreeningRules
from hotline.vocabulary import AlarmCode, Flag, ScreeningTest

_LADDER: Final = tuple(AlarmCode)

_LOOKED_AT: Final = frozenset(
    {
        CaseRegistered,
        CaseReclassified,
        CaseReturned,
        ReplyReturned,
        RevisitRecorded,
        CitizenRated,
        ReworkOrdered,
        ClockFired,
        ClockStopped,
        FlagRaised,
    }
)
"""The facts at which a rule can speak; a case to which nothing of these happens need not be read again."""


class Hit(Record):
    """What one rule found in one round of a case (筛查命中): which facts show it, and why in words.

    `revision` is that of the policy whose rule it was; `at` is when the fact was decided that showed it.
    """

    rule: str
    label: str
    test: ScreeningTest
    round: str
    revision: str
    at: datetime
    evidence: tuple[int, ...]
    because: tuple[str, ...]


class _Found(NamedTuple):
    """The facts that show something, by number, and what they show in words."""

    evidence: tuple[int, ...]
    words: str


class _Page(NamedTuple):
    """A ledger opened at one fact: the state with it, and everything before it, the fact included."""

    state: CaseState
    fact: Fact
    past: Sequence[Fact]


def screen(facts: Iterable[Fact], rules: ScreeningRules, revision: str) -> tuple[Hit, ...]:
    """Every hit of a ledger, in the order in which the facts show them."""
    hits: dict[tuple[str, str], Hit] = {}
    state: CaseState | None = None
    past: list[Fact] = []
    for fact in facts:
        state = evolve(state, fact)
        past.append(fact)
        if not _is_looked_at(fact):
            continue
        page = _Page(state, fact, past)
        for rule in rules.rules:
            key = rule.code, round_of(state)
            if key not in hits and (found := _found(rule, page)):
                hits[key] = _hit(rule, page, found, revision)
    return tuple(hits.values())


def may_be_hit_by(facts: Iterable[Fact]) -> bool:
    """Whether some new facts are a reason to read a case again."""
    return any(_is_looked_at(fact) for fact in facts)


def _is_looked_at(fact: Fact) -> bool:
    """Most clocks stop in time, and there are many of them."""
    body = fact.body
    return type(body) in _LOOKED_AT and not (isinstance(body, ClockStopped) and not body.late)


def round_of(state: CaseState) -> str:
    """The round of work, told apart from that of another life of the case: 2, or 2.1 after it was reopened once."""
    return f"{state.round}.{state.reopened}" if state.reopened else f"{state.round}"


def _hit(rule: ScreeningRule, page: _Page, found: _Found, revision: str) -> Hit:
    where = _matters(rule, page.state.classification)
    return Hit(
        rule=rule.code,
        label=rule.label,
        test=rule.test,
        round=round_of(page.state),
        revision=revision,
        at=page.fact.at,
        evidence=found.evidence,
        because=(found.words, where) if where else (found.words,),
    )


def _found(rule: ScreeningRule, page: _Page) -> _Found | None:
    if rule.names_matters and _matters(rule, page.state.classification) is None:
        return None
    return _TESTS[rule.test](rule, page)


def _matters(rule: ScreeningRule, what: Classification) -> str | None:
    """How a case is of the matters that a rule names, in words; None if it is not, or the rule names none."""
    words = [word for word in rule.words if word in (what.category or "")]
    named = any((what.category or "").startswith(code) for code in rule.categories)
    misses = (
        (rule.categories or rule.words) and not (named or words),
        rule.areas and what.area not in rule.areas,
        rule.types and what.type not in rule.types,
    )
    if any(misses) or not rule.names_matters:
        return None
    told = [f"事项 {what.category}"] if named or words else []
    told += [f"含“{'”“'.join(words)}”"] if words else []
    told += [f"区域 {what.area}"] if rule.areas else []
    told += [f"类型“{what.type.label}”"] if rule.types else []
    return "属于规则所列范围：" + "，".join(told)


# ── what each test looks for ────────────────────────────────────────────────────────────────────


def _overdue(rule: ScreeningRule, page: _Page) -> _Found | None:
    """A missed limit of the unit's own work, whatever rung announced it, or if none did when the clock stopped."""
    body = page.fact.body
    match body:
        case ClockFired(clock=kind) if flag_of_breach(kind) is Flag.OVERDUE:
            if not _reaches(rule, body):
                return None
            rung = f"，已到“{body.alarm.label}”一级"
        case ClockStopped(clock=kind, late=True) if flag_of_breach(kind) is Flag.OVERDUE and not rule.rung:
            rung = ""
        case _:
            return None
    started = _numbers(page, lambda fact: _starts(fact, body.clock_id))
    due = _due_of(page, body.clock_id) if isinstance(body, ClockFired) else body.due_at
    return _Found((*started, page.fact.seq), f"{kind.label}期限 {_shown(due)} 到期未办结{rung}")


def _reaches(rule: ScreeningRule, body: ClockFired) -> bool:
    """Whether an alarm says that a limit has passed, and says it as loudly as the rule asks."""
    if not body.is_due and _LADDER.index(body.alarm) < _LADDER.index(AlarmCode.DUE):
        return False
    return rule.rung is None or _LADDER.index(body.alarm) >= _LADDER.index(rule.rung)


def _starts(fact: Fact, clock_id: str) -> bool:
    return isinstance(fact.body, ClockStarted) and fact.body.clock_id == clock_id


def _due_of(page: _Page, clock_id: str) -> datetime:
    clock = page.state.clock(clock_id)
    assert clock is not None, "a clock that fires is running"
    return clock.due_at


def _false_closing(_: ScreeningRule, page: _Page) -> _Found | None:
    match page.fact.body:
        case RevisitRecorded(contacted=False):
            return _Found((page.fact.seq,), "回访反映承办单位未联系诉求人")
        case RevisitRecorded(truthful=False):
            return _Found((page.fact.seq,), "回访反映办理结果与实际不符")
        case FlagRaised(flag=Flag.FALSE_CLOSING):
            return _Found((page.fact.seq,), "已标记虚假办结")
        case _:
            return None


def _repeat(rule: ScreeningRule, page: _Page) -> _Found | None:
    match page.fact.body:
        case CaseRegistered(registration=entry) if entry.occurrence >= max(rule.at_least, 2):
            return _Found((page.fact.seq,), f"同一诉求人同类事项第 {entry.occurrence} 次反映")
        case _:
            return None


def _low_rating(rule: ScreeningRule, page: _Page) -> _Found | None:
    match page.fact.body:
        case RevisitRecorded(satisfaction=given) | CitizenRated(satisfaction=given) if given <= rule.at_most:
            return _Found((page.fact.seq,), f"满意度 {given}，不高于 {rule.at_most}")
        case _:
            return None


def _counting(body: type, words: str) -> Callable[[ScreeningRule, _Page], _Found | None]:
    """So many facts of one kind since the case began, or began again."""

    def test(rule: ScreeningRule, page: _Page) -> _Found | None:
        if not isinstance(page.fact.body, body):
            return None
        again = max((fact.seq for fact in page.past if isinstance(fact.body, CaseReopened)), default=0)
        seen = _numbers(page, lambda fact: isinstance(fact.body, body) and fact.seq > again)
        if len(seen) < rule.at_least:
            return None
        return _Found(seen, f"{words} {len(seen)} 次，达到 {rule.at_least} 次")

    return test


def _flagged(rule: ScreeningRule, page: _Page) -> _Found | None:
    match page.fact.body:
        case FlagRaised(flag=flag) if flag is rule.flag:
            return _Found((page.fact.seq,), f"已标记“{flag.label}”")
        case _:
            return None


def _matter(rule: ScreeningRule, page: _Page) -> _Found | None:
    match page.fact.body:
        case CaseRegistered():
            return _Found((page.fact.seq,), "登记事项属于重点事项")
        case CaseReclassified(before=before) if _matters(rule, before) is None:
            return _Found((page.fact.seq,), "重新分类后属于重点事项")
        case _:
            return None


def _numbers(page: _Page, wanted: Callable[[Fact], bool]) -> tuple[int, ...]:
    return tuple(fact.seq for fact in page.past if wanted(fact))


def _shown(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


_TESTS: Final[Mapping[ScreeningTest, Callable[[ScreeningRule, _Page], _Found | None]]] = MappingProxyType(
    {
        ScreeningTest.OVERDUE: _overdue,
        ScreeningTest.FALSE_CLOSING: _false_closing,
        ScreeningTest.REPEAT: _repeat,
        ScreeningTest.LOW_RATING: _low_rating,
        ScreeningTest.RETURNED_OFTEN: _counting(CaseReturned, "退单"),
        ScreeningTest.REPLY_RETURNED_OFTEN: _counting(ReplyReturned, "审核退回"),
        ScreeningTest.REWORKED_OFTEN: _counting(ReworkOrdered, "重办"),
        ScreeningTest.FLAGGED: _flagged,
        ScreeningTest.MATTER: _matter,
    }
)
