"""An auditor's books: every rule of domain.md §12 that can be told from the facts, told from the facts alone.

The auditor reads each fact as the ledger would give it back (through JSON), keeps a state of their own from
it, and complains by AssertionError, citing the rule.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from hotline import facts as f
from hotline.case import CaseState, Clock
from hotline.evolve import evolve
from hotline.facts import Fact
from hotline.holding import holdings_at, owner_of
from hotline.identifiers import UserId
from hotline.indicators.counting import counts_of
from hotline.policy import PolicySnapshot
from hotline.vocabulary import (
    CLOSED,
    ClockKind,
    Counted,
    EvidenceKind,
    Flag,
    Indicator,
    Outcome,
    Role,
    Status,
)

ON_A_REPLY = frozenset({Outcome.SATISFIED, Outcome.UNREACHED, Outcome.SUPERVISED})
BY_DECISION = frozenset({Outcome.UNREASONABLE, Outcome.TERMINATED})
WORK = frozenset({ClockKind.HANDLING, ClockKind.REWORK})
SUPERVISION = frozenset(
    {ClockKind.ORDER, ClockKind.APPEAL, ClockKind.LISTING, ClockKind.JOINT_ACTION, ClockKind.EXCLUSION}
)
"""What supervision asks for goes on whatever the unit's own clocks do."""
AFTER_THE_END = frozenset({ClockKind.ARCHIVE, ClockKind.APPEAL, ClockKind.JOINT_ACTION, ClockKind.EXCLUSION})


