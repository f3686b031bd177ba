"""Behaviours of a case worth remembering as histories: each is lived once and replayed by every release."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from fixtures.cases import (
    ADMINISTRATOR,
    DISPATCHER,
    HANDLER,
    OPERATOR,
    REVISITOR,
    SUPERVISOR,
    TEXT,
    UNIT,
    UNIT_HEAD,
    accept,
    contact,
    dispatch,
    envelope,
    join,
    new_number,
    photo,
    registration,
    reply,
    satisfied,
    sign,
)
from fixtures.engine import Engine

from hotline.accountability.reporting import FileReport
from hotline.accountability.vocabulary import FileEvent
from hotline.case import Actor, Classification, Lineage
from hotline.commands import (
    AddFacts,
    AnswerSupervisionOrder,
    AppealRung,
    ArchiveCase,
    CommandEnvelope,
    DecideAppeal,
    DecideExtension,
    DispatchCase,
    IssueSupervisionOrder,
    LiftRecusal,
    ReclassifyCase,
    RecordRevisit,
    Recuse,
    RequestExtension,
    Resume,
    ReturnCase,
    ReviewSupervisionAnswer,
    RevisePolicy,
    RuleOnReturn,
    SuspendWithPlan,
)
from hotline.identifiers import CaseNo, UnitCode, UserId, measure_no
from hotline.policy import default_policy
from hotline.vocabulary import RequestType, Role
from workflows.file_reports import REPORT

OTHER_UNIT: Final = UnitCode("shuiwu")
Scenario = Callable[[Engine, CaseNo], Awaitable[None]]


async def in_hand(city: Engine, number: CaseNo) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch(), sign())


async def answered(city: Engine, number: CaseNo) -> None:
    now = await city.now(number)
    await city.send(number, contact(now), reply(now), accept())


async def life_to_the_archive(city: Engine, number: CaseNo) -> None:
    await in_hand(city, number)
    await city.fast_forward(number, timedelta(hours=2))
    await answered(city, number)
    await city.send(number, satisfied())
    await city.fast_forward(number, timedelta(days=16))


async def overdue_until_special_supervision(city: Engine, number: CaseNo) -> None:
    await in_hand(city, number)
    await city.fast_forward(number, timedelta(days=40))


async def extended_then_suspended_and_resumed(city: Engine, number: CaseNo) -> None:
    await in_hand(city, number)
    await city.send(
        number,
        envelope(HANDLER, RequestExtension(days=3, reason=TEXT)),
        envelope(UNIT_HEAD, DecideExtension(approved=True, reason=TEXT)),
        contact(await city.now(number)),
    )
    next_on = (await city.now(number) + timedelta(days=40)).date()
    await city.send(
        number, envelope(UNIT_HEAD, SuspendWithPlan(plan=TEXT, next_on=next_on, owner=HANDLER.user_id))
    )
    await city.fast_forward(number, timedelta(days=10))
    await city.send(number, envelope(SUPERVISOR, Resume(reason=TEXT)))


async def returned_and_overturned(city: Engine, number: CaseNo) -> None:
    await city.adopt(registration(number))
    await city.send(number, dispatch())
    evidence = (photo(await city.now(number)),)
    await city.send(
        number,
        envelope(HANDLER, ReturnCase(legal_basis=TEXT, evidence=evidence)),
        envelope(DISPATCHER, RuleOnReturn(upheld=False, reason=TEXT)),
    )


async def reworked_after_an_unfavourable_revisit(city: Engine, number: CaseNo) -> None:
    await in_hand(city, number)
    await answered(city, number)
    no = RecordRevisit(contacted=True, solved=False, truthful=True, satisfaction=1)
    await city.send(number, envelope(REVISITOR, no))
    await answered(city, number)
    await city.send(number, satisfied())


async def policy_revised(city: Engine, number: CaseNo) -> None:
    await in_hand(city, number)
    revised = default_policy().model_copy(update={"revision": "default/3"})
    await city.send(number, envelope(ADMINISTRATOR, RevisePolicy(policy=revised)))


async def joined_to_one_that_has_gone(city: Engine, number: CaseNo) -> None:
    await city.adopt(registration(number))
    await city.send(number, join(new_number()))
    await city.fast_forward(number, timedelta(minutes=10))


async def master_of_a_joined_case(city: Engine, number: CaseNo) -> None:
    await in_hand(city, number)
    member = new_number()
    await city.adopt(registration(member))
    await city.send(member, join(number))
    await city.fast_forward(member, timedelta(seconds=5))
    await answered(city, number)
    await city.send(number, satisfied())


async def recused_and_lifted(city: Engine, number: CaseNo) -> None:
    await in_hand(city, number)
    person = HANDLER.user_id
    await city.send(
        number,
        envelope(HANDLER, Recuse(person=person, reason=TEXT)),
        envelope(SUPERVISOR, LiftRecusal(person=person, reason=TEXT)),
        contact(await city.now(number)),
    )


async def taken_from_the_accused(city: Engine, number: CaseNo) -> None:
    """The unit's reply waits for its review when it turns out that the complaint is about it."""
    await in_hand(city, number)
    now = await city.now(number)
    turned = Classification(type=RequestType.COMPLAINT, accused_units=(UNIT,))
    await city.send(
        number,
        contact(now),
        reply(now),
        envelope(DISPATCHER, ReclassifyCase(classification=turned, reason=TEXT)),
        envelope(DISPATCHER, DispatchCase(lead=OTHER_UNIT, lineages=(Lineage(unit=OTHER_UNIT),))),
    )
    await city.fast_forward(number, timedelta(days=2))