class Books:
    """One auditor of one case."""

    def __init__(self) -> None:
        self.state: CaseState | None = None
        self.open_since: datetime | None = None
        self.was_open_for = timedelta(0)
        self.ends = 0
        self.fired: dict[str, list[str]] = defaultdict(list)
        self.started: set[str] = set()
        self.proposer: UserId | None = None
        self.approvers: list[UserId] = []
        self.returned_by: list[str] = []
        self.extended = 0

    def enter(self, batch: Sequence[Fact], policy: PolicySnapshot) -> None:
        """Read what one command led to, then look at the case as it stands."""
        for fact in batch:
            self._read(Fact.model_validate_json(fact.model_dump_json()), policy)
        self._look_at_batch(batch)
        self._look_at_clocks()
        self._look_at_end()

    # ── fact by fact ────────────────────────────────────────────────────────────────────────────

    def _read(self, fact: Fact, policy: PolicySnapshot) -> None:
        before = self.state
        assert fact.seq == (before.version if before else 0) + 1, "rule 25: numbers without gaps"
        self.state = after = evolve(before, fact)
        assert after.version == fact.seq
        if before is None:
            self.open_since = fact.at
            return
        self._read_dispatch(fact, before, policy)
        self._read_reply(fact, before)
        self._read_revisit(fact, before, after)
        self._read_determination(fact)
        self._read_extension(fact, before, policy)
        self._read_end(fact, before, after)
        self._read_clock(fact, before, policy)

    def _read_dispatch(self, fact: Fact, before: CaseState, policy: PolicySnapshot) -> None:
        match fact.body:
            case f.CaseDispatched() | f.CaseJoined():
                units = {fact.body.lead, *(task.unit for task in getattr(fact.body, "assists", ()))}
                assert before.classification.emergency is None, "rule 1: R1 is never dispatched"
                assert units.isdisjoint(before.classification.accused_units), "rule 6"
            case f.CaseReturned():
                assert before.assignment is not None
                assert not before.assignment.final, "rule 12"
                assert fact.at <= before.assignment.return_until, "rule 11: the window"
                self.returned_by.append(fact.body.unit)
                assert self.returned_by.count(fact.body.unit) <= policy.caps.returns_per_unit, "rule 11"
                assert len(self.returned_by) <= policy.caps.returns_per_case, "rule 11"
            case f.CaseReopened():
                self.returned_by.clear()

    def _read_reply(self, fact: Fact, before: CaseState) -> None:
        match fact.body:
            case f.ReplySubmitted(evidence=evidence, citation=citation, explanation=explanation):
                tried = before.contacted or before.contact_attempts >= 3 or not before.has_contact
                assert tried, "rule 17: contact"
                assert any(item.kind is EvidenceKind.HANDLING for item in evidence), "rule 17: handling"
                assert citation or explanation, "rule 17: citation"
                assert fact.body.signer, "rule 17: signer"
                assert before.assignment is not None
                assert not any(task.is_open for task in before.assignment.assists), "rule 13: the join"
            case f.ReplyAccepted() | f.ReplyReturned():
                assert before.reply is not None
                involved = {before.reply.submitted_by, before.reply.signer}
                assert fact.actor.user_id not in involved, "rule 18: who reviews did not reply"

    def _read_revisit(self, fact: Fact, before: CaseState, after: CaseState) -> None:
        match fact.body:
            case f.RevisitAttempted() | f.RevisitRecorded() if fact.actor.role is Role.REVISITOR:
                assert before.reply is not None, "a revisit asks about a reply"
                assert before.reply.accepted_at is not None, "rule 17: it was reviewed first"
                involved = {before.reply.reviewed_by, before.reply.submitted_by, before.reply.signer}
                assert fact.actor.user_id not in involved, "rule 18: who revisits did neither"
        if isinstance(fact.body, f.FlagRaised):
            assert fact.body.flag not in before.flags, "a flag is raised once"
            assert fact.body.flag in after.flags

    def _read_determination(self, fact: Fact) -> None:
        match fact.body:
            case f.DeterminationRequested():
                self.proposer, self.approvers = fact.actor.user_id, []
            case f.DeterminationDecided(approved=True):
                self.approvers.append(fact.actor.user_id)
            case f.CaseClosed(outcome=outcome) if outcome in BY_DECISION:
                assert len(set(self.approvers)) == 2, "rule 20: two levels"
                assert self.proposer not in self.approvers, "rule 20: never the proposer"

    def _read_extension(self, fact: Fact, before: CaseState, policy: PolicySnapshot) -> None:
        match fact.body:
            case f.ExtensionRequested(clock_id=clock_id):
                clock = before.clock(clock_id)
                assert clock is not None, "rule 14: the clock runs"
                assert fact.at <= clock.due_at, "rule 14: before expiry"
            case f.ExtensionDecided(approved=True):
                self.extended += 1
                assert self.extended <= policy.caps.extensions, "rule 14: at most twice"
            case f.CaseReopened():
                self.extended = 0

    def _read_end(self, fact: Fact, before: CaseState, after: CaseState) -> None:
        match fact.body:
            case f.CaseClosed(outcome=outcome):
                self.ends += 1
                assert self.open_since is not None
                self.was_open_for += fact.at - self.open_since
                self.open_since = None
                assert after.replied_to_citizen_at is not None, "rule 3: the citizen was answered"
                if outcome in ON_A_REPLY:
                    assert before.reply is not None, "rule 17: no result without a reply"
                    assert before.reply.accepted_at is not None, "rule 17: no result without review"
            case f.CaseReopened():
                self.ends, self.open_since = 0, fact.at

    def _read_clock(self, fact: Fact, before: CaseState, policy: PolicySnapshot) -> None:
        match fact.body:
            case f.ClockStarted(clock_id=clock_id):
                assert clock_id not in self.started, "rule 15: a clock's id is its own"
                self.started.add(clock_id)
                if fact.body.clock is ClockKind.HANDLING:
                    assert before.assignment is not None
                    assert fact.at == before.assignment.dispatched_at, "rule 10: from dispatch"
            case f.ClockFired(clock_id=clock_id, alarm=alarm):
                assert fact.body.due_at <= fact.at, "never before its instant"
                assert alarm not in self.fired[clock_id], "rule 15: once"
                self.fired[clock_id].append(alarm)
                ladder = [rung.code for rung in policy.ladder(fact.body.clock)]
                if ladder:
                    places = [ladder.index(code) for code in self.fired[clock_id]]  # type: ignore[arg-type]  # codes are strings
                    assert places == sorted(places), "rule 16: in the ladder's order"

    # ── command by command ──────────────────────────────────────────────────────────────────────

    def _look_at_batch(self, batch: Sequence[Fact]) -> None:
        bodies = [fact.body for fact in batch]
        if any(isinstance(body, f.CaseSigned) for body in bodies):
            touched = {body.clock_id for body in bodies if isinstance(body, f.ClockHeld | f.ClockMoved)}
            touched |= {body.clock_id for body in bodies if isinstance(body, f.ClockStopped)}
            assert not any(clock_id.startswith("handling") for clock_id in touched), "rule 10"
        assert self.state is not None
        for body in bodies:
            if isinstance(body, f.RevisitRecorded) and body.contradicts_reply:
                assert Flag.FALSE_CLOSING in self.state.flags, "rule 19"

    def _look_at_clocks(self) -> None:
        assert self.state is not None
        ids = [clock.clock_id for clock in self.state.clocks]
        assert len(ids) == len(set(ids))
        for clock in self.state.clocks:
            instants = [alarm.at for alarm in clock.schedule.alarms]
            assert instants == sorted(instants), "rule 16: rungs stand in order"
            assert any(alarm.is_due and alarm.at == clock.due_at for alarm in clock.schedule.alarms)
            if clock.kind is ClockKind.ASSIST:
                self._look_at_assist(clock)

    def _look_at_assist(self, clock: Clock) -> None:
        assert self.state is not None
        lead = next((lead for lead in self.state.clocks if lead.kind is ClockKind.HANDLING), None)
        if lead is None or lead.started_at != clock.started_at:
            return  # A ruling that keeps the lead's clock may name an assistant late.
        if lead.schedule.policy_revision == clock.schedule.policy_revision:
            assert clock.due_at < lead.due_at, "rule 13: assistants before the lead"

    def _look_at_end(self) -> None:
        assert self.state is not None
        is_closed = self.state.status in CLOSED
        assert self.ends == int(is_closed), "rule 3: one end"
        assert (self.state.possession is None) == is_closed, "a closed case is nobody's"
        if is_closed:
            assert {clock.kind for clock in self.state.clocks} <= AFTER_THE_END
            return
        assert self.state.possession is not None
        assert self.state.possession.holder == owner_of(self.state), "an open case has one owner"
        running = [clock for clock in self.state.clocks if clock.held_at is None]
        assert running, "an open case has a running clock"
        if self.state.status is Status.SUSPENDED:
            kinds = {clock.kind for clock in running} - SUPERVISION
            assert kinds == {ClockKind.PLAN}, "a pause has its plan"
            assert self.state.suspension is not None

    def age_at(self, now: datetime) -> timedelta:
        """How long the case has been open in all."""
        return self.was_open_for + (now - self.open_since if self.open_since else timedelta(0))

    def check_ledger(self, now: datetime) -> None:
        """Every second of the open case belongs to one unit and one cause."""
        assert self.state is not None
        lines = holdings_at(self.state, now)
        assert sum((line.held_for for line in lines), timedelta(0)) == self.age_at(now)
        assert all(line.held_for >= timedelta(0) for line in lines)
        assert len({(line.holder, line.cause) for line in lines}) == len(lines)

    def check_counts(self, facts: list[Fact]) -> None:
        """Whatever happened to a case, it counts, for units that led it, and never in two ways at once."""
        rows = counts_of(facts)
        assert len({row.key for row in rows}) == len(rows)
        for row in rows:
            assert row.counted_at >= facts[0].at
            assert (row.adjusted is row.raw) == (row.excluded_for is None or row.raw is Counted.EXCLUDED)
        dispatches = {row.occasion for row in rows if row.indicator is Indicator.RETURN}
        signed = {row.occasion for row in rows if row.indicator is Indicator.TIMELY_SIGNING}
        assert signed == dispatches, "every dispatch is signed for, or not"