async def ordered_and_appealed(city: Engine, number: CaseNo) -> None:
    """An order by hand, answered late, and the red card that followed, reversed on appeal."""
    await in_hand(city, number)
    await city.send(number, envelope(SUPERVISOR, IssueSupervisionOrder(unit=UNIT, demand=TEXT)))
    await city.fast_forward(number, timedelta(days=6))
    order, card = (measure_no(number, mark, 1) for mark in ("DB", "HP"))
    leader = Actor(user_id=UserId("leader-1"), role=Role.LEADER)
    await city.send(
        number,
        envelope(UNIT_HEAD, AnswerSupervisionOrder(number=order, text=TEXT)),
        envelope(SUPERVISOR, ReviewSupervisionAnswer(number=order, accepted=True, opinion=TEXT)),
        envelope(UNIT_HEAD, AppealRung(number=card, grounds=TEXT)),
        envelope(leader, DecideAppeal(number=card, upheld=True, reason=TEXT)),
    )


async def told_of_a_file(city: Engine, number: CaseNo) -> None:
    """What an accountability file reports, once and once again; then the case goes on."""
    await in_hand(city, number)
    for event in (FileEvent.OPENED, FileEvent.OPENED, FileEvent.DECIDED):
        now = await city.now(number)
        report = FileReport(case_no=number, reference="drawn-by-lot", event=event, at=now)
        await city.handle(number).signal(REPORT, report)
    await city.send(number, contact(await city.now(number)))


async def many_commands(city: Engine, number: CaseNo) -> None:
    """Long enough for a new run on a server that suggests one early."""
    await in_hand(city, number)
    await city.send(number, *(envelope(OPERATOR, AddFacts(text=TEXT)) for _ in range(20)))


async def handed_over_to_whoever_asked(city: Engine, number: CaseNo) -> None:
    """Facts that callers get and none of them brings: the case writes them when asked to, with an alarm, and at its end."""
    await city.gateway.adopt(registration(number), city.policy, ledger_seen=0)

    async def hand_over(*asked: CommandEnvelope, seen: int) -> None:
        for one in asked:
            await city.gateway.send(number, one.model_copy(update={"ledger_seen": seen}))

    await hand_over(dispatch(), sign(), seen=0)
    await city.gateway.catch_up(number)
    written = (await city.state(number)).version
    await hand_over(*(envelope(OPERATOR, AddFacts(text=TEXT)) for _ in range(15)), seen=written)
    await city.fast_forward(number, timedelta(days=20))
    now = await city.now(number)
    ends = (contact(now), reply(now), accept(), satisfied(), envelope(ADMINISTRATOR, ArchiveCase()))
    await hand_over(*ends, seen=written)


SCENARIOS: Final[dict[str, Scenario]] = {
    scenario.__name__: scenario
    for scenario in (
        life_to_the_archive,
        overdue_until_special_supervision,
        extended_then_suspended_and_resumed,
        returned_and_overturned,
        reworked_after_an_unfavourable_revisit,
        policy_revised,
        joined_to_one_that_has_gone,
        master_of_a_joined_case,
        recused_and_lifted,
        taken_from_the_accused,
        many_commands,
        ordered_and_appealed,
        told_of_a_file,
        handed_over_to_whoever_asked,
    )
}
